"""A file that is filled in any order, by several threads."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from vitrina.convert.tiff.directory import HEADER_BYTES, align
from vitrina.convert.tiff.plan import TILE_ALIGNMENT_BYTES
from vitrina.errors import ConflictError, InputError, NotFoundError, StorageError, UnreadableError

if TYPE_CHECKING:
    from pathlib import Path


class TileFile:
    """Hands out room for tiles one after another, writes and reads them; closed by ``finish`` or ``close``.

    Args:
        path: The file.
        is_resumed: Whether the file must be there, left by an interrupted writer; else it must not be.

    Raises:
        ConflictError: The file exists already.
        NotFoundError: There is nothing to resume.
        StorageError: It cannot be opened.
    """

    def __init__(self, path: Path, *, is_resumed: bool) -> None:
        self._path = path
        self._end = HEADER_BYTES
        self._lock = threading.Lock()
        flags = os.O_RDWR | os.O_CLOEXEC | (0 if is_resumed else os.O_CREAT | os.O_EXCL)
        try:
            self._fd = os.open(path, flags, 0o666)
        except FileExistsError as err:
            raise ConflictError("file-exists", f"{path} exists already.", where=str(path)) from err
        except FileNotFoundError as err:
            raise NotFoundError("file-missing", f"{path} is not there.", where=str(path)) from err
        except OSError as err:
            raise self._failed("opened", err) from err

    def reserve(self, size_bytes: int, limit_bytes: int | None) -> int:
        """Where the next so many bytes go.

        Raises:
            InputError: They would end behind the limit.
        """
        with self._lock:
            offset = align(self._end, TILE_ALIGNMENT_BYTES)
            if limit_bytes is not None and offset + size_bytes > limit_bytes:
                raise InputError(
                    "tiff-too-large",
                    f"{self._path} would be larger than the {limit_bytes:,} bytes of a classic TIFF.",
                    hint="Write BigTIFF.",
                    where=str(self._path),
                )
            self._end = offset + size_bytes
            return offset

    def restore(self, offset: int, size_bytes: int) -> None:
        """Room that was handed out by an interrupted writer is taken."""
        with self._lock:
            self._end = max(self._end, offset + size_bytes)

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes where they belong.

        Raises:
            StorageError: They cannot be written.
        """
        rest = memoryview(data)
        try:
            while rest:
                written = os.pwrite(self._fd, rest, offset)
                rest = rest[written:]
                offset += written
        except OSError as err:
            raise self._failed("written", err) from err

    def read(self, offset: int, size_bytes: int) -> bytes:
        """Read bytes back.

        Raises:
            StorageError: They cannot be read.
            UnreadableError: The file ends before.
        """
        data = self.read_there(offset, size_bytes)
        if len(data) < size_bytes:
            raise UnreadableError(
                "tiff-truncated",
                f"{self._path} ends at byte {offset + len(data):,}, in a tile that ends at {offset + size_bytes:,}.",
                where=str(self._path),
            )
        return data

    def read_there(self, offset: int, size_bytes: int) -> bytes:
        """Read what is there of some bytes, fewer where the file ends before.

        Raises:
            StorageError: They cannot be read.
        """
        try:
            data = os.pread(self._fd, size_bytes, offset)
            while len(data) < size_bytes and (more := os.pread(self._fd, size_bytes - len(data), offset + len(data))):
                data += more
        except OSError as err:
            raise self._failed("read", err) from err
        return data

    def finish(self, head: bytes, end: int) -> None:
        """Cut off what an interrupted writer left behind the end, write the head and close the file.

        Raises:
            StorageError: It cannot be written.
        """
        try:
            os.ftruncate(self._fd, end)
        except OSError as err:
            raise self._failed("written", err) from err
        self.write(0, head)
        self.close()

    def close(self) -> None:
        """Leave the file as it is; closing again does nothing."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    @property
    def end(self) -> int:
        """The first byte behind all room that was handed out."""
        return self._end

    def _failed(self, action: str, err: OSError) -> StorageError:
        return StorageError(
            "file-not-writable", f"{self._path} cannot be {action}: {err.strerror or err}.", where=str(self._path)
        )
