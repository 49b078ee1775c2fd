"""CZI: a mosaic from a microscope, against czifile's own stitching, and files that libCZI wrote from arithmetic."""

import shutil
import struct
import sys
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
import samples
from test_pixel_sources import arrange, check_windows

from vitrina.errors import MissingExtraError, UnreadableError
from vitrina.readers.elements import open_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

czifile = pytest.importorskip("czifile")

DATA = Path(__file__).parent / "data"
MOSAIC = "czi-mosaic/mosaic_test.czi"


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    assert reader.format == "czi"
    return source, reader, reader.read_content(source)


def build_tile(scene, t, c, z, m):
    """What two_scenes.czi was written from."""
    y, x = np.mgrid[:20, :24]
    return (y * 100 + x + c * 5000 + t * 16000 + z * 8000 + scene * 32000 + m * 50).astype(np.uint16)


def build_scene(scene):
    """Tile 0 lies 20 pixels to the right of and 2 below tile 1, which lies on top of it; scene 1 has only tile 0."""
    tiles = [(2, 20), (0, 0)] if scene == 0 else [(0, 0)]
    expected = np.zeros((2, 3, 2, *((22, 44) if scene == 0 else (20, 24))), np.uint16)
    for t, c, z in np.ndindex(2, 3, 2):
        for m, (y, x) in enumerate(tiles):
            expected[t, c, z, y : y + 20, x : x + 24] = build_tile(scene, t, c, z, m)
    return expected


def test_a_mosaic_is_stitched_as_czifile_does():
    source, reader, content = read(samples.get(MOSAIC))
    (image,) = content.elements
    with czifile.CziFile(source.path) as file:
        expected = file.scenes[0].asarray()
    assert (image.name, image.dtype, image.levels[0].shape) == ("mosaic_test", "uint16", (624, 1756))
    assert image.levels[0].chunk_shape == (624, 924)  # SOURCE.md: a box of 1756 x 624, here of two tiles
    assert image.levels[0].scale == pytest.approx((1.0833, 1.0833), abs=1e-4)
    assert image.axes[0].unit == "micrometer"
    assert image.channels[0].window == pytest.approx(tuple(np.percentile(expected, [1, 99.8])))
    pixels = open_pixels(source, content, image)
    check_windows(pixels, arrange(expected, image))
    pixels.close()
    np.testing.assert_array_equal(reader.read_object(source), expected)
    preview = reader.read_preview(source, content, 1756)
    np.testing.assert_array_equal(preview.pixels_cyx[0], expected)


def test_scenes_are_images_with_their_channels_sizes_and_places():
    _, _, content = read(DATA / "two_scenes.czi")
    first, second = content.elements
    assert (first.name, first.path, second.path) == ("two_scenes 0", "0", "1")
    assert [axis.name for axis in first.axes] == ["t", "c", "z", "y", "x"]
    assert (first.levels[0].shape, second.levels[0].shape) == ((2, 3, 2, 22, 44), (2, 3, 2, 20, 24))
    assert first.levels[0].scale == pytest.approx((1, 1, 2, 0.65, 0.325))
    assert [(own.name, own.color_rgb) for own in first.channels] == [
        ("DAPI", (0, 0, 255)),
        ("GFP", (0, 255, 0)),
        ("GFP", (10, 20, 30)),  # czifile itself joins channels of one name
    ]
    # written at x -20, y 10 and x 300 + 20, y 100 + 2
    assert first.placements[0].affine_xy == pytest.approx((0.325, 0, -20 * 0.325, 0, 0.65, 10 * 0.65))
    assert second.placements[0].affine_xy == pytest.approx((0.325, 0, 320 * 0.325, 0, 0.65, 102 * 0.65))
    assert not content.findings


@pytest.mark.parametrize("scene", [0, 1])
def test_the_tile_on_top_counts_whatever_its_place(scene):
    source, _, content = read(DATA / "two_scenes.czi")
    element = content.elements[scene]
    pixels = open_pixels(source, content, element)
    assert pixels.chunk_shape_tczyx == (1, 1, 1, 20, 24)
    check_windows(pixels, arrange(build_scene(scene), element))
    pixels.close()


def test_a_pyramid_of_colours_has_levels():
    source, _, content = read(DATA / "colour_pyramid.czi")
    (image,) = content.elements
    y, x = np.mgrid[:32, :48]
    expected = np.stack([y * 8, x * 5, (y + x) * 3], -1).astype(np.uint8)
    assert image.is_rgb
    assert [level.shape for level in image.levels] == [(32, 48, 3), (16, 24, 3)]
    assert [level.scale for level in image.levels] == [pytest.approx((0.5, 0.5, 1)), pytest.approx((1, 1, 1))]
    assert image.levels[1].translation == pytest.approx((0.25, 0.25, 0))  # the middle of two pixels of 0.5 µm
    for level, pixels_yxc in enumerate([expected, expected[::2, ::2]]):
        pixels = open_pixels(source, content, image, level)
        assert pixels.n_joint_channels == 3
        check_windows(pixels, arrange(pixels_yxc, image))
        pixels.close()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("name", ["mosaic", "two_scenes", "colour_pyramid"])
def test_a_truncated_file_is_unreadable(name, share, tmp_path):
    original = samples.get(MOSAIC) if name == "mosaic" else DATA / f"{name}.czi"
    path = tmp_path / original.name
    path.write_bytes(original.read_bytes()[: int(original.stat().st_size * share)])
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    for one in (reader.read_content, reader.read_object):
        with pytest.raises(UnreadableError) as caught:
            one(source)
        assert str(path) in caught.value.message


@pytest.mark.parametrize(
    ("offset", "value"),
    [(8, 2**31 - 1), (8, 0), (8, -5), (16, 2**31 - 1), (4, 2**31 - 1), (16, 0)],
)
def test_a_tile_that_lies_about_its_size_or_place_is_no_harm(offset, value, tmp_path):
    """The dimension X of the first tile: at byte 4 its start, at 8 its size, at 16 its stored size."""
    path = tmp_path / "scene.czi"
    shutil.copyfile(DATA / "colour_pyramid.czi", path)
    data = bytearray(path.read_bytes())
    directory = data.index(b"ZISRAWDIRECTORY")
    entry = data.index(b"X\0\0\0", data.index(b"DV", directory))
    struct.pack_into("<i", data, entry + offset, value)
    path.write_bytes(data)
    source = open_source(path)
    reader = find_reader(source)
    with suppress(UnreadableError):
        content = reader.read_content(source)
        pixels = open_pixels(source, content, content.elements[0])
        with closing(pixels):
            out = np.empty((3, 1, 4, 4), np.uint8)
            pixels.read_into((0, 0, 0, 0, 0), out)
            assert out.max() <= 30  # what lies there, or nothing


def test_without_czifile_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "czifile", None)
    source = open_source(DATA / "two_scenes.czi")
    reader = find_reader(source)
    with pytest.raises(MissingExtraError) as caught:
        reader.read_content(source)
    assert "vitrina[microscopes]" in caught.value.hint
