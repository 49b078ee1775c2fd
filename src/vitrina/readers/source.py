"""What a reader reads from: a local file or folder, and the tree of keys inside a folder or zip file."""

from __future__ import annotations

import os
import zipfile
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

from vitrina.errors import NotFoundError, UnreadableError, VitrinaError
from vitrina.readers.form import ZIP_MAGICS
from vitrina.readers.pixels.tree_files import TreeFiles

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import BinaryIO

    from zarr.abc.store import Store as ZarrStore

MAX_METADATA_BYTES = 64 * 2**20
"""A larger metadata document is refused: real ones stay under a few megabytes, a hostile one would fill the memory."""

MAX_INFLATED_BYTES = 2**28
MAX_INFLATION = 200
"""An entry of a zip file that is larger, and larger by this factor than what is stored, is there to fill the memory."""

_PART_BYTES = 2**16
"""Of a document are read at once: nearly all are smaller."""


class Tree(Protocol):
    """Keys and small values below a root. Keys use ``/`` and never start with one."""

    def get(self, key: str) -> bytes | None:
        """The whole value of a small metadata key, None when absent.

        Raises:
            UnreadableError: The value is larger than any real metadata, or damaged.
        """

    def open_file(self, key: str) -> BinaryIO:
        """A file of any size, seekable; the caller closes it.

        Raises:
            NotFoundError: There is no file at ``key``.
            UnreadableError: It cannot be opened.
        """

    def list_children(self, prefix: str) -> list[str]:
        """Names directly below ``prefix`` (``""`` for the root), sorted; empty when there is nothing."""

    def open_zarr_store(self) -> ZarrStore:
        """The same tree as a read-only store for zarr-python."""


@dataclass(frozen=True)
class FolderTree:
    """A folder on disk, which no key and no link leads out of."""

    root: Path

    def get(self, key: str) -> bytes | None:
        try:
            with self._files.open(key) as opened:
                if opened is None:
                    return None
                if os.fstat(opened).st_size > MAX_METADATA_BYTES:
                    raise _too_large(str(self.root / key))
                return _read_fully(opened)
        except VitrinaError:
            raise
        except OSError as err:
            raise _unreadable(str(self.root / key), err) from err

    def open_file(self, key: str) -> BinaryIO:
        path = self.root / key
        try:
            opened = self._files.open_file(key)
        except OSError as err:
            raise _unreadable(str(path), err) from err
        if opened is None:
            raise _missing(str(path))
        return os.fdopen(opened, "rb")

    def list_children(self, prefix: str) -> list[str]:
        return self._files.list_names(prefix)

    def open_zarr_store(self) -> ZarrStore:
        from vitrina.readers.contained_store import ContainedStore

        return ContainedStore(self.root, read_only=True)

    @cached_property
    def _files(self) -> TreeFiles:
        return TreeFiles(self.root)


def _read_fully(fd: int) -> bytes:
    """All bytes of an open file; without a file object, whose buffers cost more than reading a small file."""
    parts = []
    while part := os.read(fd, _PART_BYTES):
        parts.append(part)
    return b"".join(parts)


