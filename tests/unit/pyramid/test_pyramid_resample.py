"""Filters that look beyond the pixels that become one, against Pillow's and SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyramids import CountingSource, make_pixels
from scipy.ndimage import correlate1d

from vitrina.pyramid.plan import LevelPlan, divide_up
from vitrina.pyramid.resample import ResampledLevel, build_weights

FILTERS = ("gaussian", "linear", "cubic", "lanczos")
PILLOW = {
    "linear": Image.Resampling.BILINEAR,
    "cubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
GAUSSIAN = np.exp(-(np.array([-1.5, -0.5, 0.5, 1.5]) ** 2) / (2 * (2 / 3) ** 2))
"""Four pixels about the middle; a standard deviation of 2 * 2 / 6 pixels."""


def open_level(pixels, kind, factor=(1, 2, 2)):
    shape = (*pixels.shape[:2], *divide_up(pixels.shape[2:], factor))
    return ResampledLevel(CountingSource(pixels), LevelPlan(shape_tczyx=shape, factor_zyx=factor), kind)


def read(level, window=None):
    """A window of the first channel, by its first pixel and its size; the whole of it unless given."""
    start, size = window or ((0, 0, 0), level.shape_tczyx[2:])
    out = np.zeros((1, *size), level.dtype)
    level.read_into((0, 0, *start), out)
    return out[0]


def resample_by_pillow(plane, kind):
    height, width = plane.shape
    image = Image.fromarray(plane.astype(np.float32))
    return np.asarray(image.resize((-(-width // 2), -(-height // 2)), PILLOW[kind]))


def shrink_by_scipy(values, axis, weights):
    """Every second of the correlations about the middle between two pixels, with what is there."""
    there = np.ones(values.shape[axis])
    shape = [1] * values.ndim
    shape[axis] = -1
    sums = correlate1d(values, weights, axis, mode="constant", origin=-1)
    share = correlate1d(there, weights, mode="constant", origin=-1).reshape(shape)
    return np.take(sums / share, range(0, values.shape[axis], 2), axis)


def define(pixels_zyx, kind, factor):
    """What the filter is, in float64."""
    weights = GAUSSIAN if kind == "gaussian" else build_weights(kind)
    values = pixels_zyx.astype(np.float64)
    for axis, by in enumerate(factor):
        if by == 2:
            values = shrink_by_scipy(values, axis, weights)
    return values


EVEN = st.integers(1, 20).map(lambda half: 2 * half)


@settings(max_examples=60)
@given(height=EVEN, width=EVEN, kind=st.sampled_from(list(PILLOW)), seed=st.integers(0, 99))
def test_floats_come_out_as_by_pillow(height, width, kind, seed):
    plane = np.random.default_rng(seed).normal(100, 50, (height, width)).astype(np.float32)
    found = read(open_level(plane[None, None, None], kind))[0]
    np.testing.assert_allclose(found, resample_by_pillow(plane, kind), rtol=1e-5, atol=1e-3)


@settings(max_examples=60)
@given(height=st.integers(1, 20), width=EVEN, kind=st.sampled_from(list(PILLOW)))
def test_planes_of_one_row_are_shrunk_along_it_alone(height, width, kind):
    plane = np.random.default_rng(0).normal(0, 1, (height, width))
    found = read(open_level(plane[None, None, None], kind, (1, 1, 2)))[0]
    expected = [resample_by_pillow(np.stack([row, row]), kind)[0] for row in plane]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@settings(max_examples=60)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 20), st.integers(1, 20)),
    kind=st.sampled_from(FILTERS),
    factor=st.sampled_from([(1, 2, 2), (2, 2, 2), (1, 2, 1), (2, 1, 1)]),
)
def test_depth_and_odd_sizes_come_out_as_by_scipy(shape, kind, factor):
    pixels = np.random.default_rng(0).normal(0, 10, (1, 1, *shape))
    found = read(open_level(pixels, kind, factor))
    np.testing.assert_allclose(found, define(pixels[0, 0], kind, factor), rtol=1e-9, atol=1e-9)


def test_weights_by_hand():
    """Triangle of half width 2: distances 0.5 and 1.5 weigh 3 to 1; the gaussian ones by exp(-9/32) and exp(-81/32)."""
    np.testing.assert_allclose(build_weights("linear"), [1 / 8, 3 / 8, 3 / 8, 1 / 8])
    np.testing.assert_allclose(build_weights("gaussian"), GAUSSIAN / GAUSSIAN.sum())
    np.testing.assert_allclose(GAUSSIAN[1:3], np.exp(-9 / 32))
    np.testing.assert_allclose(GAUSSIAN[0], np.exp(-81 / 32))
    assert [len(build_weights(kind)) for kind in FILTERS] == [4, 4, 8, 12]


@pytest.mark.parametrize("kind", FILTERS)
@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint32", "int64", "uint64", "float16"])
def test_other_types_are_rounded_and_cut_to_their_range(kind, dtype):
    """The definition in float64, rounded; where it lies within 0.01 of a half, either neighbour is right."""
    pixels = make_pixels((1, 1, 2, 31, 24), dtype)
    if pixels.dtype.itemsize == 8:
        pixels //= 2**32  # float64 then holds fractions too
    found = read(open_level(pixels, kind))
    exact = define(pixels[0, 0], kind, (1, 2, 2))
    if dtype == "float16":
        np.testing.assert_allclose(found, exact, rtol=2e-3, atol=1e-2)
        return
    low, high = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    expected = np.clip(np.floor(exact + 0.5), low, high)
    error = np.abs(found.astype(np.float64) - expected)
    is_near_half = np.abs(exact - np.floor(exact) - 0.5) < 0.01
    assert (error[~is_near_half] == 0).all()
    assert (error <= 1).all()


@pytest.mark.parametrize("dtype", ["uint8", "int32", "uint64", "int64"])
def test_overshoot_is_cut_at_both_ends(dtype):
    """Lanczos rings at an edge between the smallest and the largest value; wrapped around, black would turn white."""
    info = np.iinfo(dtype)
    row = np.full(64, info.min, dtype)
    row[31:] = info.max
    pixels = np.broadcast_to(row, (1, 1, 1, 2, 64))
    found = read(open_level(pixels, "lanczos"))[0, 0]
    exact = define(pixels[0, 0], "lanczos", (1, 2, 2))[0, 0]
    is_below, is_above = exact < float(info.min) - 1e-3, exact > float(info.max) + 1e-3
    assert is_below.any()
    assert is_above.any()
    assert (found[is_below] == info.min).all()
    assert (info.max - found[is_above] <= (0 if info.bits < 64 else 2**11)).all()  # floats end there in steps of 2**11
    between = ~is_below & ~is_above
    step = 0.51 + 1e-12 * 2.0**info.bits
    np.testing.assert_allclose(found[between].astype(float), exact[between], rtol=0, atol=step)


@settings(max_examples=30)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 30), st.integers(1, 30)),
    value=st.integers(0, 255),
    kind=st.sampled_from(FILTERS),
)
def test_an_even_image_stays_as_it_is_up_to_its_edge(shape, value, kind):
    pixels = np.full((1, 1, *shape), value, np.uint8)
    assert (read(open_level(pixels, kind, (2, 2, 2))) == value).all()


@settings(max_examples=60)
@given(data=st.data(), kind=st.sampled_from(FILTERS), factor=st.sampled_from([(1, 2, 2), (2, 2, 2), (1, 1, 2)]))
def test_windows_equal_the_whole(data, kind, factor):
    shape = data.draw(st.tuples(st.integers(1, 7), st.integers(1, 40), st.integers(1, 40)))
    dtype = data.draw(st.sampled_from(["uint8", "float32"]))
    level = open_level(make_pixels((1, 1, *shape), dtype), kind, factor)
    whole = read(level)
    start = tuple(data.draw(st.integers(0, n - 1)) for n in whole.shape)
    size = tuple(data.draw(st.integers(1, n - at)) for n, at in zip(whole.shape, start, strict=True))
    window = tuple(slice(at, at + n) for at, n in zip(start, size, strict=True))
    np.testing.assert_array_equal(read(level, (start, size)), whole[window])


def test_joint_channels_do_not_mix_and_the_source_is_closed():
    pixels = make_pixels((2, 4, 1, 20, 20), "uint8")
    source = CountingSource(pixels, n_joint_channels=2)
    level = ResampledLevel(source, LevelPlan(shape_tczyx=(2, 4, 1, 10, 10), factor_zyx=(1, 2, 2)), "cubic")
    assert (level.n_joint_channels, level.dtype) == (2, np.uint8)
    out = np.zeros((2, 1, 10, 10), np.uint8)
    level.read_into((1, 2, 0, 0, 0), out)
    for channel in (2, 3):
        alone = open_level(pixels[1:, channel : channel + 1], "cubic")
        np.testing.assert_array_equal(out[channel - 2], read(alone))
    level.close()
    assert source.n_closed == 1
