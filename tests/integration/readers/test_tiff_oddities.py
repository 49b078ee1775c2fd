"""TIFF as programs write it in fact. Files are written by tifffile or Pillow; they, or Pillow, say what is in them."""

import numpy as np
import pytest
import samples
import tifffile
from PIL import Image
from test_pixel_sources import arrange, check_windows

from vitrina.model.content import ImageElement
from vitrina.readers.elements import open_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

RNG = np.random.default_rng(0)


def make(shape, dtype="uint8"):
    return RNG.integers(0, 200, shape).astype(dtype)


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


def get_codes(content):
    return {finding.code for finding in content.findings}


def check_pixels(path, expected, level=0):
    """Pixels of the first element against an array with the element's own dimensions."""
    source, _, content = read(path)
    element = content.elements[0]
    pixels = open_pixels(source, content, element, level)
    check_windows(pixels, arrange(expected, element))
    pixels.close()
    return content


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib", "tile": (16, 32)}, {"rowsperstrip": 7}])
def test_where_0_is_white_pixels_are_inverted(dtype, options, tmp_path):
    path = tmp_path / "ink.tif"
    stored = make((3, 40, 50), dtype)
    tifffile.imwrite(path, stored, photometric="miniswhite", metadata={"axes": "ZYX"}, **options)
    content = check_pixels(path, np.iinfo(dtype).max - stored)
    source, reader, _ = read(path)
    assert "white-is-zero" in get_codes(content)
    np.testing.assert_array_equal(reader.read_object(source), np.iinfo(dtype).max - stored)
    preview = reader.read_preview(source, content, 50)
    np.testing.assert_array_equal(preview.pixels_cyx[0], np.iinfo(dtype).max - stored[1])
    with Image.open(path) as image:  # Pillow inverts too, where it reads such files at all
        if dtype == "uint8":
            np.testing.assert_array_equal(np.asarray(image), 255 - stored[0])


def test_bits_are_inverted_where_0_is_white_but_for_masks_of_tifffile(tmp_path):
    mask = make((40, 50)) > 100
    tifffile.imwrite(tmp_path / "mask.tif", mask)  # says that 0 is white, as of every array of bool
    assert "white-is-zero" not in get_codes(check_pixels(tmp_path / "mask.tif", mask))
    tifffile.imwrite(tmp_path / "fax.tif", mask, photometric="miniswhite", software="fax")
    assert "white-is-zero" in get_codes(check_pixels(tmp_path / "fax.tif", ~mask))
    with Image.open(tmp_path / "fax.tif") as image:
        np.testing.assert_array_equal(np.asarray(image), ~mask)


@pytest.mark.parametrize("subfiletype", [0, 1])
@pytest.mark.parametrize("kind", ["grey", "channels", "rgb"])
def test_pages_of_halving_size_are_levels(kind, subfiletype, tmp_path):
    path = tmp_path / "flat.tif"
    shapes = {"grey": lambda n: (n, n), "channels": lambda n: (3, n, n), "rgb": lambda n: (n, n, 3)}
    levels = [make(shapes[kind](n)) for n in (256, 128, 64)]
    photometric = "rgb" if kind == "rgb" else "minisblack"
    with tifffile.TiffWriter(path) as writer:
        for i, level in enumerate(levels):
            for page in level if kind == "channels" else [level]:
                reduced = subfiletype if i else 0
                writer.write(page, tile=(64, 64), photometric=photometric, subfiletype=reduced, metadata=None)
    for number, level in enumerate(levels):
        content = check_pixels(path, level, number)
    assert [level.scale[-2] for level in content.elements[0].levels] == ([1, 2, 4])


