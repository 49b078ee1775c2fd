"""The decoded chunks of one window: what is read, where it lies in memory, and how tiles are taken from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.ml.gather import FIELDS, Decoded, gather
from vitrina.ml.plan import find_chunks, iterate_slides

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitrina.ml.layer import Layer
    from vitrina.ml.place import Places
    from vitrina.ml.plan import Ints
    from vitrina.pyramid.source import Pixels

type ChunkKey = tuple[int, int, int]
"""Slide, chunk row, chunk column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """Where the chunks that some tiles need lie in the memory of one kind of raster.

    Attributes:
        chunks: Where each chunk begins, in pixels.
        n_pixels: Of all of them.
        table: See ``Decoded``.
        blocks: See ``Decoded``.
        block_of: Row of ``blocks`` for each tile.
    """

    chunks: dict[ChunkKey, int]
    n_pixels: int
    table: Ints
    blocks: Ints
    block_of: Ints


def plan_window(block_of: Ints, places: Places, layers: Sequence[Layer], dtype: np.dtype[Any]) -> WindowPlan:
    """What the tiles of a window need.

    Args:
        block_of: Block of each tile.
        places: Of the same tiles.
        layers: One per slide.
        dtype: To which chunks are decoded.
    """
    numbers, local = np.unique(block_of, return_inverse=True)
    blocks = np.zeros((len(numbers), len(FIELDS)), np.int64)
    tables: list[Ints] = []
    chunks: dict[ChunkKey, int] = {}
    n_pixels = n_entries = 0
    for slide, mine in iterate_slides(places.slide_of):
        layer = layers[slide]
        grid = layer.build_grid(dtype)
        blocks[np.unique(local[mine])] = (0, 0, 1, 0, *grid.chunk_yx, *grid.shape_yx)
        needed = find_chunks(local[mine], places.y0[mine], places.x0[mine], places.size_px, grid)
        if not len(needed):
            continue
        with_chunks, first_of = np.unique(needed[:, 0], return_index=True)
        for block, rows in zip(with_chunks.tolist(), np.split(needed, first_of[1:]), strict=True):
            top, left = rows[:, 1].min(), rows[:, 2].min()
            width = int(rows[:, 2].max() - left) + 1
            table = np.full((int(rows[:, 1].max() - top) + 1) * width, -1, np.int64)
            for _, row, column in rows.tolist():
                key = (slide, row, column)
                if key not in chunks:
                    chunks[key] = n_pixels
                    n_pixels += layer.n_channels * grid.chunk_yx[0] * grid.chunk_yx[1]
                table[(row - top) * width + column - left] = chunks[key]
            blocks[block, :4] = top, left, width, n_entries
            tables.append(table)
            n_entries += len(table)
    return WindowPlan(
        chunks=chunks,
        n_pixels=n_pixels,
        table=np.concatenate(tables) if tables else np.empty(0, np.int64),
        blocks=blocks,
        block_of=local.astype(np.int64),
    )


@dataclass(slots=True, eq=False)
class Window:
    """Decoded chunks of one kind of raster, filled by ``list_tasks``.

    Attributes:
        plan: What lies where.
        layers: One per slide.
        arena: The memory.
        n_decoded: Chunks that were not taken from the window before.
    """

    plan: WindowPlan
    layers: Sequence[Layer]
    arena: Pixels
    n_decoded: int = field(default=0)

    def list_tasks(self, before: Window | None) -> list[Callable[[], None]]:
        """What fills it, in any order and any thread; chunks that the window before holds are copied from there."""
        known = before.plan.chunks if before is not None else {}
        tasks: list[Callable[[], None]] = []
        for key, start in self.plan.chunks.items():
            if before is not None and key in known:
                tasks.append(_Copy(self, start, before, known[key], self._count(key)))
            else:
                tasks.append(_Decode(self, key, start))
                self.n_decoded += 1
        return tasks

    def view(self, key: ChunkKey, start: int) -> Pixels:
        """The memory of a chunk, channels x height x width."""
        layer = self.layers[key[0]]
        return self.arena[start : start + self._count(key)].reshape(layer.n_channels, *layer.chunk_yx)

    def gather(self, tiles: slice, places: Places, out: Pixels, pad: Any) -> None:
        """Take tiles, given by their place among those of the window, out of the chunks."""
        decoded = Decoded(arena=self.arena, table=self.plan.table, blocks=self.plan.blocks)
        gather(decoded, self.plan.block_of[tiles], (places.y0[tiles], places.x0[tiles]), out, pad)

    def _count(self, key: ChunkKey) -> int:
        layer = self.layers[key[0]]
        return layer.n_channels * layer.chunk_yx[0] * layer.chunk_yx[1]


@dataclass(frozen=True, slots=True)
class _Decode:
    window: Window
    key: ChunkKey
    start: int

    def __call__(self) -> None:
        slide, row, column = self.key
        self.window.layers[slide].read_chunk(row, column, self.window.view(self.key, self.start))


@dataclass(frozen=True, slots=True)
class _Copy:
    window: Window
    start: int
    before: Window
    start_before: int
    n: int

    def __call__(self) -> None:
        chunk = self.before.arena[self.start_before : self.start_before + self.n]
        self.window.arena[self.start : self.start + self.n] = chunk
