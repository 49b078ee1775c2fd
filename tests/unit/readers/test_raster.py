"""Raster previews. Expected pixels are NumPy arithmetic on the whole image."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrina.model.content import Axis, Channel, ImageElement, LabelsElement, Level
from vitrina.readers.raster import plan_bands, plan_level, read_raster_preview


def build_levels(*sizes):
    return tuple(
        Level(path=str(i), shape=(1, size, size // 2), chunk_shape=None, scale=(1.0,) * 3, translation=(0.0,) * 3)
        for i, size in enumerate(sizes)
    )


AXES = tuple(Axis(name=name) for name in "cyx")


def build_image(pixels, **changes):
    level = Level(path="0", shape=pixels.shape, chunk_shape=None, scale=(1.0,) * 3, translation=(0.0,) * 3)
    fields = {"name": "i", "path": "", "axes": AXES, "dtype": str(pixels.dtype), "levels": (level,), "channels": ()}
    return ImageElement(**(fields | changes))


@pytest.mark.parametrize(("min_side_px", "level"), [(100, 2), (256, 2), (257, 1), (512, 1), (513, 0), (5000, 0)])
def test_the_coarsest_level_with_enough_pixels_is_taken(min_side_px, level):
    element = LabelsElement(name="l", path="", axes=AXES, dtype="int32", levels=build_levels(1024, 512, 256))
    assert plan_level(element, min_side_px) == level


@given(st.integers(1, 100_000), st.integers(1, 100_000), st.integers(1, 4), st.integers(1, 200))
def test_bands_cover_the_plane_without_its_odd_rows(height, width, n_channels, step):
    bands = plan_bands(height, width, n_channels, step)
    assert bands[0].start == 0
    assert all(before.stop == after.start for before, after in pairwise(bands))
    whole = height if height < step else height - height % step
    assert bands[-1].stop == whole
    assert all((band.stop - band.start) % step == 0 for band in bands[:-1])


def test_a_large_image_is_averaged_in_blocks():
    pixels = np.random.default_rng(0).integers(0, 1000, (2, 130, 90)).astype(np.uint16)
    preview = read_raster_preview(build_image(pixels), lambda _: pixels, 40)
    # 130 // 40 = 3, so blocks of 3 x 3; 129 rows and 90 columns are whole blocks
    expected = pixels[:, :129].reshape(2, 43, 3, 30, 3).mean(axis=(2, 4)).astype(np.uint16)
    np.testing.assert_array_equal(preview.pixels_cyx, expected)
    assert len(preview.windows) == len(preview.colors_rgb) == 2


def test_labels_are_never_averaged():
    pixels = np.arange(100 * 100, dtype=np.int32).reshape(100, 100)
    level = Level(path="0", shape=(100, 100), chunk_shape=None, scale=(1.0, 1.0), translation=(0.0, 0.0))
    element = LabelsElement(name="l", path="", axes=AXES[1:], dtype="int32", levels=(level,))
    preview = read_raster_preview(element, lambda _: pixels, 50)
    assert preview.is_labels
    np.testing.assert_array_equal(preview.pixels_cyx[0], pixels[::2, ::2])


def test_windows_and_colours_of_the_image_are_kept():
    pixels = np.ones((1, 8, 8), np.uint16)
    channel = Channel(name="DAPI", color_rgb=(1, 2, 3), window=(4.0, 5.0))
    preview = read_raster_preview(build_image(pixels, channels=(channel,)), lambda _: pixels, 8)
    assert preview.windows == ((4.0, 5.0),)
    assert preview.colors_rgb == ((1, 2, 3),)


def test_a_colour_image_has_three_channels_and_no_windows():
    pixels = np.full((3, 8, 8), 200, np.uint8)
    preview = read_raster_preview(build_image(pixels, is_rgb=True), lambda _: pixels, 8)
    assert preview.is_rgb
    assert preview.pixels_cyx.shape == (3, 8, 8)
    assert preview.windows == preview.colors_rgb == ()


def test_only_the_first_channels_of_many_are_drawn():
    pixels = np.ones((40, 8, 8), np.uint16)
    preview = read_raster_preview(build_image(pixels), lambda _: pixels, 8)
    assert preview.pixels_cyx.shape == (4, 8, 8)


def test_an_image_without_pixels_has_no_preview():
    pixels = np.ones((1, 0, 8), np.uint8)
    assert read_raster_preview(build_image(pixels), lambda _: pixels, 8) is None
