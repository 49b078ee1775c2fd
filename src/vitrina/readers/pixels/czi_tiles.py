"""Where the tiles of one level of a scene in a CZI file lie."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

_PLANE_DIMS = ("Y", "X", "S")

MAX_PLANES_PER_TILE = 65_536
"""A tile covers one plane nearly always, or some time points of a line scan; hostile ones claim to cover billions."""

MAX_ENLARGEMENT = 16
"""Tiles of the finest level are stored smaller than shown by some detectors, which leave out every other row."""

MAX_TILE_BYTES = 2**30
"""Cameras give tiles of up to a hundred megabytes."""


@dataclass(slots=True, kw_only=True)
class PlaneTiles:
    """The tiles of one plane, those on top last.

    Attributes:
        entries: As czifile gives them.
        offsets: Per tile, which of its planes it is, one number per outer dimension.
        boxes: Per tile first row, first column, row and column behind the last, in pixels of the level.
    """

    entries: list[Any] = field(default_factory=list)
    offsets: list[tuple[int, ...]] = field(default_factory=list)
    boxes: list[tuple[int, int, int, int]] = field(default_factory=list)
    _array: npt.NDArray[np.int64] | None = None

    def find(self, top: int, left: int, bottom: int, right: int) -> list[int]:
        """Numbers of the tiles that a window touches, in their order."""
        import numpy as np

        if self._array is None:
            self._array = np.array(self.boxes, np.int64).reshape(-1, 4)
        y0, x0, y1, x1 = self._array.T
        return [int(i) for i in np.flatnonzero((y0 < bottom) & (y1 > top) & (x0 < right) & (x1 > left))]


@dataclass(frozen=True, slots=True, kw_only=True)
class CziGrid:
    """The tiles of one level.

    Attributes:
        dims: Letters of its dimensions: those with more than one position, then ``Y``, ``X`` and perhaps ``S``.
        shape: Of the level.
        origin_yx: First pixel in the file's own coordinates, in pixels of the level.
        reduction: How many times larger than those of the finest level its pixels are.
        tile_yx: The most frequent size of a tile.
        planes: The tiles by positions along the outer dimensions.
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    origin_yx: tuple[int, int]
    reduction: float
    tile_yx: tuple[int, int]
    planes: Mapping[tuple[int, ...], PlaneTiles]

    @property
    def n_samples(self) -> int:
        """Interleaved samples of a pixel."""
        return self.shape[-1] if self.dims[-1] == "S" else 1


def build_grid(entries: Sequence[Any], finest: CziGrid | None, starts: Mapping[str, int], where: str) -> CziGrid:
    """The grid of a level.

    Args:
        entries: Its tiles in the order of their stacking.
        finest: The grid of the finest level, None where this is it.
        starts: First position along each outer dimension in the finest level.
        where: The file, for errors.

    Raises:
        UnreadableError: Tiles contradict each other.
    """
    reduction = 1.0 if finest is None else _find_reduction(entries)
    boxes = [_find_box(entry, reduction, is_finest=finest is None) for entry in entries]
    top, left = min(box[0] for box in boxes), min(box[1] for box in boxes)
    height, width = max(box[2] for box in boxes) - top, max(box[3] for box in boxes) - left
    if finest is None:
        outer = find_sizes(entries, starts)
        n_samples = max(_get(entry, "stored_shape", "S", 1) for entry in entries)
    else:
        outer = dict(zip(finest.dims, finest.shape, strict=True))
        n_samples = finest.n_samples
        outer = {dim: size for dim, size in outer.items() if dim not in _PLANE_DIMS}
    planes: dict[tuple[int, ...], PlaneTiles] = {}
    for entry, (y0, x0, y1, x1) in zip(entries, boxes, strict=True):
        if _get(entry, "stored_shape", "S", 1) != n_samples or entry.size <= 0:
            raise _contradicts(where, "its tiles have different numbers of samples per pixel, or none")
        if math.prod(entry.stored_shape) * entry.dtype.itemsize > MAX_TILE_BYTES:
            raise _contradicts(where, f"a tile claims to have the shape {entry.stored_shape}")
        if finest is None and any(
            a > b * MAX_ENLARGEMENT for a, b in zip(entry.shape, entry.stored_shape, strict=True)
        ):
            raise _contradicts(where, f"a tile of the shape {entry.stored_shape} claims to cover {entry.shape}")
        for key, offset in _iterate_planes(entry, outer, starts, where):
            plane = planes.setdefault(key, PlaneTiles())
            plane.entries.append(entry)
            plane.offsets.append(offset)
            plane.boxes.append((y0 - top, x0 - left, y1 - top, x1 - left))
    tail = {"Y": height, "X": width} | ({"S": n_samples} if n_samples > 1 else {})
    tile_yx, _ = Counter((y1 - y0, x1 - x0) for y0, x0, y1, x1 in boxes).most_common(1)[0]
    return CziGrid(
        dims=(*outer, *tail),
        shape=(*outer.values(), *tail.values()),
        origin_yx=(top, left),
        reduction=reduction,
        tile_yx=tile_yx,
        planes=planes,
    )


