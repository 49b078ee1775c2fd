"""Small pictures. Expected colours by hand."""

import io

import numpy as np
import pytest
from PIL import Image

from vitrina.gateway.thumbnail import draw_thumbnail
from vitrina.readers.reader import RasterPreview, ScatterPreview


def draw(preview, side_px=128):
    image = Image.open(io.BytesIO(draw_thumbnail(preview, side_px)))
    assert image.format == "WEBP"
    return np.asarray(image.convert("RGB")).astype(int)


def make_halves(left, right, dtype="uint16"):
    plane = np.full((64, 128), right, dtype)
    plane[:, :64] = left
    return plane


def test_channels_add_up_in_their_colours_within_their_windows():
    pixels = np.stack([make_halves(100, 300), make_halves(50, 50)])
    preview = RasterPreview(
        pixels_cyx=pixels, colors_rgb=((255, 0, 0), (0, 0, 255)), windows=((100.0, 300.0), (0.0, 100.0))
    )
    picture = draw(preview)
    # left: red at the bottom of its window, blue in the middle of it; right: red at the top
    assert picture[32, 20] == pytest.approx([0, 0, 128], abs=6)
    assert picture[32, 108] == pytest.approx([255, 0, 128], abs=6)


@pytest.mark.parametrize(("shape", "size"), [((100, 400), (128, 32)), ((400, 100), (32, 128)), ((4, 4), (32, 32))])
def test_the_aspect_is_kept_and_tiny_images_grow_at_most_eightfold(shape, size):
    picture = draw(RasterPreview(pixels_cyx=np.zeros((1, *shape), np.uint8), windows=((0.0, 255.0),)))
    assert (picture.shape[1], picture.shape[0]) == size


def test_colour_images_stay_as_they_are_and_wide_integers_are_scaled():
    color = np.array([200, 100, 50])
    pixels = np.broadcast_to(color[:, None, None], (3, 32, 32))
    for values in (pixels.astype(np.uint8), (pixels * 257).astype(np.uint16), (pixels / 255).astype(np.float32)):
        assert draw(RasterPreview(pixels_cyx=values, is_rgb=True))[16, 16] == pytest.approx(color, abs=4)


def test_missing_pixels_are_black():
    pixels = np.full((1, 16, 16), np.nan, np.float32)
    assert draw(RasterPreview(pixels_cyx=pixels, windows=((0.0, 1.0),))).max() < 8


def test_labels_are_coloured_by_id_the_same_every_time():
    labels = np.zeros((1, 64, 64), np.uint32)
    labels[0, :, :16] = 7
    labels[0, :, 32:48] = 8
    preview = RasterPreview(pixels_cyx=labels, is_labels=True)
    picture = draw(preview)
    assert np.abs(picture[32, 16] - picture[32, 80]).max() > 40
    assert picture[32, 48].max() < 60
    assert draw_thumbnail(preview, 128) == draw_thumbnail(preview, 128)


@pytest.mark.parametrize(("is_spatial", "is_below"), [(True, True), (False, False)])
def test_y_points_down_in_space_and_up_in_an_embedding(is_spatial, is_below):
    points = np.array([[0.0, 0.0], [10.0, 0.0], [5.0, 10.0]])
    groups = np.array([0, 0, 1])
    picture = draw(ScatterPreview(points_xy=points, groups=groups, is_spatial=is_spatial))
    reddish = (picture[..., 0] > 200) & (picture[..., 1] < 160)
    rows = np.flatnonzero(reddish.any(axis=1))
    half = picture.shape[0] / 2
    assert bool(rows.mean() > half) is is_below


@pytest.mark.parametrize("n_points", [0, 1, 3])
def test_few_points_and_points_without_numbers_make_a_picture(n_points):
    points = np.full((n_points, 2), 3.0)
    points[1:] = np.nan
    groups = np.full(n_points, -1)
    assert draw(ScatterPreview(points_xy=points, groups=groups, is_spatial=True)).shape[1] == 128
