"""Expected pixels come from Pillow's bilinear ``resize``, of which each scale is an independent implementation."""

from __future__ import annotations

import numpy as np
import pytest
from cohorts import Raster
from PIL import Image

from vitrina.ml.layer import Layer, Resampling
from vitrina.ml.resampled import ResampledPixels


def read_all(source):
    out = np.empty((source.shape_tczyx[1], 1, *source.shape_tczyx[3:]), source.dtype)
    source.read_into((0, 0, 0, 0, 0), out)
    return out[:, 0]


@pytest.mark.parametrize("side", [400, 250, 200, 333, 800, 1000])
def test_pixels_equal_those_of_pillow(side):
    image = np.random.default_rng(0).integers(0, 255, (1, 400, 400)).astype(np.uint8)
    source = ResampledPixels(Raster(image, (1, 128, 128)).open(), (400 / side, 400 / side))
    expected = np.asarray(Image.fromarray(image[0]).resize((side, side), Image.Resampling.BILINEAR))
    found = read_all(source)[0]
    assert found.shape == expected.shape
    # Pillow rounds after each axis and keeps weights in 8 to 22 bits
    assert np.abs(found.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("method", ["linear", "nearest"])
def test_a_window_has_the_pixels_of_the_whole(method):
    image = np.random.default_rng(1).integers(0, 60000, (2, 300, 260)).astype(np.uint16)
    layer = Layer(Raster(image, (1, 64, 64)), resampling=Resampling(step_yx=(1.28, 0.8), method=method))
    whole = np.empty((2, *layer.shape_yx), np.uint16)
    layer.read(0, 0, whole)
    part = np.empty((2, 57, 91), np.uint16)
    layer.read(101, 33, part)
    np.testing.assert_array_equal(part, whole[:, 101:158, 33:124])


def test_nearest_takes_the_pixel_under_the_middle_and_nothing_outside():
    labels = np.arange(12, dtype=np.uint32).reshape(3, 4) + 1
    source = ResampledPixels(
        Raster(labels, (3, 4), "yx").open(), (0.5, 0.5), origin_yx=(-1, 0), shape_yx=(8, 8), method="nearest"
    )
    expected = np.zeros((8, 8), np.uint32)
    expected[2:8] = np.kron(labels, np.ones((2, 2)))  # by hand: each pixel becomes 2 x 2, one pixel further down
    np.testing.assert_array_equal(read_all(source)[0], expected)


def test_chosen_channels_of_interleaved_pixels_come_in_the_order_asked_for():
    image = np.random.default_rng(2).integers(0, 255, (3, 70, 50)).astype(np.uint8)
    for joint in (1, 3):
        layer = Layer(Raster(image, (joint, 32, 32)), channels=(2, 0))
        out = np.empty((2, 20, 30), np.uint8)
        layer.read(5, 9, out)
        np.testing.assert_array_equal(out, image[[2, 0], 5:25, 9:39])


def test_a_plane_of_a_stack_is_chosen():
    image = np.random.default_rng(3).integers(0, 255, (2, 4, 40, 50)).astype(np.uint8)
    layer = Layer(Raster(image, (1, 2, 32, 32), "czyx"), z=3)
    out = np.empty((2, 40, 50), np.uint8)
    layer.read(0, 0, out)
    np.testing.assert_array_equal(out, image[:, 3])
