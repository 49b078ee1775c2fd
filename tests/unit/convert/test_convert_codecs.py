"""Chunks as bytes and arrays as documents, decoded and parsed by numcodecs and zarr-python."""

import gzip
import json

import numcodecs
import numpy as np
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from pyramids import DTYPES, make_pixels
from zarr.core.metadata import ArrayV2Metadata, ArrayV3Metadata

from vitrina.convert.zarr.arrays import ArraySpec
from vitrina.convert.zarr.codecs import Codec
from vitrina.errors import InputError
from vitrina.pyramid.writer import Place

CODECS = [
    Codec(),
    Codec(name="none"),
    *(Codec(name="gzip", level=level) for level in (0, 1, 9)),
    *(Codec(name="zstd", level=level) for level in (-7, 0, 3, 22)),
    *(Codec(level=3, inner=inner) for inner in ("zstd", "lz4", "lz4hc", "zlib", "blosclz")),
    *(Codec(level=5, shuffle=shuffle) for shuffle in ("noshuffle", "shuffle", "bitshuffle")),
]


def make_spec(codec=CODECS[0], *, dtype="uint16", zarr_format=3, axes="tczyx", **more):
    return ArraySpec(
        **{
            "path": "0",
            "axes": axes,
            "shape_tczyx": (2, 3, 5, 40, 50),
            "chunk_tczyx": (1, 1, 2, 16, 32),
            "shard_tczyx": None,
            "dtype": np.dtype(dtype),
            "codec": codec,
            "zarr_format": zarr_format,
            **more,
        }
    )


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "float32", "uint64"])
@pytest.mark.parametrize("codec", CODECS, ids=str)
def test_numcodecs_decodes_what_its_settings_say(codec, dtype):
    pixels = make_pixels((1, 1, 2, 16, 32), dtype)[0, 0]
    encoded = codec.encode(pixels)
    settings = codec.build_v2()
    decoded = encoded if settings is None else numcodecs.get_codec(settings).decode(encoded)
    np.testing.assert_array_equal(np.frombuffer(decoded, dtype).reshape(pixels.shape), pixels)
    assert codec.decode(encoded, pixels.nbytes) == pixels.tobytes()


def test_gzip_is_a_file_of_gzip():
    assert gzip.decompress(Codec(name="gzip", level=4).encode(np.arange(9, dtype=np.uint8))) == bytes(range(9))


def test_higher_levels_are_smaller_and_shuffles_differ():
    pixels = np.arange(2**14, dtype=np.uint32) * 3
    assert len(Codec(level=9).encode(pixels)) < len(Codec(level=0).encode(pixels))
    sizes = {len(Codec(shuffle=shuffle).encode(pixels)) for shuffle in ("noshuffle", "shuffle", "bitshuffle")}
    assert len(sizes) == 3


