"""Chunks out of the shards of a stored array.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html#binary-shard-format
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitrina.gateway.zarr.v2 import refuse
from vitrina.readers.pixels.chunk_codec import strip_checksum
from vitrina.readers.pixels.chunk_layout import parse_shard
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from vitrina.gateway.stored_bytes import Bytes
    from vitrina.gateway.zarr.keys import ChunkKeys
    from vitrina.gateway.zarr.node import Json
    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.chunk_layout import ShardLayout

_INDEX_CACHE_BYTES = 32 * 2**20
_ENTRY_BYTES, _CHECKSUM_BYTES = 16, 4
_ABSENT = 2**64 - 1


class Shards:
    """The shards of an array; the index of each is read once.

    Args:
        path: Of the array.
        layout: How chunks are joined.
        keys: How shards are called.
        stored: The bytes of the hierarchy.
    """

    def __init__(self, path: str, layout: ShardLayout, keys: ChunkKeys, stored: Bytes) -> None:
        self._path = path
        self._layout = layout
        self._keys = keys
        self._stored = stored
        self._indexes = DecodedCache(_INDEX_CACHE_BYTES)

    def read(self, chunk: tuple[int, ...]) -> bytes | None:
        """The bytes of a chunk, None where it is not stored.

        Raises:
            EOFError: The shard is too short.
            ValueError: Its index is damaged.
        """
        counts = self._layout.chunks_per_shard
        key = f"{self._path}/{self._keys.build(tuple(i // n for i, n in zip(chunk, counts, strict=True)))}"
        try:
            index = self._indexes.get(key, lambda: self._read_index(key))
        except FileNotFoundError:
            return None
        offset, n_bytes = (int(value) for value in index[tuple(i % n for i, n in zip(chunk, counts, strict=True))])
        if offset == n_bytes == _ABSENT:
            return None
        data = self._stored.read_part(key, offset, n_bytes)
        if data is None or len(data) != n_bytes:
            raise EOFError(f"{key} has no {n_bytes:,} bytes at {offset:,}")
        return data

    def _read_index(self, key: str) -> Pixels:
        """Offset and size of each chunk; chunks per shard x 2, uint64."""
        import numpy as np

        counts = self._layout.chunks_per_shard
        n_bytes = math.prod(counts) * _ENTRY_BYTES + _CHECKSUM_BYTES
        data = self._stored.read_part(key, 0 if self._layout.index_location == "start" else -n_bytes, n_bytes)
        if data is None:
            raise FileNotFoundError(key)
        if len(data) != n_bytes:
            raise EOFError(f"{key} is shorter than its index of {n_bytes:,} bytes")
        index: Pixels = np.frombuffer(strip_checksum(data), "<u8").reshape(*counts, 2)
        return index


def find_shards(path: str, document: Json, keys: ChunkKeys, stored: Bytes) -> Shards | None:
    """The shards of an array, None where each chunk is a file of its own.

    Raises:
        UnsupportedError: The index is stored in another way than the specification recommends.
        KeyError: The ``zarr.json`` is incomplete.
    """
    first = document["codecs"][0]
    if first["name"] != "sharding_indexed":
        return None
    shard_shape = tuple(int(size) for size in document["chunk_grid"]["configuration"]["chunk_shape"])
    _, layout = parse_shard(first["configuration"], shard_shape)
    if layout is None or len(document["codecs"]) > 1:
        raise refuse("the index of its shards is compressed, or shards do not hold whole chunks")
    return Shards(path, layout, keys, stored)
