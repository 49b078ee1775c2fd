"""Loops that shrink a block, written to be compiled. Called as they are, they are right but slow.

Arrays are channels x depth x height x width in C order. The block is read from its first pixel, and ``size_zyx`` pixels
of ``out`` are written from ``start_zyx``. Floats are added in the order of ``downsample.py``, so that they come out the
same to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.pyramid.plan import Zyx

    type Kernel = Callable[[Any, Any, Zyx, Zyx], None]


def mean_of_4_integers(block: Any, out: Any, start_zyx: Zyx, size_zyx: Zyx) -> None:
    """Two rows by two columns, integers of at most 32 bits; halves are rounded up."""
    (z0, y0, x0), (depth, height, width) = start_zyx, size_zyx
    for c in range(block.shape[0]):
        for z in range(depth):
            for y in range(height):
                upper, lower = block[c, z, 2 * y], block[c, z, 2 * y + 1]
                row = out[c, z0 + z, y0 + y, x0 : x0 + width]
                for x in range(width):
                    total = np.int64(upper[2 * x]) + np.int64(upper[2 * x + 1])
                    total += np.int64(lower[2 * x]) + np.int64(lower[2 * x + 1])
                    row[x] = (total + 2) >> 2


def mean_of_8_integers(block: Any, out: Any, start_zyx: Zyx, size_zyx: Zyx) -> None:
    """Two planes by two rows by two columns, integers of at most 32 bits; halves are rounded up."""
    (z0, y0, x0), (depth, height, width) = start_zyx, size_zyx
    for c in range(block.shape[0]):
        for z in range(depth):
            for y in range(height):
                upper, lower = block[c, 2 * z, 2 * y], block[c, 2 * z, 2 * y + 1]
                next_upper, next_lower = block[c, 2 * z + 1, 2 * y], block[c, 2 * z + 1, 2 * y + 1]
                row = out[c, z0 + z, y0 + y, x0 : x0 + width]
                for x in range(width):
                    total = np.int64(upper[2 * x]) + np.int64(upper[2 * x + 1])
                    total += np.int64(lower[2 * x]) + np.int64(lower[2 * x + 1])
                    total += np.int64(next_upper[2 * x]) + np.int64(next_upper[2 * x + 1])
                    total += np.int64(next_lower[2 * x]) + np.int64(next_lower[2 * x + 1])
                    row[x] = (total + 4) >> 3


def mean_of_4_floats(block: Any, out: Any, start_zyx: Zyx, size_zyx: Zyx) -> None:
    """Two rows by two columns, floats of 32 or 64 bits, added in their own precision."""
    (z0, y0, x0), (depth, height, width) = start_zyx, size_zyx
    for c in range(block.shape[0]):
        for z in range(depth):
            for y in range(height):
                upper, lower = block[c, z, 2 * y], block[c, z, 2 * y + 1]
                row = out[c, z0 + z, y0 + y, x0 : x0 + width]
                for x in range(width):
                    row[x] = (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) / 4


def mode_of_4(block: Any, out: Any, start_zyx: Zyx, size_zyx: Zyx) -> None:
    """Two rows by two columns: the most frequent value, the first of them on a tie."""
    (z0, y0, x0), (depth, height, width) = start_zyx, size_zyx
    for c in range(block.shape[0]):
        for z in range(depth):
            for y in range(height):
                upper, lower = block[c, z, 2 * y], block[c, z, 2 * y + 1]
                row = out[c, z0 + z, y0 + y, x0 : x0 + width]
                for x in range(width):
                    first, second, third, fourth = upper[2 * x], upper[2 * x + 1], lower[2 * x], lower[2 * x + 1]
                    if first in (second, third, fourth):
                        row[x] = first
                    elif second in (third, fourth):
                        row[x] = second
                    elif third == fourth:
                        row[x] = third
                    else:
                        row[x] = first


def find_kernel(method: str, factor_zyx: Zyx, dtype: np.dtype[Any]) -> Kernel | None:
    """The loop for a method, None when there is none: NumPy does it then."""
    is_integer, is_float = dtype.kind in "iu" and dtype.itemsize <= 4, dtype.char in "fd"
    match method, factor_zyx:
        case "mean", (1, 2, 2) if is_integer:
            return mean_of_4_integers
        case "mean", (2, 2, 2) if is_integer:
            return mean_of_8_integers
        case "mean", (1, 2, 2) if is_float:
            return mean_of_4_floats
        case "mode", (1, 2, 2) if dtype.kind in "iu":
            return mode_of_4
    return None
