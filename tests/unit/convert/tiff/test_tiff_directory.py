"""Directories as bytes; expected layouts by hand from TIFF 6.0, section 2, and the BigTIFF page."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.convert.tiff.directory import (
    FieldType,
    Layout,
    build_directory,
    build_field,
    measure_directory,
)
from vitrina.convert.tiff.pages import build_resolution
from vitrina.convert.tiff.units import find_length_um, find_time_symbol, get_length_symbol

CLASSIC, BIG = Layout(is_big=False), Layout(is_big=True)
FIELDS = [
    build_field(305, FieldType.ASCII, b"Vitrina"),
    build_field(256, FieldType.LONG, [70_000]),
    build_field(258, FieldType.SHORT, [8, 8, 8]),
]


def test_the_head_says_which_tiff_it_is():
    assert CLASSIC.build_header(0x1234) == b"II*\0\x34\x12\0\0" + bytes(8)
    assert BIG.build_header(0x1234) == b"II+\0\x08\0\0\0\x34\x12\0\0\0\0\0\0"


def test_a_classic_directory_has_12_bytes_per_field_and_values_behind():
    data = build_directory(FIELDS, 1000, 5000, CLASSIC)
    assert data[:48] == struct.pack(
        "<H HHII HHII HHII I 6x", 3, 256, 4, 1, 70_000, 258, 3, 3, 1048, 305, 2, 8, 1056, 5000
    )
    assert data[48:] == struct.pack("<3H2x8s", 8, 8, 8, b"Vitrina\0")


def test_a_big_directory_has_20_bytes_per_field_and_keeps_8_in_it():
    data = build_directory(FIELDS, 1000, 0, BIG)
    assert data == struct.pack(
        "<Q HHQQ HHQ3H2x HHQ8s Q 4x", 3, 256, 4, 1, 70_000, 258, 3, 3, 8, 8, 8, 305, 2, 8, b"Vitrina\0", 0
    )


@given(sizes=st.lists(st.integers(1, 40), max_size=5), is_big=st.booleans(), type_=st.sampled_from([*FieldType][1:]))
def test_a_directory_takes_what_was_measured(sizes, is_big, type_):
    layout = Layout(is_big=is_big)
    fields = [build_field(300 + i, type_, [1] * 2 * size) for i, size in enumerate(sizes)]
    length = measure_directory(fields, layout)
    assert length == len(build_directory(fields, 64, 0, layout))
    assert length % 8 == 0


def test_rationals_count_as_pairs():
    field = build_field(282, FieldType.RATIONAL, (20_000, 1))
    assert (field.count, field.data) == (1, struct.pack("<2I", 20_000, 1))


def test_offsets_behind_4_gib_are_kept():
    field = build_field(324, FieldType.LONG8, np.array([2**40], np.uint64))
    assert struct.unpack("<Q", field.data) == (2**40,)


@given(st.floats(1e-6, 1e9))
def test_resolutions_are_precise_and_fit_32_bits(size_um):
    ratio = build_resolution(size_um)
    if ratio is not None:
        assert 0 < max(ratio) < 2**32
        expected = 1e4 / size_um
        assert ratio[0] / ratio[1] == pytest.approx(expected, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("size_um", [None, 0.0, -1.0, float("inf"), float("nan"), 1e-7, 1e30])
def test_sizes_without_a_resolution(size_um):
    assert build_resolution(size_um) is None


def test_units_have_ome_symbols_and_lengths():
    assert get_length_symbol("micrometer") == "µm"
    assert get_length_symbol("decameter") == "dam"
    assert get_length_symbol("pixel") == get_length_symbol(None) == "reference frame"
    assert find_length_um("nanometer") == pytest.approx(1e-3)
    assert find_length_um("inch") == 25_400
    assert find_length_um(None) is None
    assert (find_time_symbol("millisecond"), find_time_symbol("hour"), find_time_symbol(None)) == ("ms", "h", None)
