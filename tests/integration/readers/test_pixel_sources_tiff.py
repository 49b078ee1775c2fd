"""Pixels of TIFF files written by tifffile; expected values are what tifffile reads back."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pixel_sources import arrange, check_windows, read_whole

from vitrina.errors import UnsupportedError
from vitrina.model.content import Axis, ImageElement, Level
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels import file_bytes
from vitrina.readers.pixels.tiff import TiffPixels, open_tiff_pixels
from vitrina.readers.pixels.zarr_array import ZarrArrayPixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

RNG = np.random.default_rng(0)
AXES = ["YX", "CYX", "ZYX", "TYX", "QYX", "ZCYX", "CZYX", "TZCYX", "TCYX", "YXS", "ZYXS", "CYXS", "SYX", "ZSYX"]
DTYPES = ["uint8", "int16", "uint16", "uint32", "int64", "float16", "float32", "float64"]


def make_pixels(shape, dtype):
    if np.dtype(dtype).kind == "f":
        return RNG.normal(0, 100, shape).astype(dtype)
    return RNG.integers(0, 120, shape).astype(dtype)


def open_written(path, level=0, index=0):
    source = open_source(path)
    content = find_reader(source).read_content(source)
    element = content.elements[index]
    with tifffile.TiffFile(path, _multifile=False) as file:
        expected = file.series[index].levels[level].asarray()
    return open_pixels(source, content, element, level), arrange(expected, element)


def check_written(path, level=0, index=0):
    pixels, expected = open_written(path, level, index)
    check_windows(pixels, expected)
    pixels.close()
    return pixels


@st.composite
def written(draw):
    """Arguments of tifffile.imwrite for an array of random numbers."""
    axes = draw(st.sampled_from(AXES))
    n_samples = draw(st.sampled_from([3, 4]))
    size = {"Y": draw(st.integers(1, 300)), "X": draw(st.integers(2, 300)), "S": n_samples}
    shape = tuple(size.get(axis) or draw(st.integers(1, 3)) for axis in axes)
    dtype = draw(st.sampled_from(DTYPES))
    compression = draw(st.sampled_from([None, None, "zlib", "lzw", "zstd", "packbits"]))
    tile = draw(st.none() | st.tuples(st.sampled_from([16, 64, 128]), st.sampled_from([32, 48, 256])))
    is_predictable = compression not in {None, "packbits"} and dtype not in {"int64", "float16", "float64"}
    options = {
        "compression": compression,
        "predictor": bool(is_predictable and draw(st.booleans())),
        "byteorder": draw(st.sampled_from("<>")),
        "bigtiff": draw(st.booleans()),
        "tile": tile,
        "rowsperstrip": draw(st.none() | st.integers(1, 80)) if tile is None else None,
        "photometric": "rgb" if "S" in axes else "minisblack",
        "planarconfig": "separate" if axes.endswith("SYX") else ("contig" if "S" in axes else None),
        "metadata": {"axes": axes},
        "ome": draw(st.booleans()) and "Q" not in axes and dtype not in {"int64", "float16"},
    }
    return make_pixels(shape, dtype), options


@settings(max_examples=120)
@given(written=written())
def test_whatever_tifffile_writes_is_read(written):
    array, options = written
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("image.ome.tif" if options["ome"] else "image.tif")
        tifffile.imwrite(path, array, **options)
        pixels = check_written(path)
        assert isinstance(pixels, TiffPixels)
        assert pixels.dtype == array.dtype


@pytest.mark.parametrize("compression", ["jpeg", "jpeg2000", "jpegxl", "png", "webp", "lzma", "lerc"])
@pytest.mark.parametrize("tile", [None, (64, 128)])
def test_image_codecs_decode(tmp_path, compression, tile):
    array = np.kron(RNG.integers(0, 255, (20, 23, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, array, photometric="rgb", compression=compression, tile=tile, rowsperstrip=48)
    pixels = check_written(path)
    assert (pixels.n_joint_channels, pixels.dtype) == (3, np.uint8)


@pytest.mark.parametrize("axes", ["TZCYX", "ZYX", "YX", "CYXS"])
def test_imagej_stacks_are_read_through_one_offset(tmp_path, axes):
    sizes = {"T": 2, "Z": 3, "C": 2, "Y": 190, "X": 400, "S": 3}
    array = make_pixels(tuple(sizes[axis] for axis in axes), "uint8" if "S" in axes else "uint16")
    tifffile.imwrite(tmp_path / "stack.tif", array, imagej=True, metadata={"axes": axes})
    pixels = check_written(tmp_path / "stack.tif")
    assert pixels.chunk_shape_tczyx == (1, 3 if "S" in axes else 1, 1, 1, 1)


def test_lower_resolutions_in_sub_directories_are_levels(tmp_path):
    array = make_pixels((2, 300, 260), "uint16")
    path = tmp_path / "pyramid.ome.tif"
    with tifffile.TiffWriter(path) as writer:
        options = {"tile": (64, 64), "compression": "zlib", "photometric": "minisblack"}
        writer.write(array, subifds=2, metadata={"axes": "CYX"}, **options)
        writer.write(array[:, ::2, ::2], subfiletype=1, **options)
        writer.write(array[:, ::4, ::4], subfiletype=1, **options)
    for level in range(3):
        pixels, expected = open_written(path, level)
        np.testing.assert_array_equal(expected[0, :, 0], array[:, :: 2**level, :: 2**level])
        check_windows(pixels, expected)
        pixels.close()


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_what_one_call_of_the_system_does_not_read_is_read_by_several(tmp_path, monkeypatch, byteorder, compression):
    monkeypatch.setattr(file_bytes, "_MAX_READ_BYTES", 1000)
    options = {"byteorder": byteorder, "compression": compression, "rowsperstrip": 100}
    tifffile.imwrite(tmp_path / "image.tif", make_pixels((190, 130), "uint16"), **options)
    check_written(tmp_path / "image.tif")


def test_a_plane_one_pixel_wide_is_read_though_its_page_has_another_shape(tmp_path):
    array = make_pixels((3, 4, 1), "uint16")
    tifffile.imwrite(tmp_path / "thin.tif", array, photometric="minisblack", metadata={"axes": "CYX"})
    assert check_written(tmp_path / "thin.tif").shape_tczyx == (1, 3, 1, 4, 1)


def test_every_image_of_a_file_is_read(tmp_path):
    path = tmp_path / "two.ome.tif"
    with tifffile.TiffWriter(path) as writer:
        for height in (70, 90):
            writer.write(make_pixels((2, height, 80), "uint8"), photometric="minisblack", metadata={"axes": "CYX"})
    assert check_written(path, index=0).shape_tczyx == (1, 2, 1, 70, 80)
    assert check_written(path, index=1).shape_tczyx == (1, 2, 1, 90, 80)


def test_bits_are_bools(tmp_path):
    array = make_pixels((50, 61), "uint8") > 60
    tifffile.imwrite(tmp_path / "mask.tif", array)
    pixels, expected = open_written(tmp_path / "mask.tif")
    assert pixels.dtype == bool
    np.testing.assert_array_equal(expected[0, 0, 0], array)
    check_windows(pixels, expected)


def test_palette_pixels_are_their_numbers(tmp_path):
    array = make_pixels((50, 61), "uint8")
    colors = RNG.integers(0, 65535, (3, 256)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "palette.tif", array, photometric="palette", colormap=colors)
    np.testing.assert_array_equal(read_whole(check_opened(tmp_path / "palette.tif"))[0, 0, 0], array)


def check_opened(path):
    return open_written(path)[0]


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiles_that_hold_planes_of_a_stack_are_read(tmp_path, compression):
    array = make_pixels((21, 100, 90), "uint16")
    path = tmp_path / "volume.tif"
    options = {"tile": (16, 32, 48), "volumetric": True, "compression": compression}
    tifffile.imwrite(path, array, photometric="minisblack", metadata={"axes": "ZYX"}, **options)
    smallest = (1, 1, 16, 32, 48) if compression else (1, 1, 1, 1, 1)
    assert check_written(path).chunk_shape_tczyx == smallest


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiles_that_are_not_stored_are_zero(tmp_path, compression):
    tile = make_pixels((32, 32), "uint16") + np.uint16(1)
    tiles = (None if i % 3 == 1 else tile for i in range(12))
    path = tmp_path / "sparse.tif"
    tifffile.imwrite(path, tiles, shape=(90, 120), dtype="uint16", tile=(32, 32), compression=compression)
    pixels, expected = open_written(path)
    assert (expected[0, 0, 0, :32, :32] == tile).all()
    assert (expected[0, 0, 0, :32, 32:64] == 0).all()
    check_windows(pixels, expected)


def test_planes_that_ome_xml_leaves_out_are_zero(tmp_path):
    array = make_pixels((2, 40, 50), "uint16")
    xml = (
        '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels ID="Pixels:0" '
        'DimensionOrder="XYCZT" Type="uint16" SizeX="50" SizeY="40" SizeC="3" SizeZ="1" SizeT="1">'
        '<TiffData IFD="0" FirstC="0" PlaneCount="1"/><TiffData IFD="1" FirstC="2" PlaneCount="1"/>'
        "</Pixels></Image></OME>"
    )
    path = tmp_path / "gap.ome.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(array[0], description=xml, metadata=None)
        writer.write(array[1], metadata=None, contiguous=False)
    pixels, expected = open_written(path)
    np.testing.assert_array_equal(expected[0, :, 0], [array[0], np.zeros_like(array[0]), array[1]])
    check_windows(pixels, expected)


def test_axes_in_another_order_than_the_pages_are_read_all_the_same(tmp_path):
    array = make_pixels((40, 50, 5), "uint16")
    path = tmp_path / "last.tif"
    tifffile.imwrite(path, array, photometric="minisblack", metadata={"axes": "YXZ"})
    pixels, expected = open_written(path)
    assert isinstance(pixels, ZarrArrayPixels)
    np.testing.assert_array_equal(expected[0, 0], array.transpose(2, 0, 1))
    check_windows(pixels, expected)
    pixels.close()


def test_complex_numbers_are_refused(tmp_path):
    path = tmp_path / "phase.tif"
    tifffile.imwrite(path, np.ones((8, 9), "complex64"))
    level = Level(path="0", shape=(8, 9), chunk_shape=None, scale=(1.0, 1.0), translation=(0.0, 0.0))
    element = ImageElement(
        name="phase", path="", axes=(Axis(name="y"), Axis(name="x")), dtype="complex64", levels=(level,), channels=()
    )
    with pytest.raises(UnsupportedError) as caught:
        open_tiff_pixels(open_source(path), element)
    assert caught.value.code == "pixels-unsupported"
