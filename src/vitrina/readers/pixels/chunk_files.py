"""Stored bytes of the chunks of a Zarr array in a folder, sharded or not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vitrina.readers.pixels.chunk_codec import strip_checksum
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.chunk_layout import ChunkLayout, ShardLayout
    from vitrina.readers.pixels.tree_files import TreeFiles

_INDEX_CACHE_BYTES = 32 * 2**20
_ENTRY_BYTES = 16
_CHECKSUM_BYTES = 4
_ABSENT = 2**64 - 1
"""Offset and size of a chunk that a shard does not hold.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html#binary-shard-format
"""


class ChunkFiles:
    """The chunks of an array; the index of each shard is read once.

    Args:
        files: The array's folder.
        layout: How it is stored.
    """

    def __init__(self, files: TreeFiles, layout: ChunkLayout) -> None:
        self._files = files
        self._layout = layout
        self._indexes = DecodedCache(_INDEX_CACHE_BYTES)

    def get_key(self, chunk: tuple[int, ...]) -> str:
        """The name of the file that holds a chunk."""
        shard = self._layout.shard
        numbers = chunk if shard is None else (i // n for i, n in zip(chunk, shard.chunks_per_shard, strict=True))
        return self._layout.get_key(tuple(numbers))

    def read(self, chunk: tuple[int, ...]) -> bytes | None:
        """The bytes of a chunk, None where it is not stored.

        Raises:
            EOFError: The file is too short.
            ValueError: The index of the shard is damaged.
            UnreadableError: A link leads out of the tree.
        """
        key, shard = self.get_key(chunk), self._layout.shard
        with self._files.open(key) as fd:
            if fd is None:
                return None
            if shard is None:
                return _read_at(fd, 0, os.fstat(fd).st_size)
            index = self._indexes.get(key, lambda: _read_index(fd, shard))
            offset, n_bytes = index[tuple(i % n for i, n in zip(chunk, shard.chunks_per_shard, strict=True))]
            if offset == n_bytes == _ABSENT:
                return None
            return _read_at(fd, int(offset), int(n_bytes))


def _read_index(fd: int, shard: ShardLayout) -> Pixels:
    """Offset and size of each chunk; chunks per shard x 2, uint64."""
    import numpy as np

    counts = shard.chunks_per_shard
    n_bytes = int(np.prod(counts)) * _ENTRY_BYTES + _CHECKSUM_BYTES
    start = 0 if shard.index_location == "start" else os.fstat(fd).st_size - n_bytes
    if start < 0:
        raise EOFError(f"the shard is shorter than its index of {n_bytes:,} bytes")
    data = strip_checksum(_read_at(fd, start, n_bytes))
    index: Pixels = np.frombuffer(data, "<u8").reshape(*counts, 2)
    return index


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
