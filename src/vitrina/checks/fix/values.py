"""Which values an image holds, and the smallest type that holds them all unchanged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.pyramid.source import PixelSource

_UNSIGNED = ("uint8", "uint16", "uint32", "uint64")
_SIGNED = ("int8", "int16", "int32", "int64")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRange:
    """The values of all levels of an image.

    Attributes:
        low: The smallest.
        high: The largest.
        is_whole: Whether all are whole numbers.
    """

    low: int | float
    high: int | float
    is_whole: bool


def choose_integer(values: ValueRange) -> str | None:
    """The smallest integer type that holds the values, unsigned where it can be; None when they are no integers.

    >>> choose_integer(ValueRange(low=0, high=300, is_whole=True))
    'uint16'
    """
    if not values.is_whole:
        return None
    names = _UNSIGNED if values.low >= 0 else _SIGNED
    return next(
        (name for name in names if np.iinfo(name).min <= values.low and values.high <= np.iinfo(name).max), None
    )


def measure_values(sources: Iterable[PixelSource]) -> ValueRange:
    """Read all pixels, a chunk at a time.

    Raises:
        UnreadableError: They are damaged.
    """
    low: int | float = np.inf
    high: int | float = -np.inf
    is_whole = True
    for source in sources:
        for pixels in _iterate_windows(source):
            if pixels.dtype.kind == "f":
                is_whole = is_whole and bool(np.isfinite(pixels).all() and (pixels == np.trunc(pixels)).all())
                if not is_whole:
                    return ValueRange(low=low, high=high, is_whole=False)
            low, high = min(low, pixels.min().item()), max(high, pixels.max().item())
    return ValueRange(low=low, high=high, is_whole=is_whole and low <= high)


def _iterate_windows(source: PixelSource) -> Iterable[np.ndarray]:
    n_t, n_c, depth, height, width = source.shape_tczyx
    joint = source.n_joint_channels
    _, _, step_z, step_y, step_x = source.chunk_shape_tczyx
    for t, first in np.ndindex(n_t, n_c // joint):
        for z in range(0, depth, step_z):
            for y in range(0, height, step_y):
                for x in range(0, width, step_x):
                    size = min(step_z, depth - z), min(step_y, height - y), min(step_x, width - x)
                    window = np.empty((joint, *size), source.dtype)
                    source.read_into((t, first * joint, z, y, x), window)
                    yield window
