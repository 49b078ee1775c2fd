"""Plain pictures written by Pillow, imagecodecs and by hand; Pillow's own decoder is the independent reader."""

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageOps

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.pixels import picture as picture_pixels
from vitrina.readers.pixels.picture import open_picture_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

RNG = np.random.default_rng(0)
COLORS = RNG.integers(0, 256, (30, 41, 3)).astype(np.uint8)
GREY = RNG.integers(0, 256, (30, 41)).astype(np.uint8)
DEEP = RNG.integers(0, 65536, (30, 41)).astype(np.uint16)


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    return source, reader, reader.read_content(source)


def read_pixels(path):
    """Channel x row x column."""
    pixels = open_picture_pixels(path)
    _, n_channels, _, height, width = pixels.shape_tczyx
    out = np.empty((n_channels, height, width), pixels.dtype)
    for channel in range(n_channels):
        pixels.read_into((0, channel, 0, 0, 0), out[channel : channel + 1, np.newaxis])
    return out


def get_codes(content):
    return {finding.code for finding in content.findings}


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp"])
def test_a_coloured_picture_is_one_colour_image(suffix, tmp_path):
    path = tmp_path / f"overview.v2.{suffix}"
    Image.fromarray(COLORS).save(path)
    _, reader, content = read(path)
    (image,) = content.elements
    assert (reader.format, content.container) == ("picture", "other")
    assert (image.name, image.is_rgb, image.dtype, image.levels[0].shape) == ("overview", True, "uint8", (30, 41, 3))
    with Image.open(path) as opened:
        expected = np.asarray(opened.convert("RGB"))
    np.testing.assert_array_equal(read_pixels(path), expected.transpose(2, 0, 1))


@pytest.mark.parametrize(("pixels", "suffix"), [(GREY, "png"), (GREY, "bmp"), (DEEP, "png")])
def test_a_grey_picture_has_one_channel_with_a_measured_window(pixels, suffix, tmp_path):
    path = tmp_path / f"grey.{suffix}"
    Image.fromarray(pixels).save(path)
    source, reader, content = read(path)
    (image,) = content.elements
    assert (image.is_rgb, image.dtype, image.levels[0].shape) == (False, pixels.dtype.name, (30, 41))
    assert image.channels[0].window == pytest.approx(tuple(np.percentile(pixels, [1, 99.8])))
    np.testing.assert_array_equal(read_pixels(path)[0], pixels)
    np.testing.assert_array_equal(reader.read_object(source), pixels)
    np.testing.assert_array_equal(reader.read_preview(source, content, 41).pixels_cyx[0], pixels)
    assert not content.findings


def test_transparency_is_dropped_and_told(tmp_path):
    path = tmp_path / "alpha.png"
    Image.fromarray(np.dstack([COLORS, GREY])).save(path)
    _, _, content = read(path)
    assert content.elements[0].is_rgb
    assert get_codes(content) == {"alpha-dropped"}
    np.testing.assert_array_equal(read_pixels(path), COLORS.transpose(2, 0, 1))


def test_a_table_of_colours_is_applied(tmp_path):
    path = tmp_path / "palette.png"
    indexed = Image.fromarray(GREY % 3).convert("P")
    indexed.putpalette([10, 20, 30, 40, 50, 60, 70, 80, 90])
    indexed.save(path)
    _, _, content = read(path)
    table = np.array([[10, 20, 30], [40, 50, 60], [70, 80, 90]], np.uint8)
    np.testing.assert_array_equal(read_pixels(path), table[GREY % 3].transpose(2, 0, 1))
    assert get_codes(content) == {"palette-applied"}


@pytest.mark.parametrize("n_samples", [2, 3, 4])
def test_sixteen_bits_per_sample_are_kept(n_samples, tmp_path):
    path = tmp_path / "deep.png"
    pixels = RNG.integers(0, 65536, (30, 41, n_samples)).astype(np.uint16)
    path.write_bytes(imagecodecs.png_encode(pixels))
    _, _, content = read(path)
    n_colors = 1 if n_samples == 2 else 3
    np.testing.assert_array_equal(read_pixels(path), pixels[..., :n_colors].transpose(2, 0, 1))
    assert content.elements[0].dtype == "uint16"
    assert ("alpha-dropped" in get_codes(content)) == (n_samples != 3)


@pytest.mark.parametrize("is_deep", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_says(orientation, is_deep, tmp_path):
    path = tmp_path / "turned.png"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(COLORS).save(path, exif=exif)
    with Image.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    if is_deep:
        with Image.open(path) as image:
            turned = picture_pixels._turn(COLORS, image)
        np.testing.assert_array_equal(turned, expected)
    else:
        np.testing.assert_array_equal(read_pixels(path), expected.transpose(2, 0, 1))


def test_only_the_first_frame_of_a_film_is_read(tmp_path):
    path = tmp_path / "film.gif"
    frames = [Image.fromarray(GREY // 4), Image.fromarray(255 - GREY)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    _, _, content = read(path)
    assert "frames-left-out" in get_codes(content)
    np.testing.assert_array_equal(read_pixels(path)[0], GREY // 4)


def test_the_resolution_counts_where_a_microscope_can_have_it(tmp_path):
    fine, printed = tmp_path / "fine.png", tmp_path / "printed.png"
    Image.fromarray(GREY).save(fine, dpi=(50_800, 50_800))  # 25,400 µm / 50,800 = 0.5 µm
    Image.fromarray(GREY).save(printed, dpi=(300, 300))
    level = read(fine)[2].elements[0].levels[0]
    assert level.scale == pytest.approx((0.5, 0.5), rel=1e-4)  # PNG stores whole pixels per meter
    assert [axis.unit for axis in read(fine)[2].elements[0].axes] == ["micrometer"] * 2
    assert read(printed)[2].elements[0].levels[0].scale == (1.0, 1.0)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_a_truncated_picture_is_unreadable(suffix, share, tmp_path):
    path = tmp_path / f"whole.{suffix}"
    Image.fromarray(np.kron(COLORS, np.ones((4, 4, 1), np.uint8))).save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    source = open_source(path)
    reader = find_reader(source)
    assert reader is not None
    for one in (reader.read_content, reader.read_object, lambda own: open_picture_pixels(own.path)):
        with pytest.raises(UnreadableError) as caught:
            one(source)
        assert str(path) in caught.value.message


def test_a_picture_that_would_fill_the_memory_is_refused(tmp_path):
    path = tmp_path / "bomb.png"
    Image.new("1", (20_000, 20_000)).save(path)
    with pytest.raises(UnsupportedError) as caught:
        read(path)
    assert caught.value.code == "picture-too-large"
    assert path.stat().st_size < 100_000
