"""Pixels of Zarr arrays written by zarr-python; expected values are what was written, or what it reads back."""

import json
import shutil
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numcodecs
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from test_pixel_sources import arrange, check_windows, read_whole

from vitrina.model.content import Axis, Content, ImageElement, Level
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels import chunk_files
from vitrina.readers.pixels.zarr import ZarrPixels, open_zarr_pixels
from vitrina.readers.pixels.zarr_array import ZarrArrayPixels
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.source import open_source

RNG = np.random.default_rng(0)
AXES = ["yx", "cyx", "zyx", "tczyx", "yxc", "xy", "tyx"]
V2_COMPRESSORS = {
    "none": None,
    "blosc": numcodecs.Blosc("zstd", 1, 1),
    "bitshuffle": numcodecs.Blosc("lz4", 5, 2),
    "zstd": numcodecs.Zstd(3),
    "gzip": numcodecs.GZip(1),
    "zlib": numcodecs.Zlib(1),
    "lz4": numcodecs.LZ4(),
}
V3_COMPRESSORS = {
    "none": None,
    "blosc": zarr.codecs.BloscCodec(cname="zstd", clevel=1, shuffle="shuffle"),
    "bitshuffle": zarr.codecs.BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"),
    "zstd": zarr.codecs.ZstdCodec(level=3, checksum=True),
    "gzip": zarr.codecs.GzipCodec(level=1),
    "zlib": zarr.codecs.numcodecs.Zlib(level=1),
    "lz4": zarr.codecs.numcodecs.LZ4(acceleration=1),
    "checksum": [zarr.codecs.ZstdCodec(level=1), zarr.codecs.Crc32cCodec()],
}


def make_pixels(shape, dtype):
    return RNG.integers(0, 120, shape).astype(dtype)


def write(path, array, axes="cyx", *, zarr_format=3, **options):
    """An image with one level, and what a reader finds in it."""
    with without_format_warnings():
        root = zarr.open_group(path, mode="w", zarr_format=zarr_format)
        dtype = options.pop("dtype", array.dtype)
        made = root.create_array("0", shape=array.shape, dtype=dtype, **options)
        made[...] = array
    return describe(path, array.shape, axes, zarr_format)


def describe(path, shape, axes, zarr_format=3, array_path="0"):
    ones = (1.0,) * len(shape)
    level = Level(path=array_path, shape=shape, chunk_shape=None, scale=ones, translation=ones)
    named = tuple(Axis(name=axis) for axis in axes)
    element = ImageElement(name="image", path="", axes=named, dtype="uint16", levels=(level,), channels=())
    content = Content(format="ome-zarr", container="zarr2" if zarr_format == 2 else "zarr3", elements=(element,))
    return open_source(path), content, element


@st.composite
def written(draw):
    """Arguments of create_array for an array of random numbers."""
    axes = draw(st.sampled_from(AXES))
    zarr_format = draw(st.sampled_from([2, 3, 3]))
    shape = tuple(draw(st.integers(1, 200 if axis in "yx" else 4)) for axis in axes)
    chunks = tuple(draw(st.integers(1 if axis not in "yx" else 9, 90 if axis in "yx" else 4)) for axis in axes)
    names = sorted(V2_COMPRESSORS if zarr_format == 2 else V3_COMPRESSORS)
    name = draw(st.sampled_from(names))
    dtype = draw(st.sampled_from(["bool", "u1", "i2", "u2", "u4", "i8", "f2", "f4", "f8"]))
    options = {"zarr_format": zarr_format, "chunks": chunks, "fill_value": draw(st.sampled_from([0, 1]))}
    is_big = draw(st.booleans()) and dtype not in {"bool", "u1"}
    separator = draw(st.sampled_from(["/", "."]))
    if zarr_format == 2:
        options |= {"compressors": V2_COMPRESSORS[name], "dtype": (">" if is_big else "<") + dtype}
        options["chunk_key_encoding"] = {"name": "v2", "separator": separator}
    else:
        options |= {"compressors": V3_COMPRESSORS[name], "dtype": dtype}
        options["serializer"] = zarr.codecs.BytesCodec(endian="big" if is_big else "little")
        options["chunk_key_encoding"] = {"name": draw(st.sampled_from(["default", "v2"])), "separator": separator}
        if draw(st.booleans()):
            options["shards"] = tuple(size * draw(st.integers(1, 3)) for size in chunks)
    if dtype == "bool":
        options |= {"dtype": "bool", "fill_value": bool(options["fill_value"])}
    return axes, make_pixels(shape, dtype), options


@settings(max_examples=120)
@given(written=written(), data=st.data())
def test_whatever_zarr_python_writes_is_read(written, data):
    axes, array, options = written
    is_hole = [slice(data.draw(st.integers(0, size)), None) for size in array.shape]
    array[tuple(is_hole)] = options["fill_value"]  # chunks of nothing else are not stored
    with tempfile.TemporaryDirectory() as folder:
        source, content, element = write(Path(folder) / "image.zarr", array, axes, **options)
        pixels = open_pixels(source, content, element)
        assert isinstance(pixels, ZarrPixels)
        assert pixels.dtype == array.dtype
        check_windows(pixels, arrange(array, element))


