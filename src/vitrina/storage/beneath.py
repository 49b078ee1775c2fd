"""Open what a key names below a root, so that no symbolic link leads out.

The first part of a key is the boundary: an artifact's own folder. A link inside it may point to something else inside
it (data registered in place has such links); any other link leads nowhere.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from vitrina import syscalls

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
"""Not blocking, so that a named pipe cannot stop the server; it means nothing for files and folders."""


def open_beneath(root: str, key: str, flags: int = 0) -> int:
    """A descriptor of what lies at a key.

    Args:
        root: Absolute path without links.
        key: Already checked by ``keys.check_key``.
        flags: More flags for ``open``, such as ``O_DIRECTORY``.

    Raises:
        OSError: As ``open``; ELOOP when a link leads out of the first part of the key.
    """
    try:
        return _open_plain(root, key, flags)
    except OSError as err:
        # a link at the last part is ENOTDIR instead of ELOOP when a folder was asked for
        if err.errno not in (errno.ELOOP, errno.ENOTDIR):
            raise
        inside = _resolve_inside(root, key)
        if inside is None or inside == key:
            raise
    return _open_plain(root, inside, flags)  # checked again: a link put there meanwhile is refused


def _open_plain(root: str, key: str, flags: int) -> int:
    descriptor = syscalls.open_without_links(f"{root}/{key}", _FLAGS | flags)
    return _walk(root, key, flags) if descriptor is None else descriptor


def _walk(root: str, key: str, flags: int) -> int:
    *parents, name = key.split("/")
    descriptor = os.open(root, _FLAGS | os.O_DIRECTORY)
    try:
        for parent in parents:
            inner = os.open(parent, _FLAGS | os.O_DIRECTORY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        return os.open(name, _FLAGS | flags, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _resolve_inside(root: str, key: str) -> str | None:
    boundary = Path(root, key.split("/", 1)[0])
    real = Path(os.path.realpath(f"{root}/{key}"))
    return real.relative_to(root).as_posix() if real.is_relative_to(boundary) else None
