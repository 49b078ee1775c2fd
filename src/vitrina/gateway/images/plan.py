"""Which levels of an image are served: those that are stored, and coarser ones that are made. Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.pyramid.plan import Zyx
    from vitrina.pyramid.source import ShapeTczyx

CHUNK_PX = 512
"""Height and width of all chunks: the viewer wants one size for all levels, and a power of two."""

PASSED_CHUNKS_PX = (256, 512, 1024)
"""Of chunks that are passed on as they are stored; smaller ones would make more requests than they save work."""

SMALLEST_LEVEL_PX = 1024
"""Levels are made until the coarsest is at most so high and wide."""

MAX_FLAT_PIXELS = 2**27
"""Largest plane of a stored level from which coarser levels are made: the coarsest has to read all of it."""


SERVED_DTYPES = {"bool": "uint8", "int64": "int32", "uint64": "uint32", "float16": "float32", "float64": "float32"}
"""Types that the viewer has no texture for, and what they are served as; integers are clipped to the range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedLevel:
    """One level.

    Attributes:
        shape_tczyx: Size in pixels.
        stored: Number of the level in the source; None for one that is made of the level before.
        factor_zyx: How many pixels of the level before become one, where it is made.
    """

    shape_tczyx: ShapeTczyx
    stored: int | None = None
    factor_zyx: Zyx = (1, 1, 1)


def plan_levels(shapes_tczyx: Sequence[ShapeTczyx]) -> tuple[ServedLevel, ...]:
    """The levels, finest first.

    Stored levels that have fewer planes than the finest, or are not smaller than the level before, are left out: the
    viewer asks every level for the same plane.

    Args:
        shapes_tczyx: Of the stored levels, finest first.

    Raises:
        UnsupportedError: Levels must be made of one that is too large.
    """
    finest = shapes_tczyx[0]
    levels = [ServedLevel(shape_tczyx=finest, stored=0)]
    for number, shape in enumerate(shapes_tczyx[1:], start=1):
        before = levels[-1].shape_tczyx
        is_smaller = shape[3:] != before[3:] and shape[3] <= before[3] and shape[4] <= before[4]
        if shape[:3] == finest[:3] and is_smaller:
            levels.append(ServedLevel(shape_tczyx=shape, stored=number))
    height, width = levels[-1].shape_tczyx[3:]
    if max(height, width) > SMALLEST_LEVEL_PX and height * width > MAX_FLAT_PIXELS:
        raise UnsupportedError(
            "gateway-image-flat",
            f"This image cannot be shown as it is: its coarsest level has {height:,} x {width:,} pixels, more than the "
            f"{MAX_FLAT_PIXELS:,} of which coarser ones are made while one waits.",
            hint="Convert it to OME-Zarr with `vitrina convert`, and add the result.",
        )
    while max(levels[-1].shape_tczyx[3:]) > SMALLEST_LEVEL_PX:
        t, c, z, y, x = levels[-1].shape_tczyx
        factor = (1, 2 if y > 1 else 1, 2 if x > 1 else 1)
        halved = (t, c, z, -(-y // factor[1]), -(-x // factor[2]))
        levels.append(ServedLevel(shape_tczyx=halved, factor_zyx=factor))
    return tuple(levels)
