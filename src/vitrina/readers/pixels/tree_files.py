"""Files below a folder, by key; links that lead out of the folder are not followed."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_CLOEXEC
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}


class TreeFiles:
    """The files below a folder inside a tree.

    Args:
        root: Of the tree.
        folder: Path of the folder inside the tree.
    """

    def __init__(self, root: Path, folder: str) -> None:
        self._real_root = os.path.realpath(root)
        self._folder = os.path.join(self._real_root, folder)  # noqa: PTH118 paths of chunks are joined often
        self._known: set[str] = set()

    @contextmanager
    def open(self, key: str) -> Iterator[int | None]:
        """The descriptor of a file, None where there is none.

        Raises:
            UnreadableError: The file, or a folder above it, is a link that leads out of the tree.
        """
        path = f"{self._folder}/{key}"
        self._check(os.path.dirname(path))  # noqa: PTH120 as above
        fd = self._open(path)
        try:
            yield fd
        finally:
            if fd is not None:
                os.close(fd)

    def _open(self, path: str) -> int | None:
        try:
            return os.open(path, _FLAGS | os.O_NOFOLLOW)
        except OSError as err:
            if err.errno in _ABSENT:
                return None
            if err.errno != errno.ELOOP:
                raise
        real = os.path.realpath(path)
        self._check_real(real, path)
        return os.open(real, _FLAGS | os.O_NOFOLLOW)

    def _check(self, folder: str) -> None:
        if folder in self._known:
            return
        self._check_real(os.path.realpath(folder), folder)
        self._known.add(folder)

    def _check_real(self, real: str, path: str) -> None:
        if real != self._real_root and not real.startswith(f"{self._real_root}/"):
            raise UnreadableError(
                "path-outside",
                f"{path} is a link that leads out of {self._real_root}, so it is not read.",
                hint="Copy what it points to into the dataset.",
                where=path,
            )