@pytest.mark.parametrize("is_ome", [False, True])
def test_sub_directories_are_levels(is_ome, tmp_path):
    path = tmp_path / ("sub.ome.tif" if is_ome else "sub.tif")
    levels = [make((2, n, n), "uint16") for n in (256, 128, 64)]
    with tifffile.TiffWriter(path, bigtiff=True, ome=is_ome) as writer:
        options = {"tile": (64, 64), "photometric": "minisblack"}
        writer.write(levels[0], subifds=2, metadata={"axes": "CYX"} if is_ome else None, **options)
        for level in levels[1:]:
            writer.write(level, subfiletype=1, metadata=None, **options)
    for number, level in enumerate(levels):
        check_pixels(path, level, number)


@pytest.mark.parametrize(
    ("axes", "shape"),
    [("TZCYX", (2, 3, 2, 20, 30)), ("ZCYXS", (2, 1, 20, 30, 3)), ("CYX", (4, 20, 30)), ("TYX", (5, 20, 30))],
)
def test_imagej_hyperstacks_keep_their_axes(axes, shape, tmp_path):
    path = tmp_path / "hyper.tif"
    array = make(shape, "uint8" if axes.endswith("S") else "uint16")
    tifffile.imwrite(path, array, imagej=True, metadata={"axes": axes, "unit": "um", "spacing": 2.0}, resolution=(4, 4))
    expected = array[:, 0] if axes == "ZCYXS" else array
    content = check_pixels(path, expected)
    named = axes.replace("CYXS", "YXC").lower()
    assert "".join(axis.name for axis in content.elements[0].axes) == named
    scale = dict(zip(named, content.elements[0].levels[0].scale, strict=True))
    assert (scale["y"], scale["x"]) == (0.25, 0.25)  # 4 pixels per unit
    assert scale.get("z", 2.0) == 2.0


@pytest.mark.parametrize(
    ("compression", "predictor", "dtype"),
    [("lzw", True, "uint16"), ("lzw", True, "float32"), ("zstd", True, "uint8"), ("deflate", 3, "float32"),
     ("jpeg2000", None, "uint16"), ("jpegxl", None, "uint8"), ("webp", None, "rgb"), ("packbits", None, "uint8"),
     ("lzma", None, "uint16"), ("jpeg", None, "rgb"), ("jpegxr", None, "uint8"), ("lerc", None, "float32"),
     ("png", None, "uint8")],
)  # fmt: skip
def test_compressions_are_decoded_as_tifffile_does(compression, predictor, dtype, tmp_path):
    path = tmp_path / "odd.tif"
    y, x = np.mgrid[:64, :80]
    smooth = (y * 2 + x).astype("uint8" if dtype == "rgb" else dtype)
    array = np.stack([smooth, smooth[::-1], smooth[:, ::-1]], -1) if dtype == "rgb" else smooth
    options = {"photometric": "rgb"} if dtype == "rgb" else {}
    tifffile.imwrite(path, array, compression=compression, predictor=predictor, tile=(32, 32), **options)
    check_pixels(path, tifffile.imread(path))


def test_colours_in_planes_of_their_own_are_a_colour_image(tmp_path):
    path = tmp_path / "planar.tif"
    array = make((3, 40, 50))
    tifffile.imwrite(path, array, photometric="rgb", planarconfig="separate")
    content = check_pixels(path, array)
    assert content.elements[0].is_rgb


def test_four_samples_of_16_bits_are_channels():
    path = samples.get("ome-tiff-rgba16/output_ome.ome.tiff")
    with tifffile.TiffFile(path, _multifile=False) as file:
        expected = file.series[0].asarray()
    content = check_pixels(path, expected)
    assert (content.elements[0].is_rgb, len(content.elements[0].channels)) == (False, 4)
    assert "ome-xml-mismatch" in get_codes(content)


def test_interleaved_fluorescence_is_no_colour_image():
    path = samples.get("tiff-hela-3ch/hela-cells.tif")
    content = check_pixels(path, tifffile.imread(path))
    assert not content.elements[0].is_rgb
    assert "samples-are-channels" in get_codes(content)


def test_values_that_are_not_numbers_are_kept_and_do_not_count(tmp_path):
    path = tmp_path / "nan.tif"
    array = make((40, 50), "float32")
    array[::3] = np.nan
    tifffile.imwrite(path, array)
    content = check_pixels(path, array)
    expected = np.percentile(array[np.isfinite(array)].astype(float), [1, 99.8])
    assert content.elements[0].channels[0].window == pytest.approx(tuple(expected))


