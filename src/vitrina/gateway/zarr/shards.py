"""Chunks out of the shards of a stored array.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html#binary-shard-format
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from vitrina.gateway.tree import MAX_READ_AT_ONCE
from vitrina.gateway.zarr.v2 import refuse
from vitrina.readers.pixels.chunk_layout import parse_shard
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from vitrina.gateway.stored_bytes import Bytes
    from vitrina.gateway.tree import Found
    from vitrina.gateway.zarr.keys import ChunkKeys
    from vitrina.gateway.zarr.node import Json
    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.chunk_layout import ShardLayout

_INDEX_CACHE_BYTES = 32 * 2**20


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

    def find(self, chunk: tuple[int, ...]) -> Found:
        """The bytes of a chunk where it is small, what reads them where it is not, None where it is not stored.

        Raises:
            EOFError: The shard is too short; also when the chunk is called for.
            ValueError: Its index is damaged.
        """
        key = f"{self._path}/{self._keys.build(self._layout.find_shard(chunk))}"
        try:
            index = self._indexes.get(key, lambda: self._read_index(key))
        except FileNotFoundError:
            return None
        found = self._layout.find_chunk(index, chunk)
        if found is None:
            return None
        return self._read(key, *found) if found[1] <= MAX_READ_AT_ONCE else partial(self._read, key, *found)

    def _read(self, key: str, start: int, n_bytes: int) -> bytes:
        data = self._stored.read_part(key, start, n_bytes)
        if data is None or len(data) != n_bytes:
            raise EOFError(f"{key} has no {n_bytes:,} bytes at {start:,}")
        return data

    def _read_index(self, key: str) -> Pixels:
        n_bytes = self._layout.index_bytes
        data = self._stored.read_part(key, 0 if self._layout.index_location == "start" else -n_bytes, n_bytes)
        if data is None:
            raise FileNotFoundError(key)
        if len(data) != n_bytes:
            raise EOFError(f"{key} is shorter than its index of {n_bytes:,} bytes")
        return self._layout.parse_index(data)


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
