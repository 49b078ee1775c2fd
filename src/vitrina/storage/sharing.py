"""Let files of a new version share the bytes of equal files that are stored already.

A reflink where the file system has them: two files, one set of blocks, and a write to one never reaches the other. Else
a hard link: two names of one read-only file. Only stored files are ever shared, never the user's.
"""

from __future__ import annotations

import os
import stat
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.storage.hashing import HashedFile
    from vitrina.storage.walk import SourceFile

READ_ONLY = 0o444

_FICLONE = 0x40049409
"""``_IOW(0x94, 9, int)``. Source: https://man7.org/linux/man-pages/man2/ioctl_ficlone.2.html, ``linux/fs.h``"""


class BaseFiles:
    """Stored files that a new version may share, by content. Never changes, so threads may ask it together.

    Args:
        known: Files with the hashes that they were saved with.
        unknown: Files of which no hash was kept; they are found by name and size.
    """

    def __init__(self, known: Iterable[tuple[str, HashedFile]] = (), unknown: Iterable[SourceFile] = ()) -> None:
        self._known: dict[tuple[int, str], dict[str, str]] = defaultdict(dict)
        for path, file in known:
            if file.size_bytes:  # an empty file has no bytes to share
                self._known[file.size_bytes, file.hash].setdefault(file.name, path)
        self._unknown = {(file.size_bytes, file.name): file.path for file in unknown if file.size_bytes}
        self._sizes = {size_bytes for size_bytes, _ in (*self._known, *self._unknown)}

    def has_size(self, size_bytes: int) -> bool:
        """Whether a stored file has this size, so that it is worth knowing the hash of a source file."""
        return size_bytes in self._sizes

    def find(self, file: HashedFile) -> str | None:
        """A stored file that should have the same bytes, the one with the same name where there are several."""
        known = self._known.get((file.size_bytes, file.hash))
        if known:
            return known.get(file.name) or next(iter(known.values()))
        return self._unknown.get((file.size_bytes, file.name))


class Sharer:
    """Shares bytes in the best way that the file system offers, which it finds out once."""

    def __init__(self) -> None:
        self._has_reflinks = sys.platform == "linux"

    def share(self, stored: str, target: str) -> bool:
        """Make ``target`` a read-only file with the bytes of a stored one.

        Returns:
            False when the file system cannot: no links at all, another file system, or no more links to this file.
        """
        if self._has_reflinks:
            if clone_file(stored, target):
                return True
            self._has_reflinks = False
        try:
            if not stat.S_ISREG(os.lstat(stored).st_mode):
                return False
            os.link(stored, target)
        except OSError:  # EXDEV, EMLINK, EPERM, ...: whatever it is, copying says better what is wrong
            return False
        return True


def clone_file(stored: str, target: str) -> bool:
    """Make ``target`` a read-only reflink of a stored file; False where that is not possible, with no target left."""
    import fcntl

    try:
        source_fd = os.open(stored, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        target_fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, READ_ONLY)
        try:
            fcntl.ioctl(target_fd, _FICLONE, source_fd)
            os.fchmod(target_fd, READ_ONLY)
        except OSError:
            os.unlink(target)  # noqa: PTH108 (it is text)
            return False
        finally:
            os.close(target_fd)
    except OSError:
        return False
    finally:
        os.close(source_fd)
    return True