def find_starts(entries: Sequence[Any]) -> dict[str, int]:
    """First position along each outer dimension."""
    starts: dict[str, int] = {}
    for entry in entries:
        for dim, start in zip(entry.dims, entry.start, strict=True):
            if dim not in _PLANE_DIMS:
                starts[dim] = min(start, starts.get(dim, start))
    return starts


def find_sizes(entries: Sequence[Any], starts: Mapping[str, int]) -> dict[str, int]:
    """Number of positions along the outer dimensions that have more than one, in the order of the file."""
    sizes = dict.fromkeys(starts, 1)
    for entry in entries:
        for dim, start, size in zip(entry.dims, entry.start, entry.shape, strict=True):
            if dim in sizes:
                sizes[dim] = max(sizes[dim], start + size - starts[dim])
    return {dim: size for dim, size in sizes.items() if size > 1}


def _find_reduction(entries: Sequence[Any]) -> float:
    """A whole number nearly always, but for tiles at the edge; the largest tile says it best."""
    entry = max(entries, key=lambda own: own.size)
    ratio = max(_get(entry, "shape", dim, 1) / max(1, _get(entry, "stored_shape", dim, 1)) for dim in "YX")
    return float(round(ratio)) if abs(ratio - round(ratio)) < 0.1 * ratio else ratio


def _find_box(entry: Any, reduction: float, *, is_finest: bool) -> tuple[int, int, int, int]:
    """In the finest level tiles may be stored smaller or larger than they are shown."""
    y0, x0 = (round(_get(entry, "start", dim, 0) / reduction) for dim in "YX")
    height, width = (_get(entry, "shape" if is_finest else "stored_shape", dim, 1) for dim in "YX")
    return y0, x0, y0 + height, x0 + width


def _iterate_planes(
    entry: Any, outer: Mapping[str, int], starts: Mapping[str, int], where: str
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The planes that a tile has: where they are, and where in the tile they are."""
    first = [_get(entry, "start", dim, starts[dim]) - starts[dim] for dim in outer]
    sizes = [_get(entry, "stored_shape", dim, 1) for dim in outer]
    if math.prod(sizes) > MAX_PLANES_PER_TILE:
        raise _contradicts(where, f"a tile claims to have {math.prod(sizes):,} planes")
    for offset in itertools.product(*(range(size) for size in sizes)):
        yield tuple(a + b for a, b in zip(first, offset, strict=True)), offset


def _get(entry: Any, name: str, dim: str, absent: int) -> int:
    return int(getattr(entry, name)[entry.dims.index(dim)]) if dim in entry.dims else absent


def _contradicts(where: str, reason: str) -> UnreadableError:
    return UnreadableError("czi-damaged", f"{where} cannot be read as CZI: {reason}.", where=where)