@pytest.mark.parametrize(
    ("dtype", "high", "fitting"),
    [("int64", 60_000, "uint16"), ("uint64", 200, "uint8"), ("int64", 2**40, None), ("float64", 100, "float32")],
)
def test_wide_pixels_are_told_with_the_type_that_would_hold_them(dtype, high, fitting, tmp_path):
    path = tmp_path / "wide.tif"
    array = RNG.integers(0, high, (40, 50), endpoint=True).astype(dtype)
    array[0, 0] = high
    tifffile.imwrite(path, array, metadata={"axes": "YX"})
    content = check_pixels(path, array)
    assert isinstance(content.elements[0], ImageElement)
    (finding,) = [own for own in content.findings if own.code == "pixels-wide"]
    assert (fitting in finding.message) if fitting else ("none" in finding.message)


def test_a_missing_pixel_size_is_told(tmp_path):
    tifffile.imwrite(tmp_path / "plain.tif", make((40, 50)))
    tifffile.imwrite(tmp_path / "sized.tif", make((40, 50)), resolution=(20_000, 20_000), resolutionunit="CENTIMETER")
    assert "pixel-size-missing" in get_codes(read(tmp_path / "plain.tif")[2])
    _, _, content = read(tmp_path / "sized.tif")
    assert "pixel-size-missing" not in get_codes(content)
    assert content.elements[0].levels[0].scale == (0.5, 0.5)  # 10,000 µm / 20,000


def test_a_size_in_pixels_is_no_size(tmp_path):
    path = tmp_path / "unit.ome.tif"
    metadata = {
        "axes": "YX",
        "PhysicalSizeX": 1.0,
        "PhysicalSizeXUnit": "pixel",
        "PhysicalSizeY": 1.0,
        "PhysicalSizeYUnit": "pixel",
    }
    tifffile.imwrite(path, make((40, 50)), metadata=metadata)
    _, _, content = read(path)
    assert get_codes(content) == {"unit-unknown"}
    assert [axis.unit for axis in content.elements[0].axes] == [None, None]


def test_the_slide_is_the_image_and_its_pictures_are_named():
    _, _, content = read(samples.get("svs-cmu1-he/CMU-1-Small-Region.svs"))
    (image,) = content.elements
    assert (image.is_rgb, image.levels[0].shape) == (True, (2967, 2220, 3))  # SOURCE.md
    (finding,) = [own for own in content.findings if own.code == "series-left-out"]
    assert "Thumbnail, Label, Macro" in finding.message


def test_the_levels_of_a_slide_are_levels(tmp_path):
    """As Aperio lays its files out: the slide, a thumbnail in strips, then the coarser levels, told by description."""
    path = tmp_path / "slide.svs"
    levels = [make((n, n, 3)) for n in (512, 128)]
    with tifffile.TiffWriter(path) as writer:
        text = "Aperio Image Library v1.0\r\n512x512 [0,0 512x512] (256x256) JPEG/RGB Q=70|AppMag = 20|MPP = 0.4990"
        writer.write(levels[0], tile=(256, 256), photometric="rgb", description=text, metadata=None)
        writer.write(
            make((64, 64, 3)), photometric="rgb", description="Aperio Image Library v1.0\r\n64x64", metadata=None
        )
        text = "Aperio Image Library v1.0\r\n512x512 [0,0 512x512] (256x256) -> 128x128 JPEG/RGB Q=70"
        writer.write(levels[1], tile=(128, 128), photometric="rgb", description=text, metadata=None)
    for number, level in enumerate(levels):
        content = check_pixels(path, level, number)
    scales = [level.scale for level in content.elements[0].levels]
    assert scales == [pytest.approx((0.499, 0.499, 1)), pytest.approx((1.996, 1.996, 1))]
    assert "series-left-out" in get_codes(content)
