"""The bytes of a stored Zarr tree, in a folder or a zip file."""

from __future__ import annotations

import errno
import os
import stat
import zipfile
import zlib
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway.tree import MAX_READ_AT_ONCE, MAX_VALUE_BYTES, resolve
from vitrina.readers.source import index_children, open_zip
from vitrina.storage.beneath import open_beneath

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.gateway.tree import Found

MAX_INFLATED_AT_ONCE = 2**16
"""Members of a zip file that are compressed take more time than those that are not."""


class Bytes(Protocol):
    """Values by key, as they are stored."""

    def find(self, key: str) -> Found:
        """The value of a checked key where it is small, what reads it where it is not, None when there is none.

        Raises:
            UnreadableError: The stored bytes are damaged; also when the value is called for.
            UnsupportedError: The value is larger than ``MAX_VALUE_BYTES``; also then.
        """

    def read(self, key: str) -> bytes | None:
        """The value of a checked key, None when there is none.

        Raises:
            UnreadableError: The stored bytes are damaged.
            UnsupportedError: The value is larger than ``MAX_VALUE_BYTES``.
        """

    def read_part(self, key: str, start: int, n_bytes: int) -> bytes | None:
        """A part of the value of a checked key, None when there is none; shorter where the value ends.

        Args:
            key: Its key.
            start: First byte; negative, counted from the end.
            n_bytes: How many.

        Raises:
            UnreadableError: The stored bytes are damaged.
            UnsupportedError: The part is larger than ``MAX_VALUE_BYTES``.
        """

    def list_folders(self, path: str) -> list[str]:
        """Names of the folders directly below a checked path, ``""`` for the root, sorted; of links, all."""


class FolderBytes:
    """The files of a folder; links that leave it lead nowhere."""

    def __init__(self, root: Path) -> None:
        real = root.resolve()
        self._parent = str(real.parent)
        self._name = real.name

    def find(self, key: str) -> Found:
        return self._find(key, 0, None, MAX_READ_AT_ONCE)

    def read(self, key: str) -> bytes | None:
        return resolve(self._find(key, 0, None))

    def read_part(self, key: str, start: int, n_bytes: int) -> bytes | None:
        return resolve(self._find(key, start, n_bytes))

    def list_folders(self, path: str) -> list[str]:
        try:
            descriptor = open_beneath(self._parent, f"{self._name}/{path}".rstrip("/"), os.O_DIRECTORY)
        except OSError:
            return []
        try:
            with os.scandir(descriptor) as entries:
                return sorted(entry.name for entry in entries if entry.is_symlink() or entry.is_dir())
        finally:
            os.close(descriptor)

    def _find(self, key: str, start: int, n_bytes: int | None, max_at_once: int | None = None) -> Found:
        """The value of a key or a part of it; what reads it where the value is larger than may be read at once."""
        try:
            descriptor = open_beneath(self._parent, f"{self._name}/{key}")
        except OSError as err:
            if err.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO):
                raise
            return None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                return None
            if max_at_once is not None and status.st_size > max_at_once:
                return partial(self.read, key)
            return _read_fully(key, descriptor, status.st_size, start, status.st_size if n_bytes is None else n_bytes)
        finally:
            os.close(descriptor)


class ZipBytes:
    """The members of a zip file below a folder inside it."""

    def __init__(self, path: Path, root: str) -> None:
        self._path = path
        self._archive = open_zip(path)
        self._prefix = f"{root.strip('/')}/" if root.strip("/") else ""
        members = [info for info in self._archive.infolist() if not info.is_dir()]
        self._sizes = {info.filename: info.file_size for info in members}
        self._packed = frozenset(info.filename for info in members if info.compress_type != zipfile.ZIP_STORED)

    def find(self, key: str) -> Found:
        name = self._prefix + key
        limit = MAX_INFLATED_AT_ONCE if name in self._packed else MAX_READ_AT_ONCE
        return partial(self.read, key) if self._sizes.get(name, 0) > limit else self.read(key)

    def read(self, key: str) -> bytes | None:
        return self._read(key, 0, None)

    def read_part(self, key: str, start: int, n_bytes: int) -> bytes | None:
        return self._read(key, start, n_bytes)

    def list_folders(self, path: str) -> list[str]:
        return sorted(self._folders.get((self._prefix + path).rstrip("/"), ()))

    @cached_property
    def _folders(self) -> dict[str, set[str]]:
        """The folders directly below each folder."""
        return index_children(name.rpartition("/")[0] for name in self._sizes)

    def _read(self, key: str, start: int, n_bytes: int | None) -> bytes | None:
        name = self._prefix + key
        size = self._sizes.get(name)
        if size is None:
            return None
        _check_size(name, size if n_bytes is None else n_bytes)
        try:
            with self._archive.open(name) as member:
                member.seek(start if start >= 0 else max(size + start, 0))
                return member.read(-1 if n_bytes is None else n_bytes)
        except (
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
        ) as err:
            raise UnreadableError(
                "zip-damaged", f"{name} inside {self._path.name} cannot be read: {err}.", where=name
            ) from err


def _read_fully(key: str, descriptor: int, size: int, start: int, n_bytes: int) -> bytes:
    """Bytes from an offset, or from one counted from the end where it is negative; fewer where the file ends."""
    _check_size(key, n_bytes)
    offset = start if start >= 0 else max(size + start, 0)
    parts = [os.pread(descriptor, n_bytes, offset)]
    while parts[-1] and (missing := n_bytes - sum(map(len, parts))) > 0:
        parts.append(os.pread(descriptor, missing, offset + n_bytes - missing))
    return b"".join(parts)


def _check_size(key: str, size_bytes: int) -> None:
    if size_bytes > MAX_VALUE_BYTES:
        raise UnsupportedError(
            "value-too-large",
            f"{key} has {size_bytes:,} bytes, more than the {MAX_VALUE_BYTES:,} that the gateway serves at once.",
            hint="Read it from /data, which streams files of any size.",
            where=key,
        )
