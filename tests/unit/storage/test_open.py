from __future__ import annotations

from pathlib import Path

import pytest

from vitrina.errors import InputError, UnsupportedError
from vitrina.storage.open import parse_local_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///data/lab", "/data/lab"),
        ("file://localhost/data/lab", "/data/lab"),
        ("file:///data/a%20b/%C3%BC", "/data/a b/ü"),
        ("/data/lab", "/data/lab"),
        ("lab", "lab"),
    ],
)
def test_a_file_url_or_plain_path_names_a_folder(url, path):
    assert parse_local_url(url) == Path(path)


@pytest.mark.parametrize("name", ["a b", "ü#?%", "x.zarr"])
def test_a_path_survives_the_way_through_its_url(name):
    assert parse_local_url(Path("/data", name).as_uri()) == Path("/data", name)


@pytest.mark.parametrize("url", ["s3://bucket/prefix", "gs://bucket", "https://example.org/x"])
def test_another_scheme_says_what_comes(url):
    with pytest.raises(UnsupportedError, match="S3") as caught:
        parse_local_url(url)
    assert caught.value.code == "storage-unsupported"


@pytest.mark.parametrize("url", ["file://server/share", "file:relative"])
def test_a_file_url_of_another_machine_or_without_a_root_is_refused(url):
    with pytest.raises(InputError):
        parse_local_url(url)
