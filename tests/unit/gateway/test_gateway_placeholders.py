"""Configurations without addresses: what goes in comes out again, with another server's address."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import InputError
from vitrina.gateway.vitessce.placeholders import MAX_BYTES, pack_config, unpack_config

UID = "AbCdEfGh012345670001"
OTHER = "ZyXwVuTs987654320001"
HERE = "http://127.0.0.1:8765"


def build_config(*files, **changes):
    return {"version": "1.0.18", "name": "lung", "datasets": [{"uid": "A", "files": list(files)}], **changes}


def build_file(url, **changes):
    return {"fileType": "anndata.zarr", "url": url, **changes}


@pytest.mark.parametrize(
    ("url", "packed"),
    [
        (f"{HERE}/data/{UID}/lung.zarr", f"vitrina://{UID}/data/lung.zarr"),
        (f"https://hub.example.org/data/{UID}/a%20b/c.ome.tif", f"vitrina://{UID}/data/a%20b/c.ome.tif"),
        (f"{HERE}/zarr/{UID}", f"vitrina://{UID}/zarr"),
        (f"{HERE}/zarr3/{UID}/images/he", f"vitrina://{UID}/zarr3/images/he"),
        (f"/zarr/{UID}/", f"vitrina://{UID}/zarr/"),
        (f"{HERE}/t/s3cr3t/data/{UID}/x", f"vitrina://{UID}/data/x"),
        (f"http://ada:pw@127.0.0.1:1/data/{UID}/x?token=s3cr3t#f", f"vitrina://{UID}/data/x"),
        (f"vitrina://{UID}/data/x", f"vitrina://{UID}/data/x"),
    ],
)
def test_addresses_become_uids_and_paths(url, packed):
    done = pack_config(build_config(build_file(url)))
    assert done.config["datasets"][0]["files"][0]["url"] == packed
    assert done.uids == (UID,)
    text = json.dumps(done.config)
    assert not [part for part in ("127.0.0.1", "8765", "s3cr3t", "pw", "example.org") if part in text]


def test_they_come_back_with_the_address_of_another_server():
    config = build_config(build_file(f"{HERE}/data/{UID}/lung.zarr"), build_file(f"{HERE}/zarr/{OTHER}"))
    packed = pack_config(config)
    assert packed.uids == (UID, OTHER)
    there = unpack_config(packed.config, "https://new.example.org")
    urls = [file["url"] for file in there["datasets"][0]["files"]]
    assert urls == [f"https://new.example.org/data/{UID}/lung.zarr", f"https://new.example.org/zarr/{OTHER}"]
    assert unpack_config(packed.config, HERE) == config


def test_addresses_in_options_and_elsewhere_are_found():
    options = {"offsetsUrl": f"{HERE}/data/{OTHER}/o.json", "images": [{"url": f"{HERE}/data/{UID}/i.tif"}]}
    packed = pack_config(build_config({"fileType": "image", "options": options}, note=f"{HERE}/zarr/{UID}"))
    assert packed.uids == (OTHER, UID)
    assert HERE not in json.dumps(packed.config)


def test_headers_of_requests_are_left_out():
    file = build_file(f"{HERE}/data/{UID}/x", requestInit={"headers": {"Authorization": "Bearer s3cr3t"}})
    assert "s3cr3t" not in json.dumps(pack_config(build_config(file)).config)


def test_an_h5ad_with_a_reference_is_read_through_the_gateway():
    options = {"refSpecUrl": f"{HERE}/data/{OTHER}/ref.json", "obsEmbedding": [{"path": "obsm/X_umap"}]}
    file = {"fileType": "anndata.h5ad", "url": f"{HERE}/zarr/{UID}", "options": options}
    (packed,) = pack_config(build_config(file)).config["datasets"][0]["files"]
    assert packed == {
        "fileType": "anndata.zarr",
        "url": f"vitrina://{UID}/zarr",
        "options": {"obsEmbedding": [{"path": "obsm/X_umap"}]},
    }


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/lung.zarr",
        "http://localhost:8000/A/0/abc.adata.zarr",
        "//elsewhere.example.org/x",
        "s3://bucket/x",
        "data:application/json,{}",
        "A/0/abc.adata.zarr",
        f"{HERE}/other/{UID}/x",
        f"{HERE}/data/short/x",
        "http://[broken",
    ],
)
def test_data_that_is_no_artifact_is_refused(url):
    with pytest.raises(InputError) as raised:
        pack_config(build_config(build_file(url)))
    assert raised.value.code == "view-data-elsewhere"


@pytest.mark.parametrize("path", ["../../api/v1/me", "a/%2e%2e/b", "a/./b"])
def test_a_path_that_leaves_its_artifact_is_refused(path):
    with pytest.raises(InputError):
        pack_config(build_config(build_file(f"{HERE}/data/{UID}/{path}")))


@pytest.mark.parametrize(
    "config",
    [
        None,
        [],
        {},
        {"datasets": {}},
        {"datasets": [1]},
        {"datasets": [{"files": 1}]},
        {"datasets": [{"files": [1]}]},
        {"datasets": [], "x": float("nan")},
        {"datasets": [], "x": object()},
        {"datasets": [], "x": "\0"},
        {"datasets": [], "x": "x" * MAX_BYTES},
    ],
)
def test_what_is_no_configuration_is_refused(config):
    with pytest.raises(InputError) as raised:
        pack_config(config)
    assert raised.value.code == "view-malformed"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(values)
def test_everything_else_stays_as_it_is(value):
    config = build_config(coordinationSpace={"x": value})
    text = json.dumps(value)
    if "requestInit" not in text and "/data/" not in text and "vitrina://" not in text and "\\u0000" not in text:
        assert unpack_config(pack_config(config).config, HERE) == config
