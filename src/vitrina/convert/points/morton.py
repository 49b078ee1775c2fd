"""Morton codes: the bits of x and y by turns, so that numbers close together are places close together.

Source: G. M. Morton, A computer oriented geodetic data base and a new technique in file sequencing, IBM 1966.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vitrina.model.content import ExtentXY

MAX_STEP = 2**16 - 1
"""Of the grid of places along each axis: two of 16 bits make one code of 32.

Source: https://vitessce.io/docs/data-troubleshooting/#points
"""


def encode_morton(x: npt.NDArray[Any], y: npt.NDArray[Any], extent_xy: ExtentXY) -> npt.NDArray[np.uint32]:
    """The code of each place in a rectangle; what lies outside of it counts as on its edge, what is no number as last.

    Args:
        x: Of the places.
        y: Of the places.
        extent_xy: The rectangle.
    """
    min_x, min_y, max_x, max_y = extent_xy
    codes = _spread(_quantize(x, min_x, max_x)) | (_spread(_quantize(y, min_y, max_y)) << np.uint32(1))
    codes[~(np.isfinite(x) & np.isfinite(y))] = np.iinfo(np.uint32).max
    return codes


def _quantize(values: npt.NDArray[Any], low: float, high: float) -> npt.NDArray[np.uint32]:
    """Step of each value, rounded down, as the viewer does it."""
    size = high - low
    scaled = (np.asarray(values, np.float64) - low) * (MAX_STEP / size if size > 0 else 0.0)
    return np.clip(np.nan_to_num(scaled, nan=0, posinf=MAX_STEP, neginf=0), 0, MAX_STEP).astype(np.uint32)


def _spread(values: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """16 bits with a zero before each."""
    spread = values
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        spread = (spread | (spread << np.uint32(shift))) & np.uint32(mask)
    return spread
