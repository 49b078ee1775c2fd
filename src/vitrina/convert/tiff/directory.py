"""Image file directories as bytes, in classic TIFF and BigTIFF, little-endian.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2, and
https://www.awaresystems.be/imaging/tiff/bigtiff.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

HEADER_BYTES = 16
"""The head of a BigTIFF; that of a classic TIFF is filled up with zeros."""

ALIGNMENT_BYTES = 8
"""Where directories and values begin; TIFF asks for 2."""


class FieldType(IntEnum):
    """How the values of a field are stored."""

    ASCII = 2
    SHORT = 3
    LONG = 4
    RATIONAL = 5
    LONG8 = 16


_FORMATS = {FieldType.SHORT: "<u2", FieldType.LONG: "<u4", FieldType.RATIONAL: "<u4", FieldType.LONG8: "<u8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which of the two TIFFs: classic files end before 4 GiB.

    Attributes:
        is_big: Whether it is BigTIFF.
    """

    is_big: bool

    @property
    def offset_type(self) -> FieldType:
        """How offsets are stored."""
        return FieldType.LONG8 if self.is_big else FieldType.LONG

    @property
    def offset(self) -> struct.Struct:
        """An offset, and as much as a field holds in itself."""
        return struct.Struct("<Q" if self.is_big else "<I")

    @property
    def count(self) -> struct.Struct:
        """The number of fields at the head of a directory."""
        return struct.Struct("<Q" if self.is_big else "<H")

    @property
    def entry(self) -> struct.Struct:
        """Tag, type and number of values of a field; its values or their offset follow."""
        return struct.Struct("<HHQ" if self.is_big else "<HHI")

    def build_header(self, first_directory: int) -> bytes:
        """The head of the file, ``HEADER_BYTES`` long; 0 for no directory yet, which no reader takes for a file."""
        if self.is_big:
            return struct.pack("<2sHHHQ", b"II", 43, 8, 0, first_directory)
        return struct.pack("<2sHI8x", b"II", 42, first_directory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a directory: its tag, type, number of values, and their bytes."""

    tag: int
    type: FieldType
    count: int
    data: bytes


def build_field(tag: int, type_: FieldType, values: Sequence[int] | npt.NDArray[np.uint64] | bytes) -> Field:
    """A field from its values: text as bytes, rationals as numerator and denominator one after the other."""
    if isinstance(values, bytes):
        return Field(tag=tag, type=type_, count=len(values) + 1, data=values + b"\0")
    data = np.asarray(values).astype(_FORMATS[type_]).tobytes()
    count = len(values) // 2 if type_ is FieldType.RATIONAL else len(values)
    return Field(tag=tag, type=type_, count=count, data=data)


def align(position: int, alignment_bytes: int = ALIGNMENT_BYTES) -> int:
    """The next position that is a multiple."""
    return -(-position // alignment_bytes) * alignment_bytes


def measure_directory(fields: Sequence[Field], layout: Layout) -> int:
    """Size in bytes of a directory with all its values, a multiple of the alignment."""
    values = sum(align(len(field.data)) for field in fields if len(field.data) > layout.offset.size)
    return _measure_entries(len(fields), layout) + values


def build_directory(fields: Sequence[Field], position: int, next_position: int, layout: Layout) -> bytes:
    """A directory, followed by the values that do not fit into its fields.

    Args:
        fields: In any order; they are sorted by tag, as TIFF asks for.
        position: Where in the file the directory will lie; a multiple of the alignment.
        next_position: Where the next one lies, 0 after the last.
        layout: Which TIFF.
    """
    entries = bytearray(layout.count.pack(len(fields)))
    values = bytearray()
    start = position + _measure_entries(len(fields), layout)
    for field in sorted(fields, key=lambda field: field.tag):
        entries += layout.entry.pack(field.tag, field.type, field.count)
        if len(field.data) <= layout.offset.size:
            entries += field.data.ljust(layout.offset.size, b"\0")
        else:
            entries += layout.offset.pack(start + len(values))
            values += field.data.ljust(align(len(field.data)), b"\0")
    entries += layout.offset.pack(next_position)
    return bytes(entries.ljust(align(len(entries)), b"\0") + values)


def _measure_entries(n_fields: int, layout: Layout) -> int:
    return align(layout.count.size + n_fields * (layout.entry.size + layout.offset.size) + layout.offset.size)