@pytest.mark.parametrize("codec", CODECS, ids=str)
def test_damaged_chunks_are_not_decoded(codec):
    pixels = make_pixels((1, 1, 2, 16, 32), "uint16")
    encoded = codec.encode(pixels)
    for size in (len(encoded) // 2, len(encoded) - 1, 10):
        with pytest.raises(ValueError):
            codec.decode(encoded[:size], pixels.nbytes)
    with pytest.raises(ValueError):
        codec.decode(encoded, pixels.nbytes - 1)
    with pytest.raises(ValueError):
        codec.decode(b"", pixels.nbytes)


@pytest.mark.parametrize(
    "settings",
    [
        {"name": "lzma"},
        {"level": 10},
        {"level": -1},
        {"name": "zstd", "level": 23},
        {"name": "gzip", "level": 10},
        {"inner": "snappy"},
        {"shuffle": "shuffled"},
    ],
)
def test_codecs_that_do_not_exist_are_refused(settings):
    with pytest.raises(InputError) as caught:
        Codec(**settings)
    assert caught.value.code == "codec-unknown"
    assert caught.value.hint


@pytest.mark.parametrize("axes", ["tczyx", "czyx", "zyx", "yx", "tyx"])
@pytest.mark.parametrize("codec", CODECS, ids=str)
def test_zarr_python_parses_the_document_of_version_2(codec, axes):
    shape = tuple(size if axis in axes else 1 for axis, size in zip("tczyx", (2, 3, 5, 40, 50), strict=True))
    chunk = tuple(size if axis in axes else 1 for axis, size in zip("tczyx", (1, 1, 2, 16, 32), strict=True))
    name, document = make_spec(codec, zarr_format=2, axes=axes, shape_tczyx=shape, chunk_tczyx=chunk).build_metadata()
    parsed = ArrayV2Metadata.from_dict(json.loads(document))
    assert name == ".zarray"
    assert parsed.shape == tuple(size for axis, size in zip("tczyx", shape, strict=True) if axis in axes)
    assert parsed.chunks == tuple(size for axis, size in zip("tczyx", chunk, strict=True) if axis in axes)
    assert parsed.dimension_separator == "/"
    assert parsed.fill_value == 0
    assert parsed.compressor == (None if codec.name == "none" else numcodecs.get_codec(codec.build_v2()))


@pytest.mark.parametrize("shard", [None, (1, 1, 3, 2, 1)])
@pytest.mark.parametrize("codec", CODECS, ids=str)
def test_zarr_python_parses_the_document_of_version_3(codec, shard):
    spec = make_spec(codec, axes="czyx", shape_tczyx=(1, 3, 5, 40, 50), shard_tczyx=shard)
    name, document = spec.build_metadata()
    parsed = ArrayV3Metadata.from_dict(json.loads(document))
    assert name == "zarr.json"
    assert parsed.shape == (3, 5, 40, 50)
    assert parsed.dimension_names == ("c", "z", "y", "x")
    assert parsed.chunks == (1, 2, 16, 32)
    assert parsed.shards == (None if shard is None else (1, 6, 32, 32))
    if shard is not None:
        assert (
            parsed.inner_codecs
            == ArrayV3Metadata.from_dict(
                json.loads(make_spec(codec, axes="czyx", shape_tczyx=(1, 3, 5, 40, 50)).build_metadata()[1])
            ).codecs
        )
        assert parsed.codecs[0].chunk_shape == (1, 2, 16, 32)


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_zarr_python_reads_every_type(dtype, zarr_format):
    pixels = make_pixels((1, 1, 1, 16, 16), dtype)
    spec = make_spec(
        dtype=dtype,
        zarr_format=zarr_format,
        axes="yx",
        shape_tczyx=(1, 1, 1, 16, 16),
        chunk_tczyx=(1, 1, 1, 16, 16),
    )
    name, document = spec.build_metadata()
    store = {
        f"0/{name}": zarr.core.buffer.cpu.Buffer.from_bytes(document),
        spec.get_key((0, 0, 0, 0, 0)): zarr.core.buffer.cpu.Buffer.from_bytes(spec.codec.encode(pixels)),
    }
    array = zarr.open_array(zarr.storage.MemoryStore(store), path="0", mode="r")
    assert array.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(array[...], pixels[0, 0, 0])


@given(
    place=st.builds(Place, level=st.just(0), **dict.fromkeys("tczyx", st.integers(0, 30))),
    zarr_format=st.sampled_from([2, 3]),
    axes=st.sampled_from(["tczyx", "zyx", "cyx"]),
    separator=st.sampled_from("/."),
)
def test_keys_are_those_of_zarr_python(place, zarr_format, axes, separator):
    spec = make_spec(zarr_format=zarr_format, axes=axes, separator=separator)
    index = spec.get_chunk_index(place)
    own = [at for axis, at in zip("tczyx", index, strict=True) if axis in axes]
    parse = ArrayV2Metadata if zarr_format == 2 else ArrayV3Metadata
    parsed = parse.from_dict(json.loads(spec.build_metadata()[1]))
    assert spec.get_key(index) == f"0/{parsed.encode_chunk_key(tuple(own))}"


def test_chunks_are_counted_and_measured_by_hand():
    spec = make_spec(dtype="float64")
    assert spec.count_chunks() == (2, 3, 3, 3, 2)
    assert spec.chunk_bytes == 2 * 16 * 32 * 8