class ZipTree:
    """The inside of a zip file, optionally below a folder inside it."""

    def __init__(self, path: Path, root: str = "") -> None:
        self.path = path
        self.root = root.rstrip("/") + "/" if root else ""
        self._archive = open_zip(path)
        _check_inflation(self._archive, path)
        self._names = {name for name in self._archive.namelist() if name.startswith(self.root)}

    def get(self, key: str) -> bytes | None:
        name = self.root + key
        if name not in self._names or name.endswith("/"):
            return None
        if self._archive.getinfo(name).file_size > MAX_METADATA_BYTES:
            raise _too_large(f"{self.path}!{name}")
        try:
            return self._archive.read(name)
        except _ZIP_FAILURES as err:
            raise _zip_damaged(self.path, name, err) from err

    def open_file(self, key: str) -> BinaryIO:
        name = self.root + key
        if name not in self._names or name.endswith("/"):
            raise _missing(f"{self.path}!{name}")
        try:
            return cast("BinaryIO", self._archive.open(name))  # IO[bytes] and BinaryIO are one class at run time
        except _ZIP_FAILURES as err:
            raise _zip_damaged(self.path, name, err) from err

    def list_children(self, prefix: str) -> list[str]:
        return sorted(self._children.get(prefix.rstrip("/"), ()))

    @cached_property
    def _children(self) -> dict[str, set[str]]:
        """The names directly below each folder, built once: archives of Zarr trees hold very many names."""
        return index_children(full[len(self.root) :].rstrip("/") for full in self._names)

    def open_zarr_store(self) -> ZarrStore:
        from zarr.storage import ZipStore

        if self.root:
            raise UnreadableError(
                "zip-root-nested",
                f"The Zarr tree in {self.path} lies under {self.root!r} instead of at the root of the zip file.",
                hint="Zip the content of the folder, not the folder itself.",
                where=str(self.path),
            )
        return ZipStore(self.path, mode="r")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a person says about a dataset that the dataset does not say itself.

    Attributes:
        pattern: How the files of a folder are named; see ``planes.pattern``.
    """

    pattern: str | None = None


@dataclass(frozen=True)
class Source:
    """A dataset on the local disk, about to be read.

    Args:
        path: An existing file or folder.
        options: What a person says about it.
    """

    path: Path
    options: ReadOptions = field(default_factory=ReadOptions, kw_only=True)

    @cached_property
    def is_folder(self) -> bool:
        """Whether the path is a folder."""
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first 64 bytes of a file, for magic numbers; empty for a folder."""
        if self.is_folder:
            return b""
        with self.path.open("rb") as file:
            return file.read(64)

    @cached_property
    def found(self) -> dict[str, Any]:
        """What a reader has found out once and needs for every part, such as the names of all files; as old as this."""
        return {}

    @cached_property
    def tree(self) -> Tree | None:
        """The keys inside a folder or zip file, None for any other file."""
        if self.is_folder:
            return FolderTree(self.path)
        if self.head.startswith(ZIP_MAGICS):
            return ZipTree(self.path)
        return None


def open_source(path: Path, options: ReadOptions | None = None) -> Source:
    """The source at a path.

    Args:
        path: An existing file or folder.
        options: What a person says about it.

    Raises:
        NotFoundError: Nothing is there.
    """
    if not path.exists():
        raise NotFoundError("path-missing", f"There is no file or folder at {path}.", where=str(path))
    return Source(path, options=options or ReadOptions())


def open_zip(path: Path) -> zipfile.ZipFile:
    """An opened zip file.

    Raises:
        UnreadableError: The central directory is missing or damaged.
    """
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as err:
        raise UnreadableError(
            "zip-damaged",
            f"{path} starts like a zip file, but its directory cannot be read: {err}.",
            hint="The file is probably truncated: copy or download it again.",
            where=str(path),
        ) from err


def index_children(paths: Iterable[str]) -> dict[str, set[str]]:
    """The names directly below each folder, ``""`` for the root, of paths and of the folders that they lie in."""
    children: dict[str, set[str]] = {}
    for path in paths:
        name = path
        while name:
            folder, _, base = name.rpartition("/")
            known = children.setdefault(folder, set())
            if base in known:
                break
            known.add(base)
            name = folder
    return children


_ZIP_FAILURES = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)
"""What ``zipfile`` raises for damaged, encrypted or unknown entries."""


def _check_inflation(archive: zipfile.ZipFile, path: Path) -> None:
    for entry in archive.infolist():
        if entry.file_size > MAX_INFLATED_BYTES and entry.file_size > MAX_INFLATION * entry.compress_size:
            raise UnreadableError(
                "zip-inflates",
                f"{entry.filename[:80]} inside {path} has {entry.compress_size:,} bytes, and would inflate to "
                f"{entry.file_size:,}; no real data does.",
                where=str(path),
            )


def _zip_damaged(path: Path, name: str, err: Exception) -> UnreadableError:
    return UnreadableError("zip-damaged", f"{name} inside {path} cannot be read: {err}.", where=str(path))


def _unreadable(where: str, err: OSError) -> UnreadableError:
    return UnreadableError("file-unreadable", f"{where} cannot be read: {err.strerror or err}.", where=where)


def _missing(where: str) -> NotFoundError:
    return NotFoundError("path-missing", f"There is no file at {where}.", where=where)


def _too_large(where: str) -> UnreadableError:
    return UnreadableError(
        "metadata-too-large",
        f"{where} is larger than {MAX_METADATA_BYTES:,} bytes, too large for metadata.",
        where=where,
    )
