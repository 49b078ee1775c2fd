"""Tiles as bytes; the second implementations are tifffile's decoder and zlib."""

import zlib

import numpy as np
import pytest

from vitrina.convert.tiff.codecs import TileCodec, decode_tile, encode_tile
from vitrina.errors import UnreadableError

RNG = np.random.default_rng(0)
NOISE = {
    "uint8": RNG.integers(0, 256, (32, 48), np.uint8),
    "int16": RNG.integers(-(2**15), 2**15, (32, 48), np.int16),
    "float32": RNG.normal(0, 1, (32, 48)).astype(np.float32),
}


def test_deflate_is_a_zlib_stream_of_differences_along_rows():
    pixels = np.array([[5, 7, 4], [250, 3, 3]], np.uint8)
    encoded = encode_tile(TileCodec(name="deflate"), pixels)
    assert list(zlib.decompress(encoded)) == [5, 2, 253, 250, 9, 0]  # 7 - 5, 4 - 7 + 256, 3 - 250 + 256


def test_interleaved_samples_are_predicted_from_the_same_sample():
    pixels = np.array([[[10, 20, 30], [11, 22, 33]]], np.uint8)
    assert list(zlib.decompress(encode_tile(TileCodec(name="deflate"), pixels))) == [10, 20, 30, 1, 2, 3]


@pytest.mark.parametrize("name", ["none", "deflate", "lzw", "zstd", "jpeg"])
@pytest.mark.parametrize("dtype", NOISE)
def test_noise_takes_no_more_than_the_bound(name, dtype):
    if name == "jpeg" and dtype != "uint8":
        return
    pixels = NOISE[dtype]
    level = 100 if name == "jpeg" else None
    codec = TileCodec(name=name, level=level)
    encoded = encode_tile(codec, pixels)
    assert len(encoded) <= codec.get_max_size_bytes(pixels.nbytes)
    decoded = decode_tile(codec, encoded, (*pixels.shape, 1), pixels.dtype)[..., 0]
    if codec.is_lossless:
        np.testing.assert_array_equal(decoded, pixels)
    else:
        assert np.abs(decoded.astype(int) - pixels).max() <= 2


@pytest.mark.parametrize("name", ["none", "deflate", "lzw", "zstd", "jpeg"])
def test_a_tile_of_another_size_is_refused(name):
    codec = TileCodec(name=name)
    encoded = encode_tile(codec, NOISE["uint8"][:16])
    with pytest.raises(UnreadableError):
        decode_tile(codec, encoded, (32, 48, 1), np.dtype("uint8"))


def test_floats_are_predicted_only_where_it_is_asked_for():
    assert TileCodec().get_predictor(np.dtype("float32")) == 1
    assert TileCodec(predicts_floats=True).get_predictor(np.dtype("float32")) == 3
    assert TileCodec(name="none").get_predictor(np.dtype("uint16")) == 1
    assert TileCodec(name="zstd").get_predictor(np.dtype("uint16")) == 2
