"""Landlock: the kernel lets a process reach nothing but the files that were named before.

Source: https://docs.kernel.org/userspace-api/landlock.html, with the numbers from ``linux/landlock.h``. Since Linux
5.13, without privileges.
"""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_SYS_CREATE_RULESET, _SYS_ADD_RULE, _SYS_RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_FS_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""What can be done to files, as far as a version of Landlock knows."""

_NET_RIGHTS = {4: 0b11}
"""Listening and connecting by TCP."""

_SCOPES = {6: 0b11}
"""Abstract sockets and signals outside of the process."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def allow_reading_only(paths: Iterable[str]) -> bool:
    """Take from this process, for good, all files but those at and below some paths, which it may read.

    Args:
        paths: Files and folders; those that are not there are passed over.

    Returns:
        False where the system does not offer it; nothing was taken then.

    Raises:
        OSError: It offers it, and refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    version = libc.syscall(_SYS_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION_FLAG)) if libc else 0
    if libc is None or version < 1:
        return False
    rules = _Ruleset(_choose(_FS_RIGHTS, version), _choose(_NET_RIGHTS, version), _choose(_SCOPES, version))
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = _call(libc, _SYS_CREATE_RULESET, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in paths:
            _allow(libc, ruleset, path)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        _call(libc, _SYS_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return True


def _allow(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = _READ_FILE | _READ_DIR if stat.S_ISDIR(os.fstat(opened).st_mode) else _READ_FILE
        rule = _PathBeneath(rights, opened)
        _call(libc, _SYS_ADD_RULE, ctypes.c_int(ruleset), _RULE_PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(opened)


def _choose(rights: dict[int, int], version: int) -> int:
    """Those of the newest version that this one knows."""
    return next((rights[since] for since in sorted(rights, reverse=True) if since <= version), 0)


def _call(libc: ctypes.CDLL, *arguments: object) -> int:
    result: int = libc.syscall(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
