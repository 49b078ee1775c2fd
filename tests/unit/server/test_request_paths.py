from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import UID

from vitrina.errors import InputError, NotFoundError, VitrinaError
from vitrina.server.paths import parse_path


def test_a_path_is_a_uid_and_a_key():
    assert parse_path(f"/data/{UID}/lung.zarr/0/0.0".encode()) == (UID, "lung.zarr/0/0.0")


def test_a_key_is_decoded_once():
    assert parse_path(f"/data/{UID}/a%20b/%2541".encode()) == (UID, "a b/%41")


def test_a_key_may_have_any_letters():
    assert parse_path(f"/data/{UID}/%C3%A9%E2%82%AC.csv".encode()) == (UID, "é€.csv")


@pytest.mark.parametrize(
    "key",
    [
        "..",
        "a/../b",
        "a/..",
        "./a",
        "a//b",
        "/etc/passwd",
        "%2e%2e/a",
        "%2E%2E",
        "a/%2e%2e/%2e%2e/b",
        "..%2f..%2fetc",
        "a%2Fb",
        "%2Fetc%2Fpasswd",
        "a%5Cb",
        "a\\..\\b",
        "a%00b",
        "a%0Ab",
        "a%ffb",
        "x" * 5000,
    ],
)
def test_a_path_that_is_no_key_is_refused(key):
    with pytest.raises(InputError) as caught:
        parse_path(f"/data/{UID}/{key}".encode())
    assert caught.value.code == "key-malformed"


@pytest.mark.parametrize(
    "path", [f"/data/{UID}", f"/data/{UID}/", f"/data/{UID}/lung.zarr/", "/data/", "/data/short/a"]
)
def test_folders_and_partial_uids_are_not_found(path):
    with pytest.raises(NotFoundError):
        parse_path(path.encode())


@given(st.binary(max_size=60))
def test_whatever_is_sent_the_key_stays_below_the_artifact(tail):
    try:
        _, key = parse_path(b"/data/" + UID.encode() + b"/" + tail)
    except VitrinaError:
        return
    assert posixpath.normpath(f"/root/{key}") == f"/root/{key}"
    assert "\0" not in key
