"""Whether the entries of a CZI file have as many dimensions as an image can: czifile believes any number.

Source: the layout as czifile reads it (``CziFileHeaderSegmentData``, ``CziSubBlockDirectorySegmentData`` and
``CziDirectoryEntryDV`` in https://github.com/cgohlke/czifile).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

MAX_DIMENSIONS = 64
"""Of an entry; an image has nine at most. Memory is taken for as many as are stated."""

_SEGMENT = struct.Struct("<16sqq")
"""Before each segment: its name, the bytes that it may take, and those that it takes."""

_DIRECTORY_POSITION_AT, _DIRECTORY = 32 + 52, b"ZISRAWDIRECTORY"
_FIRST_ENTRY_AT, _ENTRY_BYTES, _DIMENSION_BYTES = 128, 32, 20
_COUNT_AT = 28
"""Number of dimensions, inside of an entry."""


def check_directory(path: Path) -> None:
    """Go through the directory of subblocks; what is no directory is for czifile to tell.

    Raises:
        UnreadableError: An entry states more dimensions than there can be, or reaches behind the end.
    """
    with path.open("rb") as file:
        file.seek(_DIRECTORY_POSITION_AT)
        position = int.from_bytes(file.read(8), "little")
        if not 0 < position < path.stat().st_size:
            return
        file.seek(position)
        head = file.read(_SEGMENT.size)
        if len(head) < _SEGMENT.size or not head.startswith(_DIRECTORY):
            return
        _, allocated, used = _SEGMENT.unpack(head)
        data = file.read(min(max(used or allocated, 0), path.stat().st_size))
    at = _FIRST_ENTRY_AT
    for _ in range(int.from_bytes(data[:4], "little")):
        if at + _ENTRY_BYTES > len(data):
            raise _contradicts(path, "its directory ends too early")
        n_dims = int.from_bytes(data[at + _COUNT_AT : at + _ENTRY_BYTES], "little")
        if n_dims > MAX_DIMENSIONS:
            raise _contradicts(path, f"an entry states {n_dims:,} dimensions")
        at += _ENTRY_BYTES + _DIMENSION_BYTES * n_dims


def _contradicts(path: Path, what: str) -> UnreadableError:
    return UnreadableError(
        "czi-damaged",
        f"{path} cannot be read as CZI: {what}.",
        hint="The file is probably truncated or damaged: copy or download it again.",
        where=str(path),
    )
