"""Stored bytes of the chunks of a Zarr array in a folder, sharded or not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.chunk_layout import ChunkLayout, ShardLayout
    from vitrina.readers.pixels.tree_files import TreeFiles

_INDEX_CACHE_BYTES = 32 * 2**20


class ChunkFiles:
    """The chunks of arrays of a hierarchy that are stored alike; the index of each shard is read once.

    Args:
        files: Of the hierarchy.
        layout: How they are stored.
    """

    def __init__(self, files: TreeFiles, layout: ChunkLayout) -> None:
        self._files = files
        self._layout = layout
        self._indexes = DecodedCache(_INDEX_CACHE_BYTES)

    def get_key(self, chunk: tuple[int, ...]) -> str:
        """The name of the file that holds a chunk, below the array."""
        shard = self._layout.shard
        return self._layout.get_key(chunk if shard is None else shard.find_shard(chunk))

    def read(self, path: str, chunk: tuple[int, ...]) -> bytes | None:
        """The bytes of a chunk of the array at a path, None where it is not stored.

        Raises:
            EOFError: The file is too short.
            ValueError: The index of the shard is damaged.
            UnreadableError: A link leads out of the tree.
        """
        key, shard = f"{path}/{self.get_key(chunk)}".lstrip("/"), self._layout.shard
        with self._files.open(key) as fd:
            if fd is None:
                return None
            if shard is None:
                return _read_at(fd, 0, os.fstat(fd).st_size)
            index = self._indexes.get(key, lambda: _read_index(fd, shard))
            found = shard.find_chunk(index, chunk)
            return None if found is None else _read_at(fd, *found)


def _read_index(fd: int, shard: ShardLayout) -> Pixels:
    n_bytes = shard.index_bytes
    start = 0 if shard.index_location == "start" else os.fstat(fd).st_size - n_bytes
    if start < 0:
        raise EOFError(f"the shard is shorter than its index of {n_bytes:,} bytes")
    return shard.parse_index(_read_at(fd, start, n_bytes))


def _read_at(fd: int, offset: int, n_bytes: int) -> bytes:
    if offset + n_bytes > os.fstat(fd).st_size:
        raise EOFError(f"{n_bytes:,} bytes are expected from byte {offset:,}, but the file is shorter")
    parts: list[bytes] = []
    while n_bytes > 0:
        parts.append(os.pread(fd, n_bytes, offset))
        if not parts[-1]:
            raise EOFError("the file has become shorter")
        offset, n_bytes = offset + len(parts[-1]), n_bytes - len(parts[-1])
    return parts[0] if len(parts) == 1 else b"".join(parts)
