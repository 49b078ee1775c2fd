"""What is in a local file or folder that is about to be stored: plain files, with links resolved or refused."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import InputError, StorageError
from vitrina.storage.keys import MAX_KEY_LENGTH, check_key

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file to store.

    Attributes:
        name: Path inside the folder with ``/``; empty when the source itself is the file.
        path: Where its bytes are; differs from ``name`` when a link was followed. Text, since taking a Path apart again
            costs more than opening the file.
    """

    name: str
    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """A file, or a folder with everything below it.

    Attributes:
        root: The source with all links resolved.
        files: Sorted by name.
        folders: Names of all folders, parents first; the root itself is not among them.
        has_links: Whether a link was followed, so that the tree is not what a rename would move.
    """

    root: Path
    is_folder: bool
    files: tuple[SourceFile, ...]
    folders: tuple[str, ...]
    has_links: bool

    @property
    def size_bytes(self) -> int:
        """Sum of the sizes of all files."""
        return sum(file.size_bytes for file in self.files)


def walk_source(source: Path) -> SourceTree:
    """Everything in a file or folder.

    Links are followed as long as they stay inside the folder; the source itself may be a link to anywhere, since the
    user named it.

    Raises:
        StorageError: Something is missing, unreadable, not a file or folder; a link leaves the folder, leads nowhere or
            leads to a folder around it; or a name cannot be part of a key.
    """
    try:
        root = source.resolve(strict=True)
        info = root.stat()
    except (OSError, RuntimeError) as err:  # RuntimeError: a loop of links, until Python 3.13
        raise _unreadable(source, err) from err
    if stat.S_ISDIR(info.st_mode):
        return _FolderWalk(root).run()
    _check_is_file(root, info.st_mode)
    file = SourceFile(name="", path=str(root), size_bytes=info.st_size)
    return SourceTree(root=root, is_folder=False, files=(file,), folders=(), has_links=False)


class _FolderWalk:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._files: list[SourceFile] = []
        self._folders: list[str] = []
        self._has_links = False

    def run(self) -> SourceTree:
        pending = [("", str(self._root), frozenset({str(self._root)}))]
        while pending:
            prefix, folder, around = pending.pop()
            for entry in _list_entries(folder):
                name = _check_name(prefix, entry.name, folder)
                path, info = self._resolve(entry)
                if stat.S_ISDIR(info.st_mode):
                    if path in around:
                        raise _refused("link-cycle", entry.path, f"leads to {path}, a folder that it lies in")
                    self._folders.append(name)
                    pending.append((f"{name}/", path, around | {path}))
                else:
                    _check_is_file(path, info.st_mode)
                    self._files.append(SourceFile(name=name, path=path, size_bytes=info.st_size))
        return SourceTree(
            root=self._root,
            is_folder=True,
            files=tuple(sorted(self._files, key=lambda file: file.name)),
            folders=tuple(sorted(self._folders)),
            has_links=self._has_links,
        )

    def _resolve(self, entry: os.DirEntry[str]) -> tuple[str, os.stat_result]:
        try:
            if not entry.is_symlink():
                return entry.path, entry.stat(follow_symlinks=False)
        except OSError as err:
            raise _unreadable(entry.path, err) from err
        self._has_links = True
        try:
            real = Path(entry.path).resolve(strict=True)
        except (OSError, RuntimeError) as err:
            raise _refused("link-broken", entry.path, "leads nowhere") from err
        if not real.is_relative_to(self._root):
            raise _refused("link-leaves-folder", entry.path, f"leads to {real}, outside of {self._root}")
        return str(real), _stat(real)


def _list_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError as err:
        raise _unreadable(folder, err) from err


def _stat(path: Path) -> os.stat_result:
    try:
        return path.lstat()
    except OSError as err:
        raise _unreadable(path, err) from err


def _check_name(prefix: str, name: str, folder: str) -> str:
    """The path of an entry inside the folder that is walked; what stands before it was checked with the folder."""
    try:
        check_key(name)
        whole = f"{prefix}{name}"
        return whole if len(whole) <= MAX_KEY_LENGTH else check_key(whole)
    except InputError as err:
        raise StorageError(
            "name-malformed",
            f"The name {name!r} in {folder} cannot be stored: it has a control character or a backslash, is not UTF-8, "
            "or is too long.",
            hint="Rename it.",
            where=folder,
        ) from err


def _check_is_file(path: Path | str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise StorageError(
            "special-file",
            f"{path} is neither a file nor a folder but a pipe, socket or device.",
            hint="Remove it from the folder.",
            where=str(path),
        )


def _refused(code: str, link: str, what: str) -> StorageError:
    return StorageError(
        code,
        f"The link {link} {what}.",
        hint="Replace the link by what it points to, or remove it.",
        where=link,
    )


def _unreadable(path: Path | str, err: Exception) -> StorageError:
    reason = err.strerror if isinstance(err, OSError) and err.strerror else str(err)
    return StorageError("source-unreadable", f"{path} cannot be read: {reason}.", where=str(path))
