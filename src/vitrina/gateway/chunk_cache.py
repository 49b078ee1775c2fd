"""Chunks that were made, kept in a folder of limited size.

Anybody may delete the folder, or files in it, at any time: what is missing or damaged is made again. Several processes
may share it.
"""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_CHECKSUM_BYTES = 4
_SHARE_KEPT = 0.9
"""Of the limit, where eviction stops: the folder is listed once per tenth of it that is written."""


class ChunkCache:
    """The chunks that were used last. Safe to use from several threads and processes.

    A file holds a chunk and its CRC-32C, under the hash of its key; its time of change is when it was used last.

    Args:
        folder: Made when the first chunk comes.
        max_bytes: Of all files together.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._n_bytes: int | None = None  # not counted yet
        self._lock = threading.Lock()
        self._is_refused = False

    def read(self, key: str) -> bytes | None:
        """The chunk that was kept under a key, None where there is none, or it is damaged."""
        path = self._build_path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        chunk = data[:-_CHECKSUM_BYTES]
        if data[-_CHECKSUM_BYTES:] != _build_checksum(chunk):
            _log.warning("%s is damaged, and made again", path)
            return None
        with suppress(OSError):  # removed meanwhile, or not ours
            os.utime(path)
        return chunk

    def write(self, key: str, chunk: bytes) -> None:
        """Keep a chunk where the disk allows it; whole under its name or not at all."""
        path = self._build_path(key)
        draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(chunk + _build_checksum(chunk))
            draft.replace(path)
        except OSError as err:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            if not self._is_refused:
                self._is_refused = True  # told once
                _log.warning("chunks are not kept in %s: %s", self._folder, err)
            return
        self._count(len(chunk) + _CHECKSUM_BYTES)

    def _build_path(self, key: str) -> Path:
        from blake3 import blake3

        name = blake3(key.encode()).hexdigest(length=16)
        return self._folder / name[:2] / name[2:]

    def _count(self, n_bytes: int) -> None:
        with self._lock:
            if self._n_bytes is not None:
                self._n_bytes += n_bytes
            if self._n_bytes is None or self._n_bytes > self._max_bytes:
                self._n_bytes = self._evict()

    def _evict(self) -> int:
        """Remove what was used longest ago where all files are too large; the bytes that stay."""
        files = sorted(self._list_files())
        n_bytes = sum(size_bytes for _, size_bytes, _ in files)
        if n_bytes <= self._max_bytes:
            return n_bytes
        for _, size_bytes, path in files:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            n_bytes -= size_bytes
            if n_bytes <= _SHARE_KEPT * self._max_bytes:
                break
        return n_bytes

    def _list_files(self) -> list[tuple[int, int, Path]]:
        """When each file was used last, its size, its path."""
        found: list[tuple[int, int, Path]] = []
        for folder, _, names in self._folder.walk():
            for name in names:
                with suppress(OSError):  # removed meanwhile
                    status = (folder / name).stat()
                    found.append((status.st_mtime_ns, status.st_size, folder / name))
        return found


def _build_checksum(chunk: bytes) -> bytes:
    import google_crc32c

    checksum: int = google_crc32c.value(chunk)
    return checksum.to_bytes(_CHECKSUM_BYTES, "little")
