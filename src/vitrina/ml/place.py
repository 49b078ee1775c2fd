"""Where tiles lie: their first pixels, from the positions of cells.

Positions count from the upper left corner of the image: the centre of its first pixel lies at 0.5, as in SpatialData.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    type Ints = npt.NDArray[np.int64]
    type Floats = npt.NDArray[np.float64]

MAX_SIZE_PX = 8_192
"""A larger tile is an image of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where square tiles of one size lie.

    Attributes:
        slide_of: Slide of each tile.
        y0: First row of each tile in its slide, below 0 for one that reaches over the edge.
        x0: First column.
        size_px: Side of all tiles.
    """

    slide_of: Ints
    y0: Ints
    x0: Ints
    size_px: int

    def __len__(self) -> int:
        return len(self.y0)

    def take(self, ids: Ints) -> Places:
        """The places of some tiles."""
        return Places(slide_of=self.slide_of[ids], y0=self.y0[ids], x0=self.x0[ids], size_px=self.size_px)


def plan_starts(centre_px: Floats, size_px: int | Ints) -> Ints:
    """The first pixel of each tile along one axis, below 0 for a tile that reaches over the edge.

    A pixel belongs to a tile when its centre lies in ``[centre - size / 2, centre + size / 2)``, so that tiles equal
    those of SpatialData's ``bounding_box_query``.

    Args:
        centre_px: Positions of the cells in pixels.
        size_px: Side of the tiles, or of each.
    """
    return np.ceil(centre_px - (size_px / 2 + 0.5)).astype(np.int64)


def plan_size(size_px: int | None, size_um: float | None, pixel_size_um: float | None) -> int:
    """The side of a tile in pixels.

    Args:
        size_px: The side in pixels, or None.
        size_um: The side in micrometres, or None; needs ``pixel_size_um``.
        pixel_size_um: Of the tiles.

    Raises:
        InputError: Both sides are given or none, or the tile has no pixel or too many.
    """
    if (size_px is None) == (size_um is None):
        raise InputError(
            "tile-size-missing",
            "The size of the tiles must be given once: either size_px or size_um.",
            hint="Pass size_px=128, or size_um=64 with pixel_size_um=0.5.",
            where="size_px",
        )
    if size_px is not None:
        return _check(size_px, size_px, "size_px")
    if pixel_size_um is None or size_um is None:
        raise InputError(
            "pixel-size-missing",
            "The pixel size is not known, so tiles cannot be given in micrometres.",
            hint="Pass size_px, or pixel_sizes_um with the pixel size of each dataset.",
            where="size_um",
        )
    return _check(round(size_um / pixel_size_um), size_um, "size_um")


def _check(pixels: int, given: Any, name: str) -> int:
    if not 1 <= pixels <= MAX_SIZE_PX:
        raise InputError(
            "tile-size-invalid",
            f"{name} is {given!r}, which makes tiles of {pixels:,} pixels; 1 to {MAX_SIZE_PX:,} are possible.",
            where=name,
        )
    return int(pixels)
