"""Where a local store keeps what, below its root: keys as paths, and two folders of its own.

``.staging`` holds bytes that are not visible yet or are being deleted, ``.manifests`` the lists of files of saved
folders, each under its key. Both may be deleted while nobody writes: then it is not known any more which files of a
folder have changed, and nothing else is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.storage.hashing import build_lines, parse_lines
from vitrina.storage.keys import check_key
from vitrina.storage.staging import STAGING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitrina.storage.hashing import HashedFile

MANIFESTS = ".manifests"

OWN_FOLDERS = (STAGING, MANIFESTS)


def check_local_key(key: str) -> str:
    """The key itself when it can only name something below the root that does not belong to the store itself.

    Raises:
        InputError: It is malformed or reserved.
    """
    check_key(key)
    first = key.partition("/")[0]
    if first in OWN_FOLDERS:
        raise InputError("key-reserved", f"{first!r} belongs to the storage itself.", where=key)
    return key


def write_manifest(path: Path, files: Iterable[HashedFile]) -> None:
    """Write a list of files down.

    Raises:
        OSError: The disk refuses.
    """
    path.write_text(build_lines(files), encoding="utf-8", newline="\n")


def read_manifest(path: Path) -> tuple[HashedFile, ...] | None:
    """A list of files; None when there is none, or it is damaged.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return parse_lines(path.read_bytes().decode())
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return None
