"""Whether a TIFF file is whole: tifffile skips directories and tags that lie behind the end, with a log line only.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2, and
https://www.loc.gov/preservation/digital/formats/fdd/fdd000328.shtml for BigTIFF.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

MAX_DIRECTORIES = 100_000
"""Directories that are followed; hostile files chain them without end."""

_VITAL_TAGS = {270: "the description", 273: "the strip offsets", 279: "the strip sizes", 324: "the tile offsets",
               325: "the tile sizes", 330: "the lower resolutions"}  # fmt: skip
_TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Byte order and field widths: classic TIFF has 12-byte tags, BigTIFF 20-byte ones."""

    order: str
    is_big: bool

    @property
    def offset(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.is_big else "I"))

    @property
    def count(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.is_big else "H"))

    @property
    def tag(self) -> struct.Struct:
        """Number, type, count and value or its offset."""
        return struct.Struct(self.order + ("HHQQ" if self.is_big else "HHII"))


def check_structure(path: Path) -> None:
    """Follow the chain of directories to its end.

    Raises:
        UnreadableError: A directory, or a value that pixels cannot be found without, lies behind the end of the file.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(16)
        layout = _Layout(order="<" if head[:2] == b"II" else ">", is_big=43 in head[2:4])
        start = 8 if layout.is_big else 4
        (offset,) = layout.offset.unpack_from(head.ljust(16, b"\0"), start)
        seen: set[int] = set()
        while offset and offset not in seen and len(seen) < MAX_DIRECTORIES:
            seen.add(offset)
            offset = _read_directory(file, layout, offset, path, size_bytes)


def _read_directory(file: BinaryIO, layout: _Layout, offset: int, path: Path, size_bytes: int) -> int:
    """Check one directory; the offset of the next, 0 after the last."""
    file.seek(offset)
    count_bytes = file.read(layout.count.size)
    if len(count_bytes) < layout.count.size:
        raise _truncated(path, size_bytes, f"a directory is announced at byte {offset:,}")
    (n_tags,) = layout.count.unpack(count_bytes)
    length = min(n_tags, 65_535) * layout.tag.size + layout.offset.size
    body = file.read(length)
    if len(body) < length:
        raise _truncated(path, size_bytes, f"the directory at byte {offset:,} does not end")
    for position in range(0, length - layout.offset.size, layout.tag.size):
        number, type_, count, value = layout.tag.unpack_from(body, position)
        n_bytes = _TYPE_SIZES.get(type_, 0) * count
        if number in _VITAL_TAGS and n_bytes > layout.offset.size and value + n_bytes > size_bytes:
            raise _truncated(path, size_bytes, f"{_VITAL_TAGS[number]} reach to byte {value + n_bytes:,}")
    (following,) = layout.offset.unpack_from(body, length - layout.offset.size)
    return int(following)


def _truncated(path: Path, size_bytes: int, reason: str) -> UnreadableError:
    return UnreadableError(
        "tiff-truncated",
        f"{path} has {size_bytes:,} bytes, but {reason}.",
        hint="The file is truncated: copy or download it again.",
        where=str(path),
    )
