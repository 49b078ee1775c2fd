"""What an operating system error means for whoever stores data."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, NotFoundError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO})


def build_storage_error(err: OSError, doing: str, where: Path | str) -> StorageError:
    """The error for bytes that could not move, with the next step where one is known.

    Args:
        err: What the system said.
        doing: What failed, to stand before "failed" (``Writing``).
        where: The path that it is about.
    """
    reason = os.strerror(err.errno) if err.errno else str(err)
    message = f"{doing} {where} failed: {reason}."
    if err.errno in _FULL:
        return StorageError("disk-full", message, hint="Free space there, or use another storage.", where=str(where))
    if err.errno in _DENIED:
        hint = "Check who owns it and whether the disk is mounted read-only."
        return StorageError("storage-denied", message, hint=hint, where=str(where))
    return StorageError("storage-failed", message, where=str(where))


def build_read_error(err: OSError, key: str, root: str) -> NotFoundError | StorageError:
    """The error for a key that could not be opened: absent as far as anyone can tell, or a failing disk."""
    if err.errno in _ABSENT:
        return build_absent_error(key, root)
    return build_storage_error(err, "Reading", f"{root}/{key}")


def build_absent_error(key: str, root: str, kind: str = "file") -> NotFoundError:
    """The error for a key at which nothing, or something of another kind, lies."""
    return NotFoundError("key-missing", f"There is no {kind} at {key!r} in {root}.", where=key)


def build_taken_error(target: Path) -> ConflictError:
    """The error for a path outside of the store at which something lies already."""
    return ConflictError(
        "path-taken",
        f"There is already something at {target}.",
        hint="Choose another folder, or remove it.",
        where=str(target),
    )
