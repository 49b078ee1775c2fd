"""Whether pixels look like label ids although nothing says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.finding import Finding
from vitrina.readers.plane import find_channel_axis

if TYPE_CHECKING:
    from vitrina.readers.plane import Pixels, PlaneReader

LABEL_DTYPES = frozenset({"int32", "uint32", "int64", "uint64"})
"""Detectors give 8 to 16 bits: whole numbers this wide are ids far more often than intensities."""

MIN_EQUAL_SHARE = 0.7
"""Share of foreground pixels whose right neighbour is equal, above which regions are flat as only ids are."""

SAMPLE_SIDE = 512
"""Side of the part of the plane that is looked at."""


def guess_labels(plane: PlaneReader, dtype: str, path: str) -> Finding | None:
    """What to tell the user when an image without channels is taken for labels; None when it is not."""
    if dtype not in LABEL_DTYPES or 0 in plane.shape or find_channel_axis(plane.axes) is not None:
        return None
    rows, columns = (_centre(size) for size in plane.shape_yx)
    if not is_flat(plane.read(rows, columns, 1)[0]):
        return None
    return Finding(
        code="labels-guessed",
        severity="info",
        path=f"{path}#",
        message=f"The image holds {dtype} values in flat regions, so it is taken for a label image.",
        fix="Store labels as such: with image-label in OME-Zarr, as a labels element in SpatialData.",
    )


def is_flat(plane_yx: Pixels) -> bool:
    """Whether the foreground's pixels are mostly equal to their right neighbours; never without a foreground."""
    import numpy as np

    left, right = plane_yx[:, :-1], plane_yx[:, 1:]
    foreground = np.asarray(left != 0)
    n_foreground = int(foreground.sum())
    return n_foreground > 0 and float((left == right)[foreground].sum()) / n_foreground >= MIN_EQUAL_SHARE


def _centre(size: int) -> slice:
    start = max(0, (size - SAMPLE_SIDE) // 2)
    return slice(start, min(size, start + SAMPLE_SIDE))
