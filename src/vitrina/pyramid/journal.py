"""What of a run is stored already, written along, so that an interrupted run can go on where it stopped.

A record follows when the chunks of a block have been written: its number, and of each chunk its place, offset, length
and checksum. Records come in any order; only those of the first blocks without a gap count. A record that was cut off
has a wrong checksum and ends the journal, and a chunk that is not as recorded ends what counts, so the journal may be
ahead of the disk after a power failure.

    record    number u64, chunks u32, chunks x chunk, CRC-32C of all that
    chunk     level, t, c, z, y, x u32 each, offset u64, length u64 (2^64 - 1: no data), CRC-32C of the data
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import google_crc32c

from vitrina.pyramid.writer import Encoded, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_HEAD = struct.Struct("<QI")
_CHUNK = struct.Struct("<6IQQI")
_SUM = struct.Struct("<I")
_NO_DATA = 2**64 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A stored chunk; ``size_bytes`` is None for one without data."""

    place: Place
    offset: int
    size_bytes: int | None
    checksum: int

    def is_same(self, data: bytes) -> bool:
        """Whether bytes are those that were stored."""
        return len(data) == self.size_bytes and google_crc32c.value(data) == self.checksum


class Journal:
    """The journal of one run, in a file that is made where there is none.

    Args:
        path: Where it lies.

    Attributes:
        done: Chunks of the first blocks that were stored before, block by block.
    """

    def __init__(self, path: Path) -> None:
        records = dict(_parse(path.read_bytes())) if path.exists() else {}
        self.done: list[tuple[Stored, ...]] = []
        while len(self.done) in records:
            self.done.append(records[len(self.done)])
        beginning = path.with_name(f"{path.name}.new")
        beginning.write_bytes(b"".join(_build_record(number, chunks) for number, chunks in enumerate(self.done)))
        beginning.rename(path)
        self._file = path.open("ab", buffering=0)

    def append(self, number: int, placed: Sequence[tuple[Encoded, int]]) -> None:
        """Record that the chunks of a block are stored at their offsets. May be called by many threads."""
        self._file.write(_build_record(number, [build_stored(encoded, offset) for encoded, offset in placed]))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def build_stored(encoded: Encoded, offset: int) -> Stored:
    """What is recorded of a chunk."""
    data = encoded.data
    size = None if data is None else len(data)
    return Stored(place=encoded.place, offset=offset, size_bytes=size, checksum=google_crc32c.value(data or b""))


def _build_record(number: int, chunks: Sequence[Stored]) -> bytes:
    parts = [_HEAD.pack(number, len(chunks))]
    for chunk in chunks:
        place = chunk.place
        size = _NO_DATA if chunk.size_bytes is None else chunk.size_bytes
        position = place.level, place.t, place.c, place.z, place.y, place.x
        parts.append(_CHUNK.pack(*position, chunk.offset, size, chunk.checksum))
    record = b"".join(parts)
    return record + _SUM.pack(google_crc32c.value(record))


def _parse(data: bytes) -> Iterator[tuple[int, tuple[Stored, ...]]]:
    start = 0
    while start + _HEAD.size <= len(data):
        number, n_chunks = _HEAD.unpack_from(data, start)
        end = start + _HEAD.size + n_chunks * _CHUNK.size
        if end + _SUM.size > len(data) or _SUM.unpack_from(data, end)[0] != google_crc32c.value(data[start:end]):
            return
        yield number, tuple(_parse_chunk(fields) for fields in _CHUNK.iter_unpack(data[start + _HEAD.size : end]))
        start = end + _SUM.size


def _parse_chunk(fields: tuple[int, ...]) -> Stored:
    level, t, c, z, y, x, offset, size, checksum = fields
    place = Place(level=level, t=t, c=c, z=z, y=y, x=x)
    return Stored(place=place, offset=offset, size_bytes=None if size == _NO_DATA else size, checksum=checksum)
