"""Ids of cells as 10x Genomics stores them."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from vitrina.readers.tenx.cell_ids import decode_ids, format_cell_ids


def test_the_ids_of_the_vendors_documentation_are_formed():
    # the example of the page on Zarr outputs: 1437536272 is 0x55af1010
    assert format_cell_ids(np.array([[1437536272, 1], [0, 12]], np.uint32)).tolist() == ["ffkpbaba-1", "aaaaaaaa-12"]


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), min_size=1, max_size=20))
def test_ids_become_the_same_numbers_again(pairs):
    parts = [text.split("-") for text in format_cell_ids(np.array(pairs, dtype=np.uint32))]
    letters = str.maketrans("abcdefghijklmnop", "0123456789abcdef")
    assert [(int(prefix.translate(letters), 16), int(suffix)) for prefix, suffix in parts] == pairs
    assert {len(prefix) for prefix, _ in parts} == {8}


def test_ids_of_single_numbers_stay_numbers():
    assert format_cell_ids(np.array([1, 22], np.uint32)).tolist() == ["1", "22"]


def test_bytes_numbers_and_missing_ids_become_text():
    assert decode_ids(np.array([b"aaaaficg-1", b""])).tolist() == ["aaaaficg-1", ""]
    assert decode_ids(np.array([-1, 7])).tolist() == ["-1", "7"]
    # written by R, which has no whole numbers of 64 bits
    assert decode_ids(np.array([3.0, np.nan])).tolist() == ["3", ""]
    mixed = np.array([b"a", "b", None, pd.NA, float("nan")], dtype=object)
    assert decode_ids(mixed).tolist() == ["a", "b", "", "", ""]
