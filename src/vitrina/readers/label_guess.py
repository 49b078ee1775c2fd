"""Whether pixels look like label ids although nothing says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.readers.plane import Pixels

LABEL_DTYPES = frozenset({"int32", "uint32", "int64", "uint64"})
"""Detectors give 8 to 16 bits: whole numbers this wide are ids far more often than intensities."""

MIN_EQUAL_SHARE = 0.7
"""Share of foreground pixels whose right neighbour is equal, above which regions are flat as only ids are."""


def looks_like_labels(plane_yx: Pixels, dtype: str) -> bool:
    """Whether a plane of integers consists of flat regions: the foreground's neighbours are mostly equal."""
    import numpy as np

    if dtype not in LABEL_DTYPES or plane_yx.ndim != 2 or plane_yx.shape[1] < 2:
        return False
    left, right = plane_yx[:, :-1], plane_yx[:, 1:]
    foreground = np.asarray(left != 0)
    n_foreground = int(foreground.sum())
    if n_foreground == 0:
        return False
    return float((left == right)[foreground].sum()) / n_foreground >= MIN_EQUAL_SHARE
