"""Which dimension is what. Expected roles come from the rules in the docstrings; windows from NumPy's own indexing."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.errors import UnsupportedError
from vitrina.model.content import Axis
from vitrina.readers.pixels.axes import plan_axes, plan_joint_channels


def plan(letters, shape):
    return plan_axes([Axis(name=letter) for letter in letters], shape, "image.tif")


@pytest.mark.parametrize(
    ("letters", "shape", "expected"),
    [
        ("yx", (4, 5), (1, 1, 1, 4, 5)),
        ("xy", (5, 4), (1, 1, 1, 4, 5)),
        ("tzcyx", (2, 3, 4, 5, 6), (2, 4, 3, 5, 6)),
        ("TZCYX", (2, 3, 4, 5, 6), (2, 4, 3, 5, 6)),
        ("yxs", (4, 5, 3), (1, 3, 1, 4, 5)),
        ("cyxs", (2, 4, 5, 3), (1, 6, 1, 4, 5)),
        ("qyx", (7, 4, 5), (7, 1, 1, 4, 5)),
        ("tqyx", (2, 7, 4, 5), (2, 1, 7, 4, 5)),
        ("tzqyx", (2, 3, 7, 4, 5), (2, 7, 3, 4, 5)),
        ("qtczyx", (1, 2, 3, 4, 5, 6), (2, 3, 4, 5, 6)),
    ],
)
def test_dimensions_take_their_own_place_or_the_first_that_is_free(letters, shape, expected):
    assert plan(letters, shape).shape_tczyx == expected


def test_a_type_counts_where_the_name_says_nothing():
    axes = [Axis(name="stain", type="channel"), Axis(name="depth", type="space"), Axis(name="y"), Axis(name="x")]
    assert plan_axes(axes, (3, 7, 4, 5), "image.zarr").shape_tczyx == (1, 3, 7, 4, 5)


def test_one_dimension_too_many_is_named_with_its_size():
    with pytest.raises(UnsupportedError) as caught:
        plan("tczqyx", (2, 3, 4, 9, 5, 6))
    assert caught.value.code == "axes-unsupported"
    assert "'q' has no place" in caught.value.message
    assert "t 2, c 3, z 4, q 9, y 5, x 6" in caught.value.message
    assert caught.value.hint


@given(
    letters=st.sampled_from(sorted("".join(order) for n in range(4) for order in permutations("tczyx", 2 + n))).filter(
        lambda letters: {"y", "x"} <= set(letters)
    ),
    data=st.data(),
)
def test_a_window_of_the_array_fills_the_window_of_pixels(letters, data):
    shape = tuple(data.draw(st.integers(1, 4)) for _ in letters)
    array = np.arange(np.prod(shape)).reshape(shape)
    own = plan(letters, shape)
    full = array.transpose([letters.index(letter) for letter in "tczyx" if letter in letters])
    full = full.reshape(own.shape_tczyx)
    start = tuple(data.draw(st.integers(0, size - 1)) for size in own.shape_tczyx)
    size = tuple(data.draw(st.integers(1, whole - at)) for whole, at in zip(own.shape_tczyx, start, strict=True))
    out = np.zeros(size[1:], array.dtype)
    np.copyto(own.view(out), array[own.locate(start, out.shape)])
    t, *rest = (slice(at, at + n) for at, n in zip(start, size, strict=True))
    np.testing.assert_array_equal(out, full[(t.start, *rest)])


def test_the_view_is_the_same_memory():
    out = np.zeros((3, 1, 4, 5))
    view = plan("yxs", (4, 5, 3)).view(out)
    assert view.shape == (4, 5, 3)
    assert np.shares_memory(view, out)


@pytest.mark.parametrize(
    ("together", "n_channels", "expected"),
    [(3, 3, 3), (1, 3, 1), (4, 4, 4), (5, 3, 3), (3, 4, 1), (40, 40, 8), (8, 12, 4), (7, 49, 7), (11, 11, 1)],
)
def test_joint_channels_divide_the_channels_and_are_few(together, n_channels, expected):
    assert plan_joint_channels(together, n_channels) == expected
