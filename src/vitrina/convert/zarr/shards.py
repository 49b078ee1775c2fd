"""Shard files of Zarr 3: chunks one after the other, then an index of where each lies.

A shard is open from its first chunk to its last. Chunks are appended where the next free byte is, whatever their place
in the shard; the index is written when all are there. In the depth-first order of the engine only a few shards per
level are open at a time.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html#binary-shard-format
"""

from __future__ import annotations

import math
import os
import threading
from typing import TYPE_CHECKING, Any

import google_crc32c
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.convert.zarr.arrays import ArraySpec
    from vitrina.pyramid.source import ShapeTczyx

_MISSING = 2**64 - 1


class Shard:
    """One shard that is being written.

    Args:
        path: Its file, made where there is none.
        spec: The array.
        index_tczyx: Which shard of the array.
    """

    def __init__(self, path: Path, spec: ArraySpec, index_tczyx: ShapeTczyx) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        inner = spec.shard_tczyx or (1, 1, 1, 1, 1)
        self._inner = inner
        self._index = np.full((*inner, 2), _MISSING, np.uint64)
        n_along = zip(spec.count_chunks(), inner, index_tczyx, strict=True)
        self._n_missing = math.prod(min(n, whole - at * n) for whole, n, at in n_along)
        self._end = 0
        self._lock = threading.Lock()

    def reserve(self, chunk_tczyx: ShapeTczyx, size_bytes: int | None) -> int:
        """Where the chunk with an index in the array will lie; None for one that is not stored."""
        if size_bytes is None:
            return 0
        offset = self._end
        self.place(chunk_tczyx, offset, size_bytes)
        return offset

    def place(self, chunk_tczyx: ShapeTczyx, offset: int, size_bytes: int) -> None:
        """Know where a chunk lies."""
        self._index[self._get_inner(chunk_tczyx)] = offset, size_bytes
        self._end = max(self._end, offset + size_bytes)

    def write(self, data: bytes | None, offset: int) -> bool:
        """Write a chunk that was reserved; True when it was the last."""
        if data is not None:
            write_fully(self._file, data, offset)
        return self.count_down()

    def count_down(self) -> bool:
        """One chunk less is missing; True when it was the last, then the index has been written."""
        with self._lock:
            self._n_missing -= 1
            if self._n_missing:
                return False
        index = self._index.astype("<u8").tobytes()
        checksum = google_crc32c.value(index)
        write_fully(self._file, index + checksum.to_bytes(4, "little"), self._end)
        os.ftruncate(self._file, self._end + len(index) + 4)
        return True

    def read(self, chunk_tczyx: ShapeTczyx) -> bytes | None:
        """The bytes of a stored chunk, None for one without."""
        offset, size = (int(value) for value in self._index[self._get_inner(chunk_tczyx)])
        return None if offset == _MISSING else os.pread(self._file, size, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _get_inner(self, chunk_tczyx: ShapeTczyx) -> ShapeTczyx:
        (t, c, z, y, x), (n_t, n_c, n_z, n_y, n_x) = chunk_tczyx, self._inner
        return t % n_t, c % n_c, z % n_z, y % n_y, x % n_x


def read_shard_index(path: Path, spec: ArraySpec) -> Any:
    """The index of a complete shard: offset and size of each chunk.

    Raises:
        ValueError: Its checksum is wrong.
    """
    inner = spec.shard_tczyx or (1, 1, 1, 1, 1)
    size = math.prod(inner) * 16
    with path.open("rb") as file:
        file.seek(-size - 4, os.SEEK_END)
        data = file.read()
    if google_crc32c.value(data[:size]) != int.from_bytes(data[size:], "little"):
        raise ValueError("the checksum of the index is wrong")
    return np.frombuffer(data[:size], "<u8").reshape(*inner, 2)


def write_fully(file: int, data: bytes, offset: int) -> None:
    """Write all bytes at an offset."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file, view, offset)
        view, offset = view[written:], offset + written
