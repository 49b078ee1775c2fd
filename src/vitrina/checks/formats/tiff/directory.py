"""Image file directories of classic TIFF and BigTIFF, read with care: nothing is trusted, nothing is followed twice.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2, and
https://www.awaresystems.be/imaging/tiff/bigtiff.html
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from vitrina.checks.formats.tiff.tags import NAMES, NUMPY_TYPES, TYPE_SIZES

if TYPE_CHECKING:
    from typing import BinaryIO

    import numpy.typing as npt

MAX_VALUE_BYTES: Final = 2**28
"""Longer values are not read; the offsets of 16 million tiles have 128 MiB."""


class DamagedTiffError(Exception):
    """Something in a file lies where nothing can.

    Args:
        code: Of the finding that it becomes.
        message: One whole sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Byte order and field widths: classic TIFF has 12-byte entries, BigTIFF 20-byte ones."""

    order: Literal["<", ">"]
    is_big: bool

    @property
    def offset(self) -> struct.Struct:
        """An offset, and as much as an entry holds in itself."""
        return struct.Struct(self.order + ("Q" if self.is_big else "I"))

    @property
    def count(self) -> struct.Struct:
        """The number of entries."""
        return struct.Struct(self.order + ("Q" if self.is_big else "H"))

    @property
    def entry(self) -> struct.Struct:
        """Tag, type, number of values; the value or its offset comes after."""
        return struct.Struct(self.order + ("HHQ" if self.is_big else "HHI"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a directory.

    Attributes:
        tag: Number of the field.
        type: How its values are stored.
        count: How many there are.
        field: The value where it fits, else its offset.
    """

    tag: int
    type: int
    count: int
    field: bytes

    @property
    def name(self) -> str:
        """As the specification calls the field."""
        return NAMES.get(self.tag, f"tag {self.tag}")

    @property
    def size_bytes(self) -> int:
        """Of all values; 0 for types that are not known, which readers must skip."""
        return TYPE_SIZES.get(self.type, 0) * self.count


class Directory:
    """One directory.

    Args:
        tiff: The file.
        offset: Where it begins.
        entries: In the order of the file.
        following: Offset of the next directory, 0 after the last.
    """

    def __init__(self, tiff: TiffBytes, offset: int, entries: tuple[Entry, ...], following: int) -> None:
        self._tiff = tiff
        self.offset = offset
        self.entries = entries
        self.following = following

    @cached_property
    def by_tag(self) -> dict[int, Entry]:
        """The first entry of each tag."""
        return {entry.tag: entry for entry in reversed(self.entries)}

    def read_numbers(self, tag: int) -> npt.NDArray[Any] | None:
        """The whole numbers of a field; None when it is absent, of another type, too long, or outside of the file."""
        import numpy as np

        entry = self.by_tag.get(tag)
        if entry is None or entry.type not in NUMPY_TYPES:
            return None
        data = self._tiff.read_value(entry)
        dtype = np.dtype(NUMPY_TYPES[entry.type]).newbyteorder(self._tiff.layout.order)
        return None if data is None else np.frombuffer(data, dtype=dtype, count=entry.count)

    def get_number(self, tag: int, default: int | None = None) -> int | None:
        """The first value of a field, ``default`` when there is none."""
        numbers = self.read_numbers(tag)
        return default if numbers is None or not numbers.size else int(numbers[0])

    def read_text(self, tag: int) -> bytes | None:
        """The bytes of a text, without the zeros that end it."""
        entry = self.by_tag.get(tag)
        if entry is None or TYPE_SIZES.get(entry.type) != 1:
            return None
        data = self._tiff.read_value(entry)
        return None if data is None else data.rstrip(b"\0")


class TiffBytes:
    """An opened TIFF file.

    Args:
        file: Of any size, seekable.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size_bytes = file.seek(0, 2)
        file.seek(0)
        head = file.read(16)
        order: Literal["<", ">"] = "<" if head[:2] == b"II" else ">"
        (version,) = struct.unpack_from(f"{order}H", head.ljust(4, b"\0"), 2)
        self.layout = Layout(order=order, is_big=version == 43)
        self.head = head

    @property
    def first(self) -> int:
        """Offset of the first directory."""
        start = 8 if self.layout.is_big else 4
        return int(self.layout.offset.unpack_from(self.head.ljust(16, b"\0"), start)[0])

    def read_directory(self, offset: int) -> Directory:
        """The directory at an offset.

        Raises:
            DamagedTiffError: It does not lie inside the file.
        """
        layout = self.layout
        if not 8 <= offset <= self.size_bytes - layout.count.size:
            message = f"A directory is announced at byte {offset:,}, but the file has {self.size_bytes:,} bytes."
            raise DamagedTiffError("tiff-directory-outside", message)
        self._file.seek(offset)
        (n_entries,) = layout.count.unpack(self._file.read(layout.count.size))
        width = layout.entry.size + layout.offset.size
        length = n_entries * width + layout.offset.size
        if n_entries > 65_535 or offset + layout.count.size + length > self.size_bytes:
            message = (
                f"The directory at byte {offset:,} announces {n_entries:,} entries, which do not fit into the "
                f"{self.size_bytes:,} bytes of the file."
            )
            raise DamagedTiffError("tiff-directory-outside", message)
        body = self._file.read(length)
        entries = tuple(_parse_entry(layout, body, i * width) for i in range(n_entries))
        (following,) = layout.offset.unpack_from(body, n_entries * width)
        return Directory(self, offset, entries, int(following))

    def find_offset(self, entry: Entry) -> int | None:
        """Where the values of an entry lie; None when the entry holds them."""
        if entry.size_bytes <= self.layout.offset.size:
            return None
        return int(self.layout.offset.unpack(entry.field)[0])

    def read_value(self, entry: Entry) -> bytes | None:
        """The bytes of an entry's values; None when they are too many or lie outside of the file."""
        offset, size_bytes = self.find_offset(entry), entry.size_bytes
        if offset is None:
            return entry.field[:size_bytes]
        if size_bytes > MAX_VALUE_BYTES or offset + size_bytes > self.size_bytes:
            return None
        self._file.seek(offset)
        data = self._file.read(size_bytes)
        return data if len(data) == size_bytes else None


def _parse_entry(layout: Layout, body: bytes, at: int) -> Entry:
    tag, type_, count = layout.entry.unpack_from(body, at)
    start = at + layout.entry.size
    return Entry(tag=tag, type=type_, count=count, field=body[start : start + layout.offset.size])
