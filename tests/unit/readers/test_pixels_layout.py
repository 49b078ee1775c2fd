"""How a Zarr array is stored; the metadata is written after the Zarr specifications."""

import numpy as np
import pytest

from vitrina.readers.pixels.chunk_layout import parse_layout

UINT16 = np.dtype("uint16")
BYTES = {"name": "bytes", "configuration": {"endian": "little"}}
INDEX_CODECS = [BYTES, {"name": "crc32c"}]


def build_v2(**changes):
    return {
        "zarr_format": 2, "shape": [9, 9], "chunks": [4, 5], "dtype": "<u2", "order": "C", "filters": None,
        "fill_value": 0, "compressor": {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1}, **changes,
    }  # fmt: skip


def build_v3(**changes):
    return {
        "zarr_format": 3, "shape": [9, 9], "data_type": "uint16", "fill_value": 0,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 6]}},
        "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
        "codecs": [BYTES, {"name": "zstd", "configuration": {"level": 3, "checksum": False}}], **changes,
    }  # fmt: skip


def build_sharded(**changes):
    own = {"chunk_shape": [2, 3], "codecs": [BYTES], "index_codecs": INDEX_CODECS, "index_location": "end", **changes}
    return build_v3(codecs=[{"name": "sharding_indexed", "configuration": own}])


@pytest.mark.parametrize(
    ("metadata", "key"),
    [
        (build_v2(), "1.0"),
        (build_v2(dimension_separator="/"), "1/0"),
        (build_v3(), "c/1/0"),
        (build_v3(chunk_key_encoding={"name": "default", "configuration": {"separator": "."}}), "c.1.0"),
        (build_v3(chunk_key_encoding={"name": "default"}), "c/1/0"),
        (build_v3(chunk_key_encoding={"name": "v2"}), "1.0"),
        (build_v3(chunk_key_encoding={"name": "v2", "configuration": {"separator": "/"}}), "1/0"),
    ],
)
def test_the_file_of_a_chunk_is_named(metadata, key):
    assert parse_layout(metadata, UINT16).get_key((1, 0)) == key


def test_chunks_shards_and_steps_are_found():
    layout = parse_layout(build_v2(dtype=">u2"), UINT16)
    assert (layout.codec.chunk_shape, layout.codec.dtype, layout.codec.steps) == ((4, 5), np.dtype(">u2"), ("blosc",))
    assert layout.shard is None
    layout = parse_layout(build_sharded(codecs=[BYTES, {"name": "gzip"}, {"name": "crc32c"}]), UINT16)
    assert (layout.codec.chunk_shape, layout.codec.steps) == ((2, 3), ("gzip", "crc32c"))
    assert (layout.shard.chunks_per_shard, layout.shard.index_location) == ((2, 2), "end")


@pytest.mark.parametrize(
    "metadata",
    [
        build_v2(order="F"),
        build_v2(filters=[{"id": "delta", "dtype": "<u2"}]),
        build_v2(compressor={"id": "bz2"}),
        build_v2(dimension_separator="/../"),
        build_v2(chunks=[]),
        build_v3(chunk_grid={"name": "rectilinear"}),
        build_v3(codecs=[{"name": "transpose", "configuration": {"order": [1, 0]}}, BYTES]),
        build_v3(codecs=[BYTES, {"name": "numcodecs.bz2"}]),
        build_v3(storage_transformers=[{"name": "other"}]),
        build_v3(chunk_key_encoding={"name": "other"}),
        build_sharded(chunk_shape=[3, 3]),
        build_sharded(index_codecs=[BYTES]),
        build_sharded(codecs=[{"name": "sharding_indexed", "configuration": {}}]),
        {"zarr_format": 3},
    ],
)
def test_what_is_not_known_is_left_to_zarr_python(metadata):
    assert parse_layout(metadata, UINT16) is None