@pytest.mark.parametrize(
    "options",
    [
        {"zarr_format": 2, "order": "F"},
        {"zarr_format": 2, "filters": [numcodecs.Delta("<u2")]},
        {"zarr_format": 2, "compressors": numcodecs.BZ2()},
        {"filters": [zarr.codecs.TransposeCodec(order=(2, 0, 1))]},
        {"compressors": zarr.codecs.numcodecs.BZ2(level=1)},
    ],
)
def test_what_is_not_known_here_is_read_by_zarr_python(tmp_path, options):
    array = make_pixels((3, 70, 80), "uint16")
    with without_format_warnings():
        source, content, element = write(tmp_path / "image.zarr", array, chunks=(2, 30, 40), **options)
        pixels = open_pixels(source, content, element)
    assert isinstance(pixels, ZarrArrayPixels)
    check_windows(pixels, arrange(array, element))
    pixels.close()


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_zip_file_is_read_also_below_a_folder_inside(tmp_path, zarr_format):
    array = make_pixels((3, 70, 80), "uint16")
    write(tmp_path / "in" / "image.zarr", array, zarr_format=zarr_format, chunks=(1, 30, 40))
    for name, root in (("flat", tmp_path / "in" / "image.zarr"), ("nested", tmp_path / "in")):
        path = Path(shutil.make_archive(str(tmp_path / f"{name}.zarr"), "zip", root))
        source, content, element = describe(path, array.shape, "cyx", zarr_format)
        pixels = open_pixels(source, content, element)
        check_windows(pixels, arrange(array, element))
        pixels.close()


def test_fill_values_may_be_absent_or_not_a_number(tmp_path):
    array = np.full((1, 20, 30), np.nan, "float32")
    source, content, element = write(tmp_path / "nan.zarr", array, chunks=(1, 10, 10), fill_value=float("nan"))
    assert np.isnan(read_whole(open_pixels(source, content, element))).all()
    source, content, element = write(tmp_path / "null.zarr", array * 0, zarr_format=2, chunks=(1, 10, 10))
    path = tmp_path / "null.zarr" / "0" / ".zarray"
    path.write_text(json.dumps({**json.loads(path.read_text()), "fill_value": None}))
    for chunk in (path.parent).glob("0.*"):
        chunk.unlink()
    assert (read_whole(open_pixels(source, content, element)) == 0).all()


@pytest.mark.parametrize(
    "options",
    [{"chunks": (1, 64, 64)}, {"chunks": (1, 32, 32), "shards": (1, 128, 128)}, {"chunks": (3, 100, 600)},
     {"zarr_format": 2, "chunks": (1, 64, 64), "compressors": numcodecs.Blosc()}],
)  # fmt: skip
def test_threads_read_windows_at_once(tmp_path, options):
    array = make_pixels((3, 600, 500), "uint16")
    source, _, element = write(tmp_path / "image.zarr", array, **options)
    pixels = open_zarr_pixels(source, element, cache_bytes=10**5)
    n = pixels.n_joint_channels

    def read(seed):
        rng = np.random.default_rng(seed)
        c, y, x = rng.integers(0, array.shape)
        c -= c % n
        height, width = rng.integers(1, (600 - y + 1, 500 - x + 1))
        out = np.zeros((n, 1, height, width), np.uint16)
        pixels.read_into((0, c, 0, y, x), out)
        return np.array_equal(out[:, 0], array[c : c + n, y : y + height, x : x + width])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(200)))


@pytest.mark.parametrize("n_threads", [1, 4])
def test_each_chunk_is_decoded_and_each_index_read_once(tmp_path, monkeypatch, n_threads):
    array = make_pixels((1, 500, 700), "uint16")
    source, _, element = write(tmp_path / "image.zarr", array, chunks=(1, 100, 100), shards=(1, 200, 400))
    counts, read_index, read = Counter(), chunk_files._read_index, chunk_files.ChunkFiles.read

    def counted_index(fd, shard):
        counts["index"] += 1
        return read_index(fd, shard)

    def counted_read(self, path, chunk):
        counts[chunk] += 1
        return read(self, path, chunk)

    monkeypatch.setattr(chunk_files, "_read_index", counted_index)
    monkeypatch.setattr(chunk_files.ChunkFiles, "read", counted_read)
    pixels, out = open_zarr_pixels(source, element), np.zeros((500, 700), np.uint16)
    windows = [(y, x) for y in range(0, 500, 64) for x in range(0, 700, 64)]

    def fill(start):
        y, x = start
        pixels.read_into((0, 0, 0, y, x), out[None, None, y : y + 64, x : x + 64])

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(fill, windows))
    np.testing.assert_array_equal(out, array[0])
    assert counts.pop("index") == 6  # 3 x 2 shards
    assert counts == {(0, y, x): 1 for y in range(5) for x in range(7)}
