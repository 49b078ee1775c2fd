"""Where levels go: the seam between the engine and the formats that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from vitrina.pyramid.source import Pixels


class Place(NamedTuple):
    """Which chunk of which level: time and first channel by number, depth, row and column counted in chunks."""

    level: int
    t: int
    c: int
    z: int
    y: int
    x: int


class Encoded(NamedTuple):
    """A chunk as bytes, ready to be stored.

    Attributes:
        place: Where it belongs; for joint channels that are stored apart, each has a place of its own.
        data: Its bytes; None for a chunk that need not be stored, since it holds nothing but the fill value.
    """

    place: Place
    data: bytes | None


class ChunkWriter(Protocol):
    """Encodes and stores chunks, and reads them back.

    Where chunks lie is decided in one fixed order, whichever thread is first, so that two runs give the same bytes, and
    a run that goes on after an interruption gives those of one that was never interrupted.
    """

    def encode(self, place: Place, pixels_czyx: Pixels) -> list[Encoded]:
        """The bytes of a chunk, or of one chunk per joint channel; nothing is stored yet. Called by many threads.

        Args:
            place: Where it belongs.
            pixels_czyx: Joint channels x the whole chunk's depth, height and width, padded beyond the image's edge;
                reused by the caller afterwards, not necessarily contiguous.
        """

    def reserve(self, encoded: Encoded) -> int:
        """Where in its file a chunk will lie, 0 for one without data. Called in the fixed order, never concurrently."""

    def store(self, encoded: Encoded, offset: int) -> None:
        """Write a chunk at the offset reserved for it. Called by many threads, in any order."""

    def read_stored(self, place: Place, offset: int, size_bytes: int) -> bytes:
        """The bytes that a run before an interruption stored, fewer where the file is shorter; empty without a file."""

    def restore(self, place: Place, offset: int, size_bytes: int | None) -> None:
        """Know a chunk that was stored before an interruption. Called instead of ``reserve`` and ``store``.

        Args:
            place: Where it belongs.
            offset: Where in its file it lies.
            size_bytes: How long it is; None for a chunk without data.
        """

    def read_into(self, place: Place, out_czyx: Pixels) -> None:
        """Read a stored chunk back, joint channels together.

        Raises:
            UnreadableError: It is not as it was stored.
        """

    def finish(self) -> None:
        """Write what comes after the last chunk, such as indexes, and close all files."""

    def abort(self) -> None:
        """Close all files and leave them as they are."""
