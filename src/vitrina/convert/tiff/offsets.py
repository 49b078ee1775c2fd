"""Where the directories of a TIFF lie, so that a viewer reaches any plane without following their chain.

Source: https://github.com/hms-dbmi/generate-tiff-offsets (a JSON list, one number per directory of the main chain).
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import BinaryIO

_MAGICS = {b"II*\0": ("<", False), b"II+\0": ("<", True), b"MM\0*": (">", False), b"MM\0+": (">", True)}
"""Byte order, and whether it is BigTIFF."""


def build_offsets_json(offsets: Sequence[int]) -> str:
    """The content of ``offsets.json``.

    >>> build_offsets_json([16, 400])
    '[16, 400]'
    """
    return json.dumps(list(offsets))


def read_directory_offsets(path: Path) -> tuple[int, ...]:
    """Follow the chain of directories of any TIFF.

    Raises:
        UnreadableError: It is no TIFF, the chain leaves the file, or it runs in a circle.
    """
    with path.open("rb") as file:
        magic = file.read(4)
        if magic not in _MAGICS:
            raise UnreadableError("tiff-damaged", f"{path} is no TIFF file: it begins with {magic!r}.", where=str(path))
        order, is_big = _MAGICS[magic]
        offset_format, count_format, entry_bytes = ("Q", "Q", 20) if is_big else ("I", "H", 12)
        offsets: dict[int, None] = {}
        offset = _read_number(file, 8 if is_big else 4, order + offset_format, path)
        while offset:
            if offset in offsets:
                raise UnreadableError("tiff-damaged", f"The directories of {path} run in a circle.", where=str(path))
            offsets[offset] = None
            n_fields = _read_number(file, offset, order + count_format, path)
            end = offset + struct.calcsize(count_format) + n_fields * entry_bytes
            offset = _read_number(file, end, order + offset_format, path)
        return tuple(offsets)


def _read_number(file: BinaryIO, position: int, format_: str, path: Path) -> int:
    size_bytes = struct.calcsize(format_)
    file.seek(min(position, 2**63 - 1))
    data = file.read(size_bytes)
    if len(data) < size_bytes:
        raise UnreadableError("tiff-truncated", f"{path} ends before byte {position + size_bytes:,}.", where=str(path))
    (number,) = struct.unpack(format_, data)
    return int(number)
