"""What is read together in an epoch: pure functions from tiles to windows of decoded chunks and batches.

Tiles belong to *blocks*, a few chunks by a few chunks of one slide. An epoch puts the blocks of all slides in random
order and cuts them into *windows* that fit into the memory budget. All tiles of a window are mixed, and each of its
chunks is decoded once. A batch may reach from one window into the next, so that every batch is whole.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from vitrina.ml.place import Places

    type Ints = npt.NDArray[np.int64]

MIN_BLOCKS_PER_WINDOW = 8
"""Blocks are made so small that so many fit into a window: what is mixed comes from so many places."""


MAX_TILES_PER_BLOCK_SIDE = 16
"""Blocks are not larger than so many tiles side by side, unless a chunk is."""

EVEN_SLACK = 1.03
"""Windows are filled so much above their mean when they are made even."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The chunks of one raster of a slide.

    Attributes:
        shape_yx: Size of the raster in pixels.
        chunk_yx: Size of a chunk.
        chunk_bytes: Of a decoded chunk with all of its channels.
    """

    shape_yx: tuple[int, int]
    chunk_yx: tuple[int, int]
    chunk_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Which block each tile belongs to.

    Attributes:
        block_of: Block of each tile.
        chunks: Numbers of the decoded chunks that the tiles of each block need, block after block; blocks share some.
        chunk_starts: Where in ``chunks`` each block begins, and where the last one ends.
        chunk_bytes: Of each chunk, by its number.
    """

    block_of: Ints
    chunks: Ints
    chunk_starts: Ints
    chunk_bytes: Ints

    def __len__(self) -> int:
        return len(self.chunk_starts) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochPlan:
    """The tiles of an epoch in the order of the batches.

    Attributes:
        ids: Numbers of tiles; one may come several times.
        window_starts: Where in ``ids`` each window begins, and where the last one ends.
    """

    ids: Ints
    window_starts: tuple[int, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of the order: equal plans read the same tiles in the same batches."""
        digest = hashlib.sha256(self.ids.astype("<i8").tobytes())
        digest.update(np.asarray(self.window_starts, "<i8").tobytes())
        return digest.hexdigest()


def plan_blocks(places: Places, grids: Sequence[Sequence[Grid]], window_bytes: int) -> Blocks:
    """Which tiles lie together, and what they need in memory.

    Args:
        places: Of all tiles.
        grids: Per slide those of its rasters; the first says how large blocks are.
        window_bytes: Memory of a window.

    Raises:
        InputError: The memory does not even hold the chunks of one block.
    """
    slide_of, size_px = places.slide_of, places.size_px
    sides = np.array([_choose_side(rasters, size_px, window_bytes) for rasters in grids], np.int64).reshape(-1, 2)
    shapes = np.array([rasters[0].shape_yx for rasters in grids], np.int64).reshape(-1, 2)
    rows, columns = (
        np.clip(start + size_px // 2, 0, shapes[slide_of, axis] - 1) // sides[slide_of, axis]
        for axis, start in enumerate((places.y0, places.x0))
    )
    n_columns = -(-shapes[:, 1] // sides[:, 1])
    n_blocks = n_columns * -(-shapes[:, 0] // sides[:, 0])
    first = np.concatenate(([0], np.cumsum(n_blocks)[:-1])) if len(n_blocks) else n_blocks
    numbers, block_of = np.unique(first[slide_of] + rows * n_columns[slide_of] + columns, return_inverse=True)
    needs: list[tuple[Ints, Ints]] = []
    n_bytes: list[Ints] = []
    n_chunks = 0
    for number, mine in iterate_slides(slide_of):
        for grid in grids[number]:
            needed = find_chunks(block_of[mine], places.y0[mine], places.x0[mine], size_px, grid)
            _, chunk_of = np.unique(needed[:, 1:], axis=0, return_inverse=True)
            needs.append((needed[:, 0], chunk_of.ravel() + n_chunks))
            n_bytes.append(np.full(int(chunk_of.max(initial=-1)) + 1, grid.chunk_bytes))
            n_chunks += len(n_bytes[-1])
    blocks = _build_blocks(block_of.astype(np.int64), len(numbers), needs, n_bytes)
    _check_budget(blocks, window_bytes)
    return blocks


def _build_blocks(block_of: Ints, n_blocks: int, needs: list[tuple[Ints, Ints]], n_bytes: list[Ints]) -> Blocks:
    nothing = np.empty(0, np.int64)
    owners = np.concatenate([nothing, *(owner for owner, _ in needs)])
    chunks = np.concatenate([nothing, *(chunk for _, chunk in needs)])
    order = np.argsort(owners, kind="stable")
    return Blocks(
        block_of=block_of,
        chunks=chunks[order],
        chunk_starts=np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=n_blocks)))),
        chunk_bytes=np.concatenate([nothing, *n_bytes]),
    )


def iterate_slides(slide_of: Ints) -> Iterator[tuple[int, Ints]]:
    """Each slide that has tiles, with the numbers of its tiles."""
    order = np.argsort(slide_of, kind="stable")
    slides, first_of = np.unique(slide_of[order], return_index=True)
    if len(slides):
        yield from zip(slides.tolist(), np.split(order, first_of[1:]), strict=True)


def find_chunks(block_of: Ints, y0: Ints, x0: Ints, size_px: int, grid: Grid) -> Ints:
    """The chunks that tiles need, once per block: rows of block, chunk row, chunk column, in order.

    A tile wholly outside of the raster needs none.
    """
    (height, width), (chunk_h, chunk_w) = grid.shape_yx, grid.chunk_yx
    n_rows, n_columns = -(-height // chunk_h), -(-width // chunk_w)
    is_inside = (y0 < height) & (x0 < width) & (y0 + size_px > 0) & (x0 + size_px > 0)
    block_of, y0, x0 = block_of[is_inside], y0[is_inside], x0[is_inside]
    if not len(block_of):
        return np.empty((0, 3), np.int64)
    first_row, first_column = np.maximum(y0, 0) // chunk_h, np.maximum(x0, 0) // chunk_w
    last_row = (np.minimum(y0 + size_px, height) - 1) // chunk_h
    last_column = (np.minimum(x0 + size_px, width) - 1) // chunk_w
    keys = []
    for down in range(int((last_row - first_row).max()) + 1):
        for right in range(int((last_column - first_column).max()) + 1):
            row, column = first_row + down, first_column + right
            touched = (row <= last_row) & (column <= last_column)
            keys.append(np.unique(((block_of * n_rows + row) * n_columns + column)[touched]))
    key = np.unique(np.concatenate(keys))
    return np.stack([key // (n_rows * n_columns), key // n_columns % n_rows, key % n_columns], axis=1)


def plan_epoch(ids: Ints, blocks: Blocks, window_bytes: int, rng: np.random.Generator | None) -> EpochPlan:
    """The order of an epoch.

    Args:
        ids: The tiles that it takes, each as often as it is to come.
        blocks: Of all tiles.
        window_bytes: Memory of a window.
        rng: What shuffles; None keeps blocks in their order, and the tiles of a block in that of ``ids``.
    """
    if not len(ids):
        return EpochPlan(ids=np.empty(0, np.int64), window_starts=(0,))
    own = blocks.block_of[ids]
    used = np.unique(own)
    order = used if rng is None else rng.permutation(used)
    rank = np.empty(len(blocks), np.int64)
    rank[order] = np.arange(len(order))
    arranged = ids[np.argsort(rank[own], kind="stable")]
    n_tiles = np.bincount(rank[own], minlength=len(order))
    ends = np.cumsum(n_tiles)
    cuts = _cut_windows(order, blocks, window_bytes)
    starts = (0, *(int(ends[cut - 1]) for cut in cuts))
    if rng is not None:
        for begin, end in itertools.pairwise(starts):
            arranged[begin:end] = rng.permutation(arranged[begin:end])
    return EpochPlan(ids=arranged, window_starts=starts)


def _cut_windows(order: Ints, blocks: Blocks, window_bytes: int) -> list[int]:
    """Ends of runs of blocks whose chunks fit into a window, about equal so that the last one mixes as well."""
    ends, filled = _fill_windows(order, blocks, window_bytes)
    even, _ = _fill_windows(order, blocks, min(window_bytes, round(filled / len(ends) * EVEN_SLACK)))
    return even if len(even) == len(ends) else ends


def _fill_windows(order: Ints, blocks: Blocks, window_bytes: int) -> tuple[list[int], int]:
    """Ends of windows that take blocks until they are full, and the bytes of all windows together."""
    n_bytes, starts = blocks.chunk_bytes.tolist(), blocks.chunk_starts.tolist()
    ends: list[int] = []
    held: set[int] = set()
    filled = total = 0
    for position, block in enumerate(order.tolist()):
        needed = blocks.chunks[starts[block] : starts[block + 1]].tolist()
        more = sum(n_bytes[chunk] for chunk in needed if chunk not in held)
        if filled and filled + more > window_bytes:
            ends.append(position)
            total += filled
            held, filled = set(), 0
            more = sum(n_bytes[chunk] for chunk in needed)
        held.update(needed)
        filled += more
    return [*ends, len(order)], total + filled


def _choose_side(rasters: Sequence[Grid], size_px: int, window_bytes: int) -> tuple[int, int]:
    """Height and width of blocks: whole chunks, larger than a tile where memory allows, few enough bytes."""
    grid = rasters[0]
    per_pixel = sum(raster.chunk_bytes / (raster.chunk_yx[0] * raster.chunk_yx[1]) for raster in rasters)
    most = window_bytes / MIN_BLOCKS_PER_WINDOW / per_pixel
    side = min(max(most, 1.0) ** 0.5, float(MAX_TILES_PER_BLOCK_SIDE * size_px))
    height, width = (max(1, round(side / chunk)) * chunk for chunk in grid.chunk_yx)
    return height, width


def _check_budget(blocks: Blocks, window_bytes: int) -> None:
    owner = np.repeat(np.arange(len(blocks)), np.diff(blocks.chunk_starts))
    worst = int(np.bincount(owner, blocks.chunk_bytes[blocks.chunks]).max(initial=0))
    if worst > window_bytes:
        raise InputError(
            "memory-too-small",
            f"The chunks around some tiles take {worst:,} bytes, and half of the memory budget is {window_bytes:,}.",
            hint="Raise memory_bytes, take fewer channels, or store the images in smaller chunks.",
            where="memory_bytes",
        )
