"""Scatter previews from positions and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.positions import MAX_GROUPS, MIN_GROUPS
from vitrina.readers.reader import ScatterPreview

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vitrina.model.content import ExtentXY

MAX_POINTS = 20_000


def build_scatter_preview(
    points_xy: npt.NDArray[Any], groups: npt.NDArray[Any] | None, *, is_spatial: bool
) -> ScatterPreview | None:
    """At most 20,000 evenly sampled points; None when no point has two finite coordinates.

    Args:
        points_xy: n x 2 or more, any numeric dtype; further dimensions are ignored.
        groups: Integer code per point, -1 for none; None for no groups.
        is_spatial: See ScatterPreview.
    """
    import numpy as np

    points = np.asarray(points_xy[:, :2], dtype=np.float64)
    codes = np.full(len(points), -1, dtype=np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
    kept = np.flatnonzero(np.isfinite(points).all(axis=1))
    if kept.size == 0:
        return None
    if kept.size > MAX_POINTS:
        kept = kept[np.linspace(0, kept.size - 1, MAX_POINTS).astype(np.int64)]
    return ScatterPreview(points_xy=points[kept], groups=codes[kept], is_spatial=is_spatial)


def measure_extent(points_xy: npt.NDArray[Any]) -> ExtentXY | None:
    """``(min x, min y, max x, max y)`` of the finite points; None when there is none."""
    import numpy as np

    points = np.asarray(points_xy[:, :2], dtype=np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if points.size == 0:
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def is_groupable(codes: npt.NDArray[np.int64]) -> bool:
    """Whether there are as many groups as colours can tell apart."""
    n_groups = int(codes.max(initial=-1)) + 1
    return MIN_GROUPS <= n_groups <= MAX_GROUPS


def encode_groups(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Codes of text values, in the order of the sorted values."""
    import numpy as np

    _, codes = np.unique(values.astype(str), return_inverse=True)
    return np.asarray(codes, dtype=np.int64)
