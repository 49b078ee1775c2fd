"""Places for bytes that are not visible yet, or that are being deleted: one folder per operation.

Whoever uses a place holds a lock on it. The system releases the lock when the process ends, however it ends, so a place
that can be locked belongs to nobody and may be removed. That holds across processes, and across machines where the
network file system has locks; where it has none, a place cannot be told to be abandoned and stays.

Source: https://man7.org/linux/man-pages/man2/flock.2.html
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from vitrina.storage.removing import remove

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGING = ".staging"

_LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one operation.

    Attributes:
        path: The folder.
        lock_fd: Descriptor that holds the lock; None when the file system has no locks.
    """

    path: Path
    lock_fd: int | None = field(default=None, compare=False)

    @property
    def token(self) -> str:
        """Its name."""
        return self.path.name

    @property
    def bytes(self) -> Path:
        """Where the file or folder lies."""
        return self.path / "bytes"

    @property
    def manifest(self) -> Path:
        """Where the list of its files lies."""
        return self.path / "manifest"

    def close(self) -> None:
        """Remove it with everything in it, and release its lock."""
        try:
            remove(self.path)
        finally:
            if self.lock_fd is not None:
                os.close(self.lock_fd)


def open_place(staging: Path) -> Place:
    """A new place, locked.

    Raises:
        OSError: The folder cannot be made.
    """
    while True:
        path = staging / secrets.token_hex(16)
        path.mkdir(parents=True)
        try:
            descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except FileNotFoundError:  # a sweep removed it in the moment before it was locked
            continue
        outcome = _try_lock(descriptor)
        if outcome == "held" and _is_at(descriptor, path / _LOCK):
            return Place(path, descriptor)
        os.close(descriptor)
        if outcome == "unavailable":
            return Place(path)


@contextmanager
def borrow_place(staging: Path) -> Iterator[Place]:
    """A place for the duration of a block."""
    place = open_place(staging)
    try:
        yield place
    finally:
        place.close()


def list_abandoned(staging: Path) -> list[Place]:
    """The places whose processes have ended, locked by the caller, who closes them."""
    try:
        paths = sorted(path for path in staging.iterdir() if path.is_dir() and not path.is_symlink())
    except FileNotFoundError:
        return []
    return [place for path in paths if (place := _take_over(path)) is not None]


def release(place: Place) -> None:
    """Give up the lock on a place that stays."""
    if place.lock_fd is not None:
        os.close(place.lock_fd)


def _take_over(path: Path) -> Place | None:
    try:
        descriptor = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError:  # gone, or somebody else's
        return None
    if _try_lock(descriptor) == "held":
        return Place(path, descriptor)
    os.close(descriptor)
    return None


def _try_lock(descriptor: int) -> Literal["held", "taken", "unavailable"]:
    """Lock without waiting: ours now, somebody else's, or not offered by the file system."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return "taken"
    except OSError:
        return "unavailable"
    return "held"


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
