"""How TIFF pixels are read: by many threads, each segment once, and what happens when the file is damaged."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import tifffile
from test_pixel_sources_tiff import make_pixels

from vitrina.errors import UnreadableError
from vitrina.readers.pixels.tiff import open_tiff_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


def describe_written(path):
    source = open_source(path)
    return source, find_reader(source).read_content(source).elements[0]


@pytest.mark.parametrize(
    "options",
    [{"rowsperstrip": 1, "compression": "lzw"}, {"rowsperstrip": 600, "compression": "zlib"},
     {"tile": (64, 64), "compression": "zstd"}, {"tile": (64, 64)}, {"rowsperstrip": 7}],
)  # fmt: skip
def test_threads_read_windows_at_once(tmp_path, options):
    array = make_pixels((3, 600, 500), "uint16")
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, array, photometric="minisblack", metadata={"axes": "CYX"}, **options)
    pixels = open_tiff_pixels(*describe_written(path), cache_bytes=10**5)

    def read(seed):
        rng = np.random.default_rng(seed)
        c, y, x = rng.integers(0, array.shape)
        height, width = rng.integers(1, (600 - y + 1, 500 - x + 1))
        out = np.zeros((1, 1, height, width), np.uint16)
        pixels.read_into((0, c, 0, y, x), out)
        return np.array_equal(out[0, 0], array[c, y : y + height, x : x + width])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(200)))
    pixels.close()


def count_decodes(pixels):
    counts, decode = Counter(), pixels._planes._decoder._decode

    def counted(data, number, **options):
        counts[number] += 1
        return decode(data, number, **options)

    pixels._planes._decoder._decode = counted
    return counts


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "uint32"])
@pytest.mark.parametrize("is_predicted", [False, True])
@pytest.mark.parametrize("compression", ["zlib", "lzw", "zstd"])
def test_tiles_are_the_same_where_they_are_decoded_to_their_place(
    tmp_path, compression, is_predicted, dtype, byteorder
):
    array = make_pixels((2, 100, 150), dtype)
    path = tmp_path / "image.tif"
    tifffile.imwrite(
        path, array, tile=(32, 48), compression=compression, predictor=is_predicted, byteorder=byteorder,
        photometric="minisblack", metadata={"axes": "CYX"},
    )  # fmt: skip
    pixels = open_tiff_pixels(*describe_written(path))
    counts = count_decodes(pixels)
    for c, y, x in product(range(2), range(0, 100, 32), range(0, 150, 48)):
        expected = array[c, y : y + 32, x : x + 48]
        out = np.full((1, 1, *expected.shape), 99, dtype)
        pixels.read_into((0, c, 0, y, x), out)
        np.testing.assert_array_equal(out[0, 0], expected)
    n_whole, n_cut = 2 * 3 * 3, 2 * (4 * 4 - 3 * 3)
    is_swapped = np.dtype(dtype).newbyteorder(byteorder) != np.dtype(dtype)
    assert counts.total() == (n_whole + n_cut if is_swapped else n_cut), (
        "only those at the edge have no place of their own"
    )
    pixels.close()


@pytest.mark.parametrize("n_threads", [1, 4])
@pytest.mark.parametrize(("rows_per_strip", "n_strips"), [(1, 500), (13, 39), (500, 1)])
def test_each_strip_is_decoded_once_while_bands_of_rows_are_read(tmp_path, rows_per_strip, n_strips, n_threads):
    array = make_pixels((500, 700), "uint16")
    path = tmp_path / "strips.tif"
    tifffile.imwrite(path, array, rowsperstrip=rows_per_strip, compression="zlib")
    pixels = open_tiff_pixels(*describe_written(path))
    counts = count_decodes(pixels)
    out = np.zeros_like(array)
    windows = [(y, x) for y in range(0, 500, 128) for x in range(0, 700, 128)]
    with ThreadPoolExecutor(n_threads) as pool:
        list(
            pool.map(
                lambda yx: pixels.read_into((0, 0, 0, *yx), out[None, None, yx[0] : yx[0] + 128, yx[1] : yx[1] + 128]),
                windows,
            )
        )
    np.testing.assert_array_equal(out, array)
    assert counts == dict.fromkeys(range(n_strips), 1)


def test_tiles_that_fit_the_windows_are_decoded_once_and_not_kept(tmp_path):
    array = make_pixels((300, 260, 3), "uint8")
    path = tmp_path / "tiles.tif"
    tifffile.imwrite(path, array, tile=(64, 64), compression="jpeg", photometric="rgb")
    pixels = open_tiff_pixels(*describe_written(path))
    counts = count_decodes(pixels)
    for y in range(0, 300, 128):
        for x in range(0, 260, 128):
            pixels.read_into((0, 0, 0, y, x), np.zeros((3, 1, min(128, 300 - y), min(128, 260 - x)), np.uint8))
    assert counts == dict.fromkeys(range(25), 1)
    assert not pixels._planes._cache._parts


def test_a_damaged_tile_is_named(tmp_path):
    path = tmp_path / "image.tif"
    options = {"tile": (64, 64), "compression": "zlib", "photometric": "minisblack", "metadata": {"axes": "CYX"}}
    tifffile.imwrite(path, make_pixels((3, 200, 200), "uint16"), **options)
    with tifffile.TiffFile(path) as file:
        offset, size = file.pages[1].dataoffsets[5], file.pages[1].databytecounts[5]
    source, element = describe_written(path)
    data = bytearray(path.read_bytes())
    data[offset : offset + size] = b"\0" * size
    path.write_bytes(data)
    pixels = open_tiff_pixels(source, element)
    out = np.zeros((1, 1, 64, 64), np.uint16)
    pixels.read_into((0, 1, 0, 0, 0), out)
    for _ in range(2):
        with pytest.raises(UnreadableError) as caught:
            pixels.read_into((0, 1, 0, 64, 64), out)
    assert caught.value.code == "tiff-damaged"
    assert f"{path} cannot be read as TIFF, page 1" in caught.value.message
    assert "copy or download it again" in caught.value.hint


@pytest.mark.parametrize("width", [1000, 100])
@pytest.mark.parametrize("options", [{}, {"tile": (128, 128)}, {"compression": "zlib", "rowsperstrip": 50}])
def test_a_file_that_was_cut_is_damaged_not_a_crash(tmp_path, options, width):
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, make_pixels((1000, 1000), "uint16"), **options)
    with tifffile.TiffFile(path) as file:
        last = file.pages[0].dataoffsets[-1]
    pixels = open_tiff_pixels(*describe_written(path))
    out = np.zeros((1, 1, 200, width), np.uint16)
    pixels.read_into((0, 0, 0, 800, 0), out)
    os.truncate(path, min(last + 100, path.stat().st_size - 4000))
    if hasattr(pixels._planes, "_cache"):
        pixels._planes._cache._parts.clear()
    with pytest.raises(UnreadableError) as caught:
        pixels.read_into((0, 0, 0, 800, 1000 - width), out)
    assert caught.value.code == "tiff-damaged"
    pixels.close()


def test_a_file_that_is_another_now_is_told(tmp_path):
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, make_pixels((20, 30), "uint16"))
    source, element = describe_written(path)
    tifffile.imwrite(path, make_pixels((20, 31), "uint16"))
    with pytest.raises(UnreadableError) as caught:
        open_tiff_pixels(source, element)
    assert caught.value.code == "tiff-changed"
    level = replace(element.levels[0], path="1")
    with pytest.raises(UnreadableError, match="no such level"):
        open_tiff_pixels(source, replace(element, levels=(element.levels[0], level)), 1)


def test_two_closings_are_one(tmp_path):
    path = tmp_path / "image.tif"
    tifffile.imwrite(path, make_pixels((20, 30), "uint16"))
    pixels = open_tiff_pixels(*describe_written(path))
    pixels.close()
    pixels.close()
