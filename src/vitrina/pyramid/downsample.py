"""Two, four or eight pixels become one: their mean, the first, or the most frequent.

These look at the pixels that become one and at no others, so they work on a block alone; filters that look further are
in ``resample.py``. What is written here with NumPy is written a second time in ``kernels.py`` to be compiled, with the
same values.
"""

from __future__ import annotations

import math
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vitrina import compiled
from vitrina.pyramid.kernels import find_kernel

if TYPE_CHECKING:
    import threading

    from vitrina.pyramid.plan import Zyx
    from vitrina.pyramid.source import Pixels

type Method = Literal["mean", "nearest", "mode"]

_WIDE = {"float16": np.float32, "uint8": np.uint16, "int8": np.int16, "uint16": np.uint32, "int16": np.int32}
"""Types in which a sum of eight is exact; 32-bit integers are added in 64 bits, floats in their own precision."""


def warm_up(method: Method, factor_zyx: Zyx, dtype: np.dtype[Any]) -> threading.Thread | None:
    """Begin to compile what shrinks blocks of a type; None where there is nothing to compile."""
    kernel = find_kernel(method, factor_zyx, dtype)
    if kernel is None:
        return None
    block = np.zeros((1, 2, 2, 2), dtype)
    block.flags.writeable = False
    return compiled.warm_up(kernel, block, np.zeros((1, 1, 1, 1), dtype), (0, 0, 0), (1, 1, 1))


def shrink_into(
    method: Method, block_czyx: Pixels, factor_zyx: Zyx, out_czyx: Pixels, *, start_zyx: Zyx, size_zyx: Zyx
) -> None:
    """Shrink the beginning of a block into a part of another.

    ``mean`` is exact: integers are rounded once, halves up, in 64 bits too; floats are added in their own precision,
    16-bit ones in 32. ``nearest`` takes the first pixel. ``mode`` takes the most frequent one, the first of them on a
    tie.

    Args:
        method: How.
        block_czyx: Channels x depth x height x width, C order.
        factor_zyx: 1 or 2 along each axis.
        out_czyx: Holds the result among others, C order.
        start_zyx: First pixel of the result in ``out_czyx``.
        size_zyx: Size of the result; the block holds at least the factors times as much.
    """
    kernel = find_kernel(method, factor_zyx, block_czyx.dtype)
    if kernel is not None and compiled.run(kernel, block_czyx, out_czyx, start_zyx, size_zyx):
        return
    depth, height, width = (size * factor for size, factor in zip(size_zyx, factor_zyx, strict=True))
    block = block_czyx[:, :depth, :height, :width]
    (z, y, x), (n_z, n_y, n_x) = start_zyx, size_zyx
    target = out_czyx[:, z : z + n_z, y : y + n_y, x : x + n_x]
    match method:
        case "nearest":
            target[...] = split_pixels(block, factor_zyx)[0]
        case "mode":
            target[...] = choose_mode(split_pixels(block, factor_zyx))
        case "mean":
            target[...] = compute_mean(block, factor_zyx)


def repeat_edge(block_czyx: Pixels, valid_zyx: Zyx, factor_zyx: Zyx) -> None:
    """Repeat the last valid pixels of a block up to a multiple of the factors.

    The mean of pixels that come twice is that of the pixels themselves, so the last pixel of an odd size becomes the
    mean of what is there.
    """
    z, y, x = valid_zyx
    if y % factor_zyx[1]:
        block_czyx[:, :z, y] = block_czyx[:, :z, y - 1]
    if x % factor_zyx[2]:
        block_czyx[:, :z, : y + y % 2, x] = block_czyx[:, :z, : y + y % 2, x - 1]
    if z % factor_zyx[0]:
        block_czyx[:, z] = block_czyx[:, z - 1]


def split_pixels(block_czyx: Pixels, factor_zyx: Zyx) -> list[Any]:
    """Views of the pixels that become one: the first of each, the second of each, and so on."""
    z, y, x = factor_zyx
    return [block_czyx[:, dz::z, dy::y, dx::x] for dz, dy, dx in product(range(z), range(y), range(x))]


def compute_mean(block_czyx: Pixels, factor_zyx: Zyx) -> Any:
    """The mean of the pixels that become one, in the block's type or one that holds it; see ``shrink_into``."""
    dtype = block_czyx.dtype
    n = math.prod(factor_zyx)
    shift = n.bit_length() - 1
    if dtype.kind in "iu" and dtype.itemsize < 8:
        return (_add_neighbours(block_czyx, factor_zyx, _WIDE.get(dtype.name, np.int64)) + n // 2) >> shift
    parts = split_pixels(block_czyx, factor_zyx)
    if dtype.kind == "f":
        return _add(parts, _WIDE.get(dtype.name, dtype)) / dtype.type(n)
    if dtype.kind == "b":
        return 2 * _add(parts, np.uint8) >= n
    # the sum may not fit into 64 bits: quotients and remainders are added apart
    whole = _add([part >> shift for part in parts], dtype)
    rest = _add([part & (n - 1) for part in parts], dtype)
    return whole + ((rest + n // 2) >> shift)


def choose_mode(parts: list[Any]) -> Any:
    """The most frequent of the pixels, the first of them on a tie."""
    counts = np.zeros((len(parts), *parts[0].shape), np.uint8)
    for first, second in combinations(range(len(parts)), 2):
        equal = parts[first] == parts[second]
        counts[first] += equal
        counts[second] += equal
    return np.choose(np.argmax(counts, axis=0), parts)  # argmax takes the first of the largest


def _add(parts: list[Any], dtype: Any) -> Any:
    total = parts[0].astype(dtype)
    for part in parts[1:]:
        total += part
    return total


def _add_neighbours(block_czyx: Pixels, factor_zyx: Zyx, dtype: Any) -> Any:
    """The sums of the pixels that become one, of a type in which they are exact.

    Planes are added first, then rows, then columns: only the last of these, on what is left, leaps over pixels. Views
    that all leap, as ``_add`` takes them, need about twice as long.
    """
    z, y, x = factor_zyx
    total: Any = block_czyx
    if z == 2:
        total = np.add(total[:, 0::2], total[:, 1::2], dtype=dtype)
    if y == 2:
        total = np.add(total[:, :, 0::2], total[:, :, 1::2], dtype=dtype)
    if x == 2:
        total = np.add(total[..., 0::2], total[..., 1::2], dtype=dtype)
    return total
