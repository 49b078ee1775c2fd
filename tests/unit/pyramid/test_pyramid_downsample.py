"""Pixels that become one, by NumPy and by compiled loops.

Expected values are those of Python's integers and fractions, of ``collections.Counter``, and of ``numpy.pad``.
"""

from collections import Counter
from fractions import Fraction
from itertools import product
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyramids import DTYPES, FLOATS, INTEGERS

from vitrina.pyramid import downsample
from vitrina.pyramid.downsample import repeat_edge, shrink_into, warm_up
from vitrina.pyramid.kernels import find_kernel

FACTORS = [factor for factor in product((1, 2), repeat=3) if factor != (1, 1, 1)]
COMPILED = [
    (method, factor, dtype)
    for method, factor, dtype in product(("mean", "nearest", "mode"), FACTORS, DTYPES)
    if find_kernel(method, factor, np.dtype(dtype)) is not None
]


def shrink(method, block, factor, *, is_compiled=False):
    """The whole of a block, written into the middle of another that must stay as it was around it."""
    size = tuple(n // by for n, by in zip(block.shape[1:], factor, strict=True))
    out = np.full((len(block), size[0] + 2, size[1] + 3, size[2] + 4), 1, block.dtype)
    if is_compiled:
        warm_up(method, factor, block.dtype).join()
        with patch.object(downsample, "compute_mean") as mean, patch.object(downsample, "choose_mode") as mode:
            shrink_into(method, block, factor, out, start_zyx=(1, 1, 2), size_zyx=size)
        mean.assert_not_called()
        mode.assert_not_called()
    else:
        with patch.object(downsample, "find_kernel", return_value=None) as asked:
            shrink_into(method, block, factor, out, start_zyx=(1, 1, 2), size_zyx=size)
        asked.assert_called_once_with(method, factor, block.dtype)
    middle = (slice(None), slice(1, 1 + size[0]), slice(1, 1 + size[1]), slice(2, 2 + size[2]))
    around = np.ones(out.shape, bool)
    around[middle] = False
    assert (out[around] == 1).all()
    return out[middle]


def list_groups(block, factor):
    """For every new pixel: where it lies, and the pixels that it is made of in their order."""
    for c in range(len(block)):
        for z, y, x in product(*(range(n // by) for n, by in zip(block.shape[1:], factor, strict=True))):
            offsets = product(*(range(by) for by in factor))
            yield (
                (c, z, y, x),
                [block[c, z * factor[0] + dz, y * factor[1] + dy, x * factor[2] + dx].item() for dz, dy, dx in offsets],
            )


def elements_of(dtype):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return st.booleans()
    if dtype.kind == "f":
        return st.integers(-2000, 2000).map(lambda n: n / 8)  # sums of eight are exact in 32 bits
    info = np.iinfo(dtype)
    near = [info.min, info.min + 1, info.max - 1, info.max, 0, 1, *([-1] if info.min else [])]
    return st.sampled_from(near) | st.integers(info.min, info.max)


@st.composite
def blocks(draw, dtypes=DTYPES, factors=FACTORS, elements=elements_of):
    factor = draw(st.sampled_from(factors))
    size = draw(st.tuples(st.integers(1, 2), st.integers(1, 2), st.integers(1, 3), st.integers(1, 3)))
    dtype = draw(st.sampled_from(dtypes))
    shape = (size[0], *(n * by for n, by in zip(size[1:], factor, strict=True)))
    return draw(arrays(dtype, shape, elements=elements(dtype))), factor


@settings(max_examples=300)
@given(case=blocks(dtypes=("bool", *INTEGERS)))
def test_the_mean_of_integers_is_exact_and_rounds_halves_up(case):
    block, factor = case
    found = shrink("mean", block, factor)
    assert found.dtype == block.dtype
    for where, group in list_groups(block, factor):
        expected = (Fraction(sum(map(int, group)), len(group)) + Fraction(1, 2)).__floor__()
        assert int(found[where]) == expected


@settings(max_examples=100)
@given(case=blocks(dtypes=FLOATS))
def test_the_mean_of_floats_is_rounded_once_where_the_sum_is_exact(case):
    block, factor = case
    found = shrink("mean", block, factor)
    for where, group in list_groups(block, factor):
        mean = sum(map(Fraction, group)) / len(group)
        assert found[where] == block.dtype.type(float(mean))


def test_float_means_are_not_lost_to_the_range_of_16_bits():
    block = np.full((1, 2, 2, 2), 60000, np.float16)  # eight of them are 480000; the largest float16 is 65504
    assert shrink("mean", block, (2, 2, 2)).item() == 60000


def test_the_mean_with_a_pixel_that_is_no_number_is_none():
    block = np.array([[[[1, np.nan], [2, 3]]]], np.float32)
    assert np.isnan(shrink("mean", block, (1, 2, 2))).all()


@pytest.mark.parametrize(
    ("values", "expected"),
    [([0, 1, 0, 1], 1), ([0, 0, 0, 1], 0), ([-1, 0, -1, 0], 0), ([-1, -1, -1, 0], -1), ([-3, -2, -3, -2], -2)],
)
def test_halves_by_hand(values, expected):
    block = np.array(values, np.int16).reshape(1, 1, 2, 2)
    assert shrink("mean", block, (1, 2, 2)).item() == expected


@settings(max_examples=100)
@given(case=blocks())
def test_nearest_takes_the_first_pixel(case):
    block, factor = case
    found = shrink("nearest", block, factor)
    for where, group in list_groups(block, factor):
        assert found[where] == group[0]


def few_values(dtype):
    return st.sampled_from([0, 1] if dtype == "bool" else [0, 1, 2, 100])


@settings(max_examples=300)
@given(case=blocks(elements=few_values))
def test_mode_takes_the_most_frequent_pixel_and_the_first_of_them_on_a_tie(case):
    block, factor = case
    found = shrink("mode", block, factor)
    for where, group in list_groups(block, factor):
        assert found[where] == Counter(group).most_common(1)[0][0]  # equal counts come in the order of first sight


def test_all_the_common_cases_are_compiled():
    """Integers of up to 32 bits, floats of 32 and 64 bits, and labels of any size."""
    small = [dtype for dtype in INTEGERS if np.dtype(dtype).itemsize <= 4]
    assert set(COMPILED) == {
        *(("mean", factor, dtype) for factor in ((1, 2, 2), (2, 2, 2)) for dtype in small),
        *(("mean", (1, 2, 2), dtype) for dtype in ("float32", "float64")),
        *(("mode", (1, 2, 2), dtype) for dtype in INTEGERS),
    }


@pytest.mark.parametrize(("method", "factor", "dtype"), COMPILED)
def test_compiled_loops_equal_numpy_to_the_last_bit(method, factor, dtype):
    rng, dtype = np.random.default_rng(0), np.dtype(dtype)
    shape = (2, 4, 70, 66)
    if dtype.kind == "f":
        block = (rng.normal(0, 1, shape) * 10.0 ** rng.integers(-20, 20, shape)).astype(dtype)
        block[0, 0, :4, 0] = np.inf, -np.inf, np.nan, -0.0
    elif method == "mode":
        block = rng.integers(0, 4, shape).astype(dtype) * dtype.type(31)
    else:
        info = np.iinfo(dtype)
        block = rng.integers(info.min, info.max, shape, dtype, endpoint=True)
        block[1] = rng.choice(np.array([info.min, info.max, info.max - 1], dtype), shape[1:])
    with np.errstate(invalid="ignore"):  # the sum of both infinities
        by_numpy = shrink(method, block, factor)
    compiled = shrink(method, block, factor, is_compiled=True)
    assert compiled.tobytes() == by_numpy.tobytes()


@pytest.mark.parametrize(("method", "factor", "dtype"), COMPILED)
def test_loops_equal_numpy_before_they_are_compiled(method, factor, dtype):
    block = np.random.default_rng(1).integers(0, 5, (1, 2, 6, 8)).astype(dtype)
    out = np.zeros((1, 2 // factor[0], 3, 4), dtype)
    find_kernel(method, factor, np.dtype(dtype))(block, out, (0, 0, 0), out.shape[1:])
    np.testing.assert_array_equal(out, shrink(method, block, factor))


@given(data=st.data(), factor=st.sampled_from([*FACTORS, (1, 1, 1)]))
def test_the_edge_is_repeated_up_to_a_multiple_of_the_factor(data, factor):
    valid = data.draw(st.tuples(*[st.integers(1, 5)] * 3))
    inside = np.random.default_rng(0).integers(1, 100, (2, *valid))
    block = np.zeros((2, 6, 6, 6), int)
    block[:, : valid[0], : valid[1], : valid[2]] = inside
    repeat_edge(block, valid, factor)
    expected = np.pad(inside, [(0, 0), *((0, -size % by) for size, by in zip(valid, factor, strict=True))], mode="edge")
    _, z, y, x = expected.shape
    np.testing.assert_array_equal(block[:, :z, :y, :x], expected)
