"""Training, validation and test tiles that have no pixel in common.

Tiles of neighbouring cells overlap; dealt out one by one, test tiles would show what was trained on. Whole samples are
dealt out instead, or whole squares of a slide with a gap between squares of different parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from vitrina.ml.place import Places

    type Ints = npt.NDArray[np.int64]

DROPPED = -1
"""The part of tiles that belong to none."""


def plan_parts(group_of: Ints, n_groups: int, fractions: Sequence[float], rng: np.random.Generator) -> Ints:
    """The part of each group, so that parts hold about the wanted fractions of all tiles.

    Groups are dealt out in random order, each to the part that lacks most; every part gets one while there are enough.

    Args:
        group_of: Group of each tile.
        n_groups: Number of groups.
        fractions: Of the tiles, one per part; they add up to at most one.
        rng: What shuffles.

    Raises:
        InputError: The fractions make no sense, or there are fewer groups than parts.
    """
    wanted = check_fractions(fractions)
    if n_groups < len(wanted):
        raise InputError(
            "split-too-few",
            f"{n_groups} group{'s' * (n_groups != 1)} cannot be dealt out to {len(wanted)} parts.",
            hint="Split by something that has more values, or by blocks.",
            where="by",
        )
    sizes = np.bincount(group_of, minlength=n_groups).astype(np.float64)
    total = sizes.sum()
    held = np.zeros(len(wanted))
    part_of = np.full(n_groups, DROPPED, np.int64)
    order = rng.permutation(n_groups)
    for position, group in enumerate(order):
        empty = [part for part in range(len(wanted)) if not (part_of == part).any()]
        must_fill = len(order) - position <= len(empty)
        lack = wanted * total - held
        if must_fill:
            lack = np.where(np.isin(np.arange(len(wanted)), empty), lack + total, -np.inf)
        part = int(np.argmax(lack))
        if lack[part] <= 0 and not must_fill:
            continue  # the fractions add up to less than one
        part_of[group] = part
        held[part] += sizes[group]
    return part_of


def split_blocks(
    places: Places,
    *,
    block_px: int,
    gap_px: int,
    fractions: Sequence[float],
    rng: np.random.Generator,
) -> Ints:
    """The part of each tile by squares of its slide; -1 for tiles too near to a square of another part.

    A tile stays when the tile and half the gap around it lie in squares of its own part alone. Hence two tiles of
    different parts of a slide are at least the gap apart, and share no pixel.

    Args:
        places: Of the tiles.
        block_px: Side of a square, at least the tile and the gap together.
        gap_px: Between tiles of different parts.
        fractions: Of the squares, one per part.
        rng: What shuffles.

    Raises:
        InputError: The sizes or fractions make no sense.
    """
    slide_of, y0, x0, size_px = places.slide_of, places.y0, places.x0, places.size_px
    half = -(-gap_px // 2)
    if gap_px < 0 or block_px < size_px + 2 * half:
        raise InputError(
            "block-too-small",
            f"Squares of {block_px} pixels leave no room for tiles of {size_px} pixels with a gap of {gap_px}.",
            hint="Use larger squares, or a smaller gap.",
            where="block_px",
        )
    low_y, low_x = (np.floor_divide(start - half, block_px) for start in (y0, x0))
    high_y, high_x = (np.floor_divide(start + size_px - 1 + half, block_px) for start in (y0, x0))
    corners = np.concatenate([np.stack([slide_of, y, x], axis=1) for y in (low_y, high_y) for x in (low_x, high_x)])
    _, square_of = np.unique(corners, axis=0, return_inverse=True)
    square_of = square_of.reshape(4, len(slide_of))
    middle_y, middle_x = (np.floor_divide(start + size_px // 2, block_px) for start in (y0, x0))
    own = np.where(middle_y == low_y, 0, 2) + np.where(middle_x == low_x, 0, 1)
    own_square = square_of[own, np.arange(len(slide_of))]
    part_of = plan_parts(own_square, int(square_of.max(initial=-1)) + 1, fractions, rng)
    parts = part_of[square_of]
    return np.where((parts == parts[0]).all(axis=0), parts[0], DROPPED)


def check_fractions(fractions: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The fractions as numbers.

    Raises:
        InputError: One is not above zero, or they add up to more than one.
    """
    wanted = np.asarray(fractions, np.float64)
    if not wanted.size or not np.isfinite(wanted).all() or wanted.min() <= 0 or wanted.sum() > 1 + 1e-9:
        raise InputError(
            "fractions-invalid",
            f"The fractions of a split must be above 0 and add up to at most 1; {tuple(fractions)} do not.",
            where="fractions",
        )
    return wanted
