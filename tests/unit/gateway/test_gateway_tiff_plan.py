"""How a TIFF becomes levels and dimensions. Expected values by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import UnsupportedError
from vitrina.gateway.tiff import Dimension, TiffLevel, plan_dimensions, plan_levels
from vitrina.gateway.tiff_pixels import shrink


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ("YX", "y:Y x:X"),
        ("YXS", "c:S y:Y x:X"),
        ("TZCYX", "t:T c:C z:Z y:Y x:X"),
        ("CYXS", "c:CS y:Y x:X"),
        ("QYX", "t:Q y:Y x:X"),
        ("TQYX", "t:T z:Q y:Y x:X"),
    ],
)
def test_dimensions_stand_in_the_order_of_ngff(axes, expected):
    dimensions = plan_dimensions(axes, (2,) * len(axes))
    assert dimensions == tuple(Dimension(*part.split(":")) for part in expected.split())


def test_an_unknown_dimension_of_size_one_is_dropped():
    assert [d.name for d in plan_dimensions("QTCZYX", (1, 2, 2, 2, 9, 9))] == ["t", "c", "z", "y", "x"]


@pytest.mark.parametrize("axes", ["XY", "YXC", "AQTCZYX"])
def test_dimensions_that_cannot_be_shown_are_refused(axes):
    with pytest.raises(UnsupportedError):
        plan_dimensions(axes, (2,) * len(axes))


def test_a_stored_pyramid_is_served_as_it_is():
    assert plan_levels("CYX", [(3, 2048, 2048), (3, 1024, 1024)]) == (TiffLevel(0, 1), TiffLevel(1, 1))


def test_a_large_flat_image_is_halved_down_to_a_thousand_pixels():
    assert [level.factor for level in plan_levels("YX", [(5000, 300)])] == [1, 2, 4, 8]
    assert [level.factor for level in plan_levels("YX", [(1024, 1024)])] == [1]


def test_a_huge_flat_image_is_refused():
    with pytest.raises(UnsupportedError):
        plan_levels("YX", [(20_000, 20_000)])


def test_shrinking_takes_means_also_at_odd_edges():
    pixels = np.array([[0, 4, 10], [8, 4, 20], [6, 6, 7]], np.uint8)
    assert shrink(pixels, 2).tolist() == [[4, 15], [6, 7]]
    assert shrink(pixels, 2).dtype == np.uint8


def test_shrinking_labels_takes_a_label_and_never_a_mean():
    assert shrink(np.array([[1, 9], [9, 9]]), 2, is_labels=True).tolist() == [[1]]


@given(st.integers(0, 2**16 - 1), st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 2, 4, 8, 16]))
def test_shrinking_a_flat_image_changes_its_size_alone(value, height, width, factor):
    small = shrink(np.full((height, width), value, np.uint16), factor)
    assert small.shape == (-(-height // factor), -(-width // factor))
    assert (small == value).all()
