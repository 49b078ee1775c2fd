"""Whether what was written is what was meant: the pyramid is made again and held against what is read back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitrina.convert.levels import write_levels
from vitrina.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.pyramid.engine import Progress
    from vitrina.pyramid.source import Pixels, PixelSource
    from vitrina.pyramid.writer import Encoded, Place


def verify_levels(
    image: ConvertedImage, written: Sequence[PixelSource], plan: LevelsPlan, *, progress: Progress | None = None
) -> None:
    """Read all levels back and compare every pixel with what the source gives.

    Args:
        image: The source.
        written: The levels of the result, as readers see them.
        plan: How they were made.
        progress: Called with blocks done and blocks in all.

    Raises:
        DataError: A level differs.
    """
    write_levels(image, ComparingWriter(written, plan, image.name), plan, progress=progress)


class ComparingWriter:
    """Stores nothing, and compares every chunk with what is stored; a ``ChunkWriter``.

    Args:
        written: The stored levels.
        plan: How they were made.
        name: Of the image.
    """

    def __init__(self, written: Sequence[PixelSource], plan: LevelsPlan, name: str) -> None:
        self._written = written
        self._plan = plan
        self._name = name
        for number, (level, source) in enumerate(zip(plan.levels, written, strict=True)):
            if level.shape_tczyx != source.shape_tczyx:
                raise _differs(name, number, f"has the shape {source.shape_tczyx}, not {level.shape_tczyx}")

    def encode(self, place: Place, pixels_czyx: Pixels) -> list[Encoded]:
        stored = np.empty_like(pixels_czyx, order="C")
        self.read_into(place, stored)
        inside = self._get_inside(place)
        if not np.array_equal(stored[inside], pixels_czyx[inside], equal_nan=pixels_czyx.dtype.kind == "f"):
            where = f"time {place.t}, channel {place.c}, chunk {place.z}, {place.y}, {place.x}"
            raise _differs(self._name, place.level, f"differs at {where}")
        return []

    def reserve(self, encoded: Encoded) -> int:
        del encoded
        return 0

    def store(self, encoded: Encoded, offset: int) -> None:
        """Nothing is stored."""

    def read_stored(self, place: Place, offset: int, size_bytes: int) -> bytes:
        del place, offset, size_bytes
        return b""

    def restore(self, place: Place, offset: int, size_bytes: int | None) -> None:
        """Nothing was stored."""

    def read_into(self, place: Place, out_czyx: Pixels) -> None:
        source = self._written[place.level]
        z, y, x = (at * size for at, size in zip((place.z, place.y, place.x), self._plan.chunk_zyx, strict=True))
        inside = out_czyx[self._get_inside(place)]
        step = source.n_joint_channels
        if step > len(inside):  # interleaved in the result, apart in the source
            joint = np.empty((step, *inside.shape[1:]), inside.dtype)
            source.read_into((place.t, place.c // step * step, z, y, x), joint)
            inside[...] = joint[place.c % step : place.c % step + len(inside)]
            return
        for channel in range(0, len(inside), step):
            source.read_into((place.t, place.c + channel, z, y, x), inside[channel : channel + step])

    def finish(self) -> None:
        """Nothing is open."""

    def abort(self) -> None:
        """Nothing is open."""

    def _get_inside(self, place: Place) -> tuple[slice, ...]:
        """The part of a chunk that lies inside the image."""
        shape = self._plan.levels[place.level].shape_tczyx[2:]
        position = zip((place.z, place.y, place.x), self._plan.chunk_zyx, shape, strict=True)
        return (slice(None), *(slice(0, min(size, whole - at * size)) for at, size, whole in position))


def _differs(name: str, level: int, how: str) -> DataError:
    return DataError(
        "verify-failed",
        f"Level {level} of {name}, read back after it was written, {how}.",
        hint="The disk or the memory of this machine may be faulty; convert again, and report it if it happens again.",
    )
