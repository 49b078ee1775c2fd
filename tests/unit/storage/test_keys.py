from __future__ import annotations

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import InputError
from vitrina.storage.keys import check_key

PART = st.sampled_from(["..", ".", "", "a", "b.zarr", "\\", "\x00", "\n", "\ud800", "..a", "é", " "]) | st.text(
    max_size=5
)


@pytest.mark.parametrize("key", ["a", "u1/lung.zarr/c/0/0", "..hidden", "a b/ü.tif", ".zattrs"])
def test_ordinary_names_are_keys(key):
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key", ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\\b", "a\nb", "\ud800", "a" * 4097]
)
def test_what_could_leave_the_root_or_has_no_name_is_refused(key):
    with pytest.raises(InputError) as caught:
        check_key(key)
    assert caught.value.code == "key-malformed"


@given(st.lists(PART, max_size=6).map("/".join))
def test_an_accepted_key_always_names_something_below_the_root(key):
    try:
        check_key(key)
    except InputError:
        return
    path = posixpath.normpath(posixpath.join("/root", key))
    assert path == f"/root/{key}"
