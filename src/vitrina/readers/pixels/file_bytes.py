"""Bytes of a file at an offset, for many threads at once."""

from __future__ import annotations

import mmap
import os
import weakref
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.readers.pixels.axes import Pixels

_MAX_READ_BYTES = 2**30
"""Linux moves at most 2,147,479,552 bytes per call. Source: https://man7.org/linux/man-pages/man2/read.2.html"""


class FileBytes:
    """An opened file, read without a position of its own.

    Args:
        path: The file.

    Attributes:
        size_bytes: When it was opened.
    """

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.close = weakref.finalize(self, os.close, self._fd)
        self.size_bytes = os.fstat(self._fd).st_size

    def read(self, offset: int, n_bytes: int) -> bytes | bytearray:
        """That many bytes.

        Raises:
            EOFError: The file ends before.
        """
        if offset + n_bytes > self.size_bytes:
            raise self._ends(offset, n_bytes)
        if n_bytes <= _MAX_READ_BYTES:
            data = os.pread(self._fd, n_bytes, offset)
            if len(data) == n_bytes:
                return data
        long = bytearray(n_bytes)
        self._read_rest(offset, memoryview(long), 0)
        return long

    def read_into(self, offset: int, out: Pixels) -> None:
        """Fill a contiguous array.

        Raises:
            EOFError: The file ends before.
        """
        n_bytes = out.nbytes
        if offset + n_bytes > self.size_bytes:
            raise self._ends(offset, n_bytes)
        n_read = os.preadv(self._fd, (out,), offset) if n_bytes <= _MAX_READ_BYTES else 0
        if n_read != n_bytes:
            self._read_rest(offset, memoryview(out.view("u1")).cast("B"), n_read)

    def view(self, offset: int, n_bytes: int) -> memoryview:
        """That many bytes as mapped memory, for parts that are too scattered to be read one by one.

        Raises:
            EOFError: The file ends before, or has become shorter.
        """
        if offset + n_bytes > min(self.size_bytes, os.fstat(self._fd).st_size):
            raise self._ends(offset, n_bytes)
        return self._mapped[offset : offset + n_bytes]

    @cached_property
    def _mapped(self) -> memoryview:
        return memoryview(mmap.mmap(self._fd, self.size_bytes, access=mmap.ACCESS_READ))

    def _read_rest(self, offset: int, rest: memoryview, start: int) -> None:
        while start < len(rest):
            n_read = os.preadv(self._fd, (rest[start : start + _MAX_READ_BYTES],), offset + start)
            if n_read == 0:
                raise self._ends(offset, len(rest))
            start += n_read

    def _ends(self, offset: int, n_bytes: int) -> EOFError:
        return EOFError(
            f"{n_bytes:,} bytes are expected from byte {offset:,}, but the file has {self.size_bytes:,} bytes"
        )
