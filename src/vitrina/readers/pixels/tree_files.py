"""Files below a folder, by key; links that lead out of the folder are not followed."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.syscalls import open_without_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Not blocking, so that a named pipe stops nobody; it means nothing for files."""

_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ENXIO, errno.ENAMETOOLONG}


class TreeFiles:
    """The files of a tree.

    Args:
        root: Its folder.
    """

    def __init__(self, root: Path) -> None:
        self._real_root = os.path.realpath(root)
        self._known = {self._real_root}

    @contextmanager
    def open(self, key: str) -> Iterator[int | None]:
        """The descriptor of a file, None where there is none.

        Raises:
            UnreadableError: The key, or a link on its way, leads out of the tree.
        """
        fd = self.open_file(key)
        try:
            yield fd
        finally:
            if fd is not None:
                os.close(fd)

    def open_file(self, key: str) -> int | None:
        """The same, to be closed by whoever asks.

        Raises:
            UnreadableError: See above.
        """
        path = f"{self._real_root}/{key}"
        if ".." not in key:
            try:
                return _open_regular(path, _open_in_one_call)
            except OSError as err:
                if err.errno != errno.ELOOP:
                    raise
        self._check(os.path.dirname(path))  # noqa: PTH120 paths of chunks are taken apart often
        try:
            return _open_regular(path)
        except OSError as err:
            if err.errno != errno.ELOOP:
                raise
        real = os.path.realpath(path)
        self._check_real(real, path)
        return _open_regular(real)

    def list_names(self, folder: str) -> list[str]:
        """Names in a folder below this one, sorted; none where there is no folder.

        Raises:
            UnreadableError: See above.
        """
        path = f"{self._real_root}/{folder}"
        self._check(path)
        try:
            return sorted(os.listdir(path))  # noqa: PTH208 as above
        except (FileNotFoundError, NotADirectoryError):
            return []

    def check(self, key: str) -> None:
        """Whether a key stays inside the tree, whatever lies there.

        Raises:
            UnreadableError: See above.
        """
        path = f"{self._real_root}/{key}"
        self._check(os.path.dirname(path))  # noqa: PTH120 as above
        if os.path.islink(path) or key.rpartition("/")[2] == "..":  # noqa: PTH114 as above
            self._check_real(os.path.realpath(path), path)

    def _check(self, folder: str) -> None:
        if folder in self._known:
            return
        parent, _, name = folder.rpartition("/")
        if len(parent) >= len(self._real_root) and name not in {"", ".", ".."}:
            self._check(parent)
            if not os.path.islink(folder):  # noqa: PTH114 as above
                self._known.add(folder)
                return
        self._check_real(os.path.realpath(folder), folder)
        self._known.add(folder)

    def _check_real(self, real: str, path: str) -> None:
        if real != self._real_root and not real.startswith(f"{self._real_root}/"):
            raise UnreadableError(
                "path-outside",
                f"{path} leads out of {self._real_root}, so it is not read.",
                hint="Copy what it points to into the dataset.",
                where=path,
            )


def _open_regular(path: str, open_: Callable[[str, int], int] = os.open) -> int | None:
    """The descriptor of a file; None where there is none, or something else."""
    try:
        fd = open_(path, _FLAGS)
    except OSError as err:
        if err.errno in _ABSENT:
            return None
        raise
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    return None


def _open_in_one_call(path: str, flags: int) -> int:
    """A descriptor of a path; ELOOP where a part of it is a link, and where this machine offers no such call."""
    fd = open_without_links(path, flags)
    if fd is None:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    return fd
