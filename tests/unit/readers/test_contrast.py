"""Contrast windows. NumPy's percentile is the second implementation; the rest is hand arithmetic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.model.content import Axis
from vitrina.readers.contrast import (
    GRID,
    MAX_WHOLE_PIXELS,
    TILE,
    choose_window,
    measure_windows,
    plan_sample,
    read_sample,
)
from vitrina.readers.plane import PlaneReader

SIZES = st.integers(1, 200_000)


@given(SIZES, SIZES, st.integers(1, 100))
def test_a_sample_lies_inside_the_plane_and_is_bounded(height, width, n_channels):
    windows = plan_sample(height, width, n_channels)
    n_pixels = 0
    for rows, columns in windows:
        assert 0 <= rows.start < rows.stop <= height
        assert 0 <= columns.start < columns.stop <= width
        n_pixels += (rows.stop - rows.start) * (columns.stop - columns.start)
    assert n_pixels * n_channels <= max(MAX_WHOLE_PIXELS, GRID * GRID * TILE * TILE * n_channels)


def test_windows_are_percentiles_per_channel():
    sample = np.stack([np.arange(1000), np.arange(1000) * 10]).astype(np.uint16)
    assert measure_windows(sample) == [
        (pytest.approx(9.99), pytest.approx(997.002)),
        (pytest.approx(99.9), pytest.approx(9970.02)),
    ]


def test_a_few_bright_spots_on_nothing_are_shown():
    spots = np.zeros(100_000, np.uint16)
    spots[:5] = 700
    assert measure_windows(spots[np.newaxis]) == [(0.0, 700.0)]


def test_a_constant_channel_gets_a_window_with_a_width():
    assert measure_windows(np.full((1, 50), 7, np.uint8)) == [(7.0, 8.0)]


def test_values_that_are_not_finite_do_not_count():
    assert measure_windows(np.array([[np.nan, np.inf, 1.0, 3.0]])) == [(pytest.approx(1.02), pytest.approx(2.996))]
    assert measure_windows(np.array([[np.nan, np.inf]])) == [None]


@pytest.mark.parametrize(
    ("declared", "measured", "dtype", "chosen"),
    [
        ((100.0, 900.0), (90.0, 1000.0), "uint16", (100.0, 900.0)),
        ((0.0, 65535.0), (90.0, 1000.0), "uint16", (90.0, 1000.0)),  # the whole range is no choice
        ((2000.0, 9000.0), (90.0, 1000.0), "uint16", (90.0, 1000.0)),  # shows nothing
        ((5.0, 5.0), (90.0, 1000.0), "uint16", (90.0, 1000.0)),
        (None, (90.0, 1000.0), "uint16", (90.0, 1000.0)),
        ((0.0, 1.0), (0.1, 0.5), "float32", (0.0, 1.0)),
        ((100.0, 900.0), None, "uint16", (100.0, 900.0)),
        (None, None, "uint16", None),
    ],
)
def test_the_source_s_window_counts_where_it_shows_something(declared, measured, dtype, chosen):
    assert choose_window(declared, measured, dtype) == chosen


def test_the_sample_is_the_middle_plane_of_the_first_time_point():
    axes = tuple(Axis(name=name) for name in "tzcyx")
    pixels = np.arange(2 * 5 * 3 * 4 * 6).reshape(2, 5, 3, 4, 6)
    sample = read_sample(PlaneReader(array=pixels, shape=pixels.shape, axes=axes))
    np.testing.assert_array_equal(sample, pixels[0, 2].reshape(3, -1))


@pytest.mark.parametrize("order", ["yxc", "cyx", "ycx", "xyc"])
def test_a_plane_is_channel_row_column_whatever_the_storage_order(order):
    pixels = np.arange(24).reshape(2, 3, 4)  # c y x
    stored = pixels.transpose(["cyx".index(name) for name in order])
    axes = tuple(Axis(name=name) for name in order)
    plane = PlaneReader(array=stored, shape=stored.shape, axes=axes)
    assert plane.shape_yx == (3, 4)
    np.testing.assert_array_equal(plane.read(slice(1, 3), slice(0, 2), 1), pixels[:1, 1:3, 0:2])


@given(
    st.sampled_from(["bool", "uint8", "int8", "uint16", "int16"]),
    st.integers(0, 2**32 - 1),
    st.integers(1, 3000),
    st.floats(0.5, 4.0),
)
def test_small_integers_have_the_windows_of_numpy_s_percentile_to_the_last_bit(dtype, seed, n_pixels, narrowing):
    rng = np.random.default_rng(seed)
    limits = (0, 1) if dtype == "bool" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    spread = max(1, int((limits[1] - limits[0]) / 10**narrowing))
    start = int(rng.integers(limits[0], limits[1] - spread, endpoint=True))
    pixels = rng.integers(start, start + spread, n_pixels, endpoint=True).astype(dtype)
    values = pixels.astype(np.float64)
    low, high = (float(value) for value in np.percentile(values, [1, 99.8]))
    if low >= high:
        low, high = float(values.min()), float(values.max())
    assert measure_windows(pixels[np.newaxis]) == [(low, high if low < high else low + 1.0)]
