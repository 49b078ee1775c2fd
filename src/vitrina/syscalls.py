"""The Linux calls that Python does not offer, each with the nearest portable way where it is missing."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_SYS_OPENAT2 = 437
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2
_RESOLVE_NO_MAGICLINKS = 0x02
_RESOLVE_NO_SYMLINKS = 0x04

_NOT_OFFERED = frozenset({errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.EOPNOTSUPP})


class _OpenHow(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_HOW_BYTES = ctypes.sizeof(_OpenHow)


@cache
def _load_libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@cache
def _load_openat2() -> Any:
    """The call, None where there is none; with the types of its arguments, since guessing them takes as long as it."""
    libc = _load_libc()
    if libc is None:
        return None
    call = libc["syscall"]
    call.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
    return call


@cache
def _build_how(flags: int) -> _OpenHow:
    """How to open; kept, since building it takes as long as the call."""
    return _OpenHow(flags | os.O_CLOEXEC, 0, _RESOLVE_NO_SYMLINKS | _RESOLVE_NO_MAGICLINKS)


def open_without_links(path: str, flags: int) -> int | None:
    """A descriptor of an absolute path of which no part is a symbolic link; one call, five times cheaper than a walk.

    Source: https://man7.org/linux/man-pages/man2/openat2.2.html, with the numbers from ``linux/openat2.h``.

    Returns:
        None when this machine does not offer the call: no Linux, older than 5.6, or forbidden in a container.

    Raises:
        OSError: ELOOP when a part is a symbolic link, else as ``open``.
    """
    openat2 = _load_openat2()
    if openat2 is None:
        return None
    how = ctypes.addressof(_build_how(flags))
    descriptor: int = openat2(_SYS_OPENAT2, _AT_FDCWD, os.fsencode(path), how, _HOW_BYTES)
    if descriptor >= 0:
        return descriptor
    number = ctypes.get_errno()
    if number in _NOT_OFFERED:
        return None
    raise OSError(number, os.strerror(number), path)


def rename_without_replacing(source: Path, target: Path) -> None:
    """Move a file or folder within a file system, never over something else.

    Where the file system cannot promise that (NFS, some FUSE), existence is checked just before the move.

    Source: https://man7.org/linux/man-pages/man2/rename.2.html

    Raises:
        FileExistsError: Something is at the target.
        OSError: As ``rename``.
    """
    if _rename_at_once(source, target, _RENAME_NOREPLACE):
        return
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    source.rename(target)


def exchange(one: Path, other: Path, aside: Path) -> None:
    """Two files or folders of one file system swap their names, at once where the system can.

    Elsewhere the other is renamed to a third name first, and the one takes its place.

    Source: https://man7.org/linux/man-pages/man2/rename.2.html, ``RENAME_EXCHANGE``

    Args:
        one: Has the other's name afterwards.
        other: Has the one's name afterwards, or the third one.
        aside: The third name.

    Raises:
        OSError: As ``rename``.
    """
    if _rename_at_once(one, other, _RENAME_EXCHANGE):
        return
    other.rename(aside)
    one.rename(other)


def _rename_at_once(source: Path, target: Path, flag: int) -> bool:
    """Rename in one call of the system, False where this machine or file system does not offer it.

    Raises:
        OSError: As ``rename``.
    """
    libc = _load_libc()
    if libc is None or not hasattr(libc, "renameat2"):
        return False
    failed: int = libc.renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), ctypes.c_uint(flag))
    if not failed:
        return True
    number = ctypes.get_errno()
    if number not in _NOT_OFFERED:
        raise OSError(number, os.strerror(number), str(source), None, str(target))
    return False


def has_file_system_sync() -> bool:
    """Whether ``sync_file_system`` is one call, not one per file."""
    libc = _load_libc()
    return libc is not None and hasattr(libc, "syncfs")


def sync_file_system(folder: Path) -> None:
    """Wait until everything below a folder is on the disk.

    One ``syncfs`` where it exists, because thousands of ``fsync`` calls take minutes on some disks; elsewhere those.

    Source: https://man7.org/linux/man-pages/man2/syncfs.2.html

    Raises:
        OSError: The disk could not write.
    """
    libc = _load_libc()
    if libc is not None and has_file_system_sync():
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if libc.syncfs(descriptor):
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), str(folder))
        finally:
            os.close(descriptor)
        return
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            sync_path(os.path.join(parent, name))  # noqa: PTH118 (os.walk gives text; a Path per file costs more than the call)
        sync_path(parent)


def sync_path(path: str | Path) -> None:
    """Wait until one file, or the names in one folder, are on the disk.

    Raises:
        OSError: The disk could not write.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
