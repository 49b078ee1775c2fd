"""Types that hold values unchanged; limits are those of NumPy's integers."""

import numpy as np
import pytest
from pyramids import CountingSource

from vitrina.checks.fix.pixels import name_level
from vitrina.checks.fix.values import ValueRange, choose_integer, measure_values


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 255, "uint8"),
        (0, 256, "uint16"),
        (0, 65536, "uint32"),
        (0, 2**32, "uint64"),
        (-1, 127, "int8"),
        (-1, 128, "int16"),
        (0, 2**64, None),
    ],
)
def test_the_smallest_type_that_holds_all_is_chosen(low, high, expected):
    assert choose_integer(ValueRange(low=low, high=high, is_whole=True)) == expected


@pytest.mark.parametrize("odd", [0.5, np.nan, np.inf])
def test_what_is_no_whole_number_has_no_integer_type(odd):
    pixels = np.zeros((1, 2, 1, 4, 4))
    assert choose_integer(measure_values([CountingSource(pixels, chunk_zyx=(1, 3, 3))])) == "uint8"
    pixels[0, 1, 0, 3, 3] = odd
    assert choose_integer(measure_values([CountingSource(pixels, chunk_zyx=(1, 3, 3))])) is None


def test_all_levels_are_looked_at_once():
    sources = [CountingSource(np.full((2, 2, 3, 5, 7), value, "int64"), chunk_zyx=(2, 2, 4)) for value in (3, -400)]
    assert measure_values(sources) == ValueRange(low=-400, high=3, is_whole=True)
    assert all((source.count_reads() == 1).all() for source in sources)


@pytest.mark.parametrize(
    ("finest", "group", "expected"),
    [
        ("0", "", "2"),
        ("labels/cells/s0", "labels/cells", "labels/cells/s2"),
        ("scale0/image", "", "scale2/image"),
        ("image", "", "2"),
        ("10", "", "2"),
    ],
)
def test_a_level_is_named_like_the_finest(finest, group, expected):
    assert name_level(finest, 2, taken=[finest], group=group) == expected
