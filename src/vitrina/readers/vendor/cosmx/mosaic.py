"""The pictures of all fields of view as one image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.pixels.decoded_cache import DecodedCache
from vitrina.readers.vendor.cosmx.tiles import read_tile

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from vitrina.pyramid.source import Pixels, ShapeTczyx
    from vitrina.readers.vendor.cosmx.frame import Frame
    from vitrina.readers.vendor.cosmx.tiles import TileShape

FOV_FACTOR = 100_000
"""The id of a cell in the whole slide is this times the number of its field of view, plus its own number."""

MAX_SIDE, MAX_AREA = 2**27, 2**40
"""A slide of 75 x 25 mm has 600,000 x 200,000 pixels; positions beyond this are damage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One field of view in the mosaic.

    Attributes:
        fov: Its number.
        path: Of its picture.
        shape: Of its picture.
        left: Column of the mosaic where it begins.
        top: Row where it begins.
        flip_x: Whether its columns run against those of the mosaic.
        flip_y: Whether its rows do.
    """

    fov: int
    path: Path
    shape: TileShape
    left: int
    top: int
    flip_x: bool
    flip_y: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MosaicPlan:
    """Where all of them lie.

    Attributes:
        tiles: In the order in which they are drawn.
        height: Rows of the mosaic.
        width: Columns of the mosaic.
        left_px: Global x of its left side, in pixels.
        top_px: Global y of its upper side, in pixels, downwards.
    """

    tiles: tuple[Tile, ...]
    height: int
    width: int
    left_px: float
    top_px: float


def plan_mosaic(pictures: Mapping[int, tuple[Path, TileShape]], frame: Frame, rows_run: int) -> MosaicPlan:
    """Place the fields of view whose origin is known, to the nearest pixel.

    Args:
        pictures: Path and shape by number of the field of view.
        frame: Where fields of view lie.
        rows_run: 1 where rows of pictures run along the local y axis, -1 where they run against it.

    Raises:
        UnreadableError: No field of view has a place, or they lie absurdly far apart.
    """
    placed = [
        (fov, path, shape, *_place(shape, frame, frame.origins[fov], rows_run))
        for fov, (path, shape) in pictures.items()
        if fov in frame.origins and all(map(math.isfinite, frame.origins[fov]))
    ]
    if not placed:
        raise UnreadableError("fov-positions-missing", "No field of view with a picture has a position.")
    left = math.floor(min(one[3] for one in placed))
    top = math.floor(min(one[4] for one in placed))
    tiles = tuple(
        Tile(fov=fov, path=path, shape=shape, left=round(x - left), top=round(y - top), flip_x=flip_x, flip_y=flip_y)
        for fov, path, shape, x, y, flip_x, flip_y in placed
    )
    height = max(tile.top + tile.shape.height for tile in tiles)
    width = max(tile.left + tile.shape.width for tile in tiles)
    if max(height, width) > MAX_SIDE or height * width > MAX_AREA:
        raise UnreadableError(
            "fov-positions-absurd",
            f"By their positions the fields of view span {width:,} x {height:,} pixels, more than any slide.",
            hint="Check the positions file.",
        )
    return MosaicPlan(tiles=tiles, height=height, width=width, left_px=float(left), top_px=float(top))


def _place(
    shape: TileShape, frame: Frame, origin_xy: tuple[float, float], rows_run: int
) -> tuple[float, float, bool, bool]:
    """Left and upper side in global pixels, y downwards, and which way columns and rows run."""
    first_x, first_y = (0.0, shape.height if rows_run < 0 else 0.0)
    if shape.tiepoint_xy is not None:
        first_x, first_y = shape.tiepoint_xy
        rows_run = -1
    x = origin_xy[0] + frame.sign_x * first_x
    y = -origin_xy[1] - frame.sign_y * first_y
    flip_x, flip_y = frame.sign_x < 0, frame.sign_y * rows_run > 0
    return x - shape.width * flip_x, y - shape.height * flip_y, flip_x, flip_y


class MosaicPixels:
    """Pixels of fields of view in their places; between them is 0.

    Args:
        plan: Their places.
        n_channels: Samples that are shown of each; a grey one is repeated, a fourth one is left away.
        dtype: Of all of them.
        is_labels: Whether they are ids: 0 hides nothing, and they are made whole numbers.
        is_numbered: Whether ids are those of cells, which begin anew in every field of view.
    """

    def __init__(
        self, plan: MosaicPlan, n_channels: int, dtype: str, *, is_labels: bool = False, is_numbered: bool = False
    ) -> None:
        import numpy as np

        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.shape_tczyx: ShapeTczyx = (1, n_channels, 1, plan.height, plan.width)
        self.n_joint_channels: int = n_channels
        first = plan.tiles[0].shape
        self.chunk_shape_tczyx: ShapeTczyx = (
            1, n_channels, 1, min(first.height, plan.height), min(first.width, plan.width),
        )  # fmt: skip
        self._plan = plan
        self._is_labels = is_labels
        self._is_numbered = is_numbered
        self._cache = DecodedCache()

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        import numpy as np

        top, left = start_tczyx[3:]
        height, width = out_czyx.shape[2:]
        out_czyx[...] = 0
        for tile in self._plan.tiles:
            first_row, last_row = max(top, tile.top), min(top + height, tile.top + tile.shape.height)
            first, last = max(left, tile.left), min(left + width, tile.left + tile.shape.width)
            if first_row >= last_row or first >= last:
                continue
            pixels = self._cache.get(tile.fov, lambda tile=tile: self._decode(tile))  # type: ignore[misc]  # bound now
            part = pixels[:, first_row - tile.top : last_row - tile.top, first - tile.left : last - tile.left]
            target = out_czyx[:, 0, first_row - top : last_row - top, first - left : last - left]
            np.copyto(target, part, where=(part != 0) if self._is_labels else True)

    def close(self) -> None:
        """Nothing stays open."""

    def _decode(self, tile: Tile) -> Pixels:
        import numpy as np

        pixels = read_tile(tile.path, tile.shape)
        pixels = pixels[:, :: -1 if tile.flip_y else 1, :: -1 if tile.flip_x else 1]
        if self._is_labels:
            return _number(pixels[:1], tile, self.dtype, is_numbered=self._is_numbered)
        n_channels = self.shape_tczyx[1]
        if pixels.shape[0] < n_channels:
            pixels = np.broadcast_to(pixels[:1], (n_channels, *pixels.shape[1:]))
        return np.ascontiguousarray(pixels[:n_channels], dtype=self.dtype)


def _number(pixels: Any, tile: Tile, dtype: Any, *, is_numbered: bool) -> Pixels:
    """Ids of the whole slide; what is no whole number from 0 on cannot be one.

    Raises:
        UnreadableError: It cannot.
    """
    import numpy as np

    if pixels.dtype.kind == "f":
        pixels = np.nan_to_num(pixels, nan=0.0, posinf=-1.0, neginf=-1.0)
    lowest, highest = pixels.min(), pixels.max()
    if lowest < 0 or highest >= FOV_FACTOR or (pixels.dtype.kind == "f" and (pixels != np.floor(pixels)).any()):
        raise UnreadableError(
            "labels-invalid",
            f"{tile.path.name} holds values from {lowest} to {highest}; ids of cells are whole numbers from 0 to "
            f"{FOV_FACTOR - 1:,}.",
            where=str(tile.path),
        )
    ids = pixels.astype(np.int64)
    if is_numbered:
        ids = np.where(ids > 0, ids + tile.fov * FOV_FACTOR, 0)
    numbered: Pixels = ids.astype(dtype)
    return numbered
