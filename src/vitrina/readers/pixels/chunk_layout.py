"""Where the chunks of a Zarr array lie, and how they are stored, from its metadata.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#array-metadata,
https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html, and
https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#arrays.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.readers.pixels.chunk_codec import ChunkCodec, find_steps, strip_checksum

if TYPE_CHECKING:
    import numpy as np

    from vitrina.readers.pixels.axes import Pixels

_ENDIAN: dict[str, Literal["<", ">"]] = {"little": "<", "big": ">"}
_SEPARATORS = {".", "/"}
_ENTRY_BYTES, _CHECKSUM_BYTES = 16, 4
_ABSENT = 2**64 - 1
"""Offset and size of a chunk that a shard does not hold.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html#binary-shard-format
"""

_PLAIN_INDEX = ({"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardLayout:
    """How chunks are joined in files.

    Attributes:
        chunks_per_shard: Per dimension.
        index_location: Where in the file the offsets of the chunks are.
    """

    chunks_per_shard: tuple[int, ...]
    index_location: Literal["start", "end"]

    @property
    def index_bytes(self) -> int:
        """Size of the index of a shard."""
        return math.prod(self.chunks_per_shard) * _ENTRY_BYTES + _CHECKSUM_BYTES

    def parse_index(self, data: bytes) -> Pixels:
        """Offset and size of each chunk; chunks per shard x 2, uint64.

        Raises:
            ValueError: Its checksum does not fit.
        """
        import numpy as np

        index: Pixels = np.frombuffer(strip_checksum(data), "<u8").reshape(*self.chunks_per_shard, 2)
        return index

    def find_shard(self, chunk: tuple[int, ...]) -> tuple[int, ...]:
        """The shard that holds a chunk."""
        return tuple(i // n for i, n in zip(chunk, self.chunks_per_shard, strict=True))

    def find_chunk(self, index: Pixels, chunk: tuple[int, ...]) -> tuple[int, int] | None:
        """Offset and size of a chunk by the index of its shard, None where it is not stored."""
        within = tuple(i % n for i, n in zip(chunk, self.chunks_per_shard, strict=True))
        offset, n_bytes = (int(value) for value in index[within])
        return None if offset == n_bytes == _ABSENT else (offset, n_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkLayout:
    """How an array is stored.

    Attributes:
        codec: How each chunk is stored.
        key_prefix: What the names of files begin with.
        separator: What stands between the numbers in the names of files.
        shard: How chunks are joined in files; None where each has its own.
    """

    codec: ChunkCodec
    key_prefix: str
    separator: str
    shard: ShardLayout | None = None

    def get_key(self, file_index: tuple[int, ...]) -> str:
        """The name of a file below the array's folder."""
        return self.key_prefix + self.separator.join(str(number) for number in file_index)


def parse_layout(metadata: dict[str, Any], dtype: np.dtype[Any]) -> ChunkLayout | None:
    """The layout, None where it needs more than this package knows and is left to zarr-python.

    Args:
        metadata: The array's ``.zarray`` or ``zarr.json``.
        dtype: Of its values.
    """
    try:
        return _parse_v3(metadata, dtype) if metadata["zarr_format"] == 3 else _parse_v2(metadata, dtype)
    except (KeyError, TypeError, AttributeError):  # zarr-python says what is wrong
        return None


def _parse_v2(metadata: dict[str, Any], dtype: np.dtype[Any]) -> ChunkLayout | None:
    chunk_shape = tuple(int(size) for size in metadata["chunks"])
    compressor = metadata.get("compressor")
    steps = find_steps([compressor["id"]] if compressor else [])
    is_known = not metadata.get("filters") and metadata.get("order", "C") == "C" and steps is not None
    if not is_known or not chunk_shape or steps is None:
        return None
    stored = dtype.newbyteorder(metadata["dtype"][0])
    codec = ChunkCodec(chunk_shape=chunk_shape, dtype=stored, steps=steps)
    separator = metadata.get("dimension_separator", ".")
    return ChunkLayout(codec=codec, key_prefix="", separator=separator) if separator in _SEPARATORS else None


def _parse_v3(metadata: dict[str, Any], dtype: np.dtype[Any]) -> ChunkLayout | None:
    grid, encoding = metadata["chunk_grid"], metadata["chunk_key_encoding"]
    if grid["name"] != "regular" or metadata.get("storage_transformers"):
        return None
    file_shape = tuple(int(size) for size in grid["configuration"]["chunk_shape"])
    default = {"default": "/", "v2": "."}.get(encoding["name"])
    separator = (encoding.get("configuration") or {}).get("separator", default)
    if separator not in _SEPARATORS or not file_shape:
        return None
    prefix = f"c{separator}" if encoding["name"] == "default" else ""
    codecs = metadata["codecs"]
    shard = None
    chunk_shape = file_shape
    if codecs[0]["name"] == "sharding_indexed":
        own = codecs[0]["configuration"]
        chunk_shape, shard = parse_shard(own, file_shape)
        if len(codecs) > 1 or shard is None:
            return None
        codecs = own["codecs"]
    codec = _parse_codec(codecs, chunk_shape, dtype)
    if codec is None:
        return None
    return ChunkLayout(codec=codec, key_prefix=prefix, separator=separator, shard=shard)


def parse_shard(own: dict[str, Any], file_shape: tuple[int, ...]) -> tuple[tuple[int, ...], ShardLayout | None]:
    """The shape of the chunks inside a shard, and how they are joined; None where that is not known here.

    Args:
        own: Configuration of the codec ``sharding_indexed``.
        file_shape: Of a shard.
    """
    chunk_shape = tuple(int(size) for size in own["chunk_shape"])
    index_codecs = tuple(
        {key: value for key, value in codec.items() if key == "name" or value} for codec in own["index_codecs"]
    )
    pairs = list(zip(file_shape, chunk_shape, strict=True))
    if index_codecs != _PLAIN_INDEX or any(whole % size for whole, size in pairs):
        return chunk_shape, None
    counts = tuple(whole // size for whole, size in pairs)
    return chunk_shape, ShardLayout(chunks_per_shard=counts, index_location=own.get("index_location", "end"))


def _parse_codec(codecs: list[dict[str, Any]], chunk_shape: tuple[int, ...], dtype: np.dtype[Any]) -> ChunkCodec | None:
    steps = find_steps([codec["name"] for codec in codecs[1:]])
    if codecs[0]["name"] != "bytes" or steps is None:
        return None
    endian = (codecs[0].get("configuration") or {}).get("endian", "little")
    return ChunkCodec(chunk_shape=chunk_shape, dtype=dtype.newbyteorder(_ENDIAN[endian]), steps=steps)
