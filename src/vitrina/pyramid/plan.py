"""Which levels a pyramid has, and in which order their blocks are made. Pure arithmetic.

A block is what is handled in one piece: a chunk, or a square of chunks. A block of a coarser level is made of the two,
four or eight blocks of the level before that it covers, its children, so that blocks form trees. They are made depth
first: a block follows right after the last of its children. One pass over the source thus makes all levels, and only
one unfinished block per level and thread is held in memory. Among equals the order is that of Morton, whose
neighbourhoods are squares.

Source: https://en.wikipedia.org/wiki/Z-order_curve
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, islice, product
from typing import TYPE_CHECKING, NamedTuple

from vitrina.pyramid.writer import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.pyramid.source import ShapeTczyx

type Zyx = tuple[int, int, int]

DEFAULT_MIN_SIZE_PX = 256
"""Levels are added until the coarsest is at most so high and wide, as bioformats2raw does."""

BLOCK_BYTES = 8 * 2**20
"""Blocks grow from one chunk to at most so many bytes: large enough to pay for the calls, small enough for caches."""

BLOCK_SIDE_PX = 1024

_CHUNK_MULTIPLE_PX = 16
"""Chunks of small images are cut to a multiple of this, which TIFF asks of its tiles and codecs like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPlan:
    """One level of a pyramid.

    Attributes:
        shape_tczyx: Size in pixels; half of the level before along the axes that shrink, rounded up.
        factor_zyx: How many pixels of the level before become one; 1 everywhere for the finest.
    """

    shape_tczyx: ShapeTczyx
    factor_zyx: Zyx = (1, 1, 1)


class Node(NamedTuple):
    """One block of a level, by its place among the blocks.

    Attributes:
        t: Time point.
        c: First channel.
        block_zyx: Counted in blocks.
        number: Counts the blocks in the order in which they are made.
    """

    level: int
    t: int
    c: int
    block_zyx: Zyx
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PyramidPlan:
    """What is made of a source.

    Attributes:
        levels: Finest first.
        chunk_zyx: Depth, height and width of a chunk, the same for all levels.
        block_zyx: Of a block: a multiple of the chunk.
        n_joint_channels: Channels that are handled together.
        first_level: Number of the finest level among those of the image, where others were made before.
    """

    levels: tuple[LevelPlan, ...]
    chunk_zyx: Zyx
    block_zyx: Zyx
    n_joint_channels: int = 1
    first_level: int = 0

    @property
    def n_nodes(self) -> int:
        """Blocks of all levels, time points and channels."""
        n_t, n_c = self.levels[0].shape_tczyx[:2]
        per_plane = sum(math.prod(self.count_blocks(level)) for level in range(len(self.levels)))
        return n_t * (n_c // self.n_joint_channels) * per_plane

    def count_blocks(self, level: int) -> Zyx:
        """Blocks of a level along z, y and x."""
        z, y, x = self.levels[level].shape_tczyx[2:]
        return divide_up((z, y, x), self.block_zyx)

    def get_start_zyx(self, node: Node) -> Zyx:
        """First pixel of a block."""
        (z, y, x), (depth, height, width) = node.block_zyx, self.block_zyx
        return z * depth, y * height, x * width

    def get_valid_zyx(self, node: Node) -> Zyx:
        """Size of the part of a block that lies inside the image."""
        (z, y, x), (depth, height, width) = self.get_start_zyx(node), self.block_zyx
        _, _, whole_z, whole_y, whole_x = self.levels[node.level].shape_tczyx
        return min(depth, whole_z - z), min(height, whole_y - y), min(width, whole_x - x)

    def get_parent_zyx(self, node: Node) -> Zyx:
        """The block of the next level that a block is a part of."""
        (z, y, x), (by_z, by_y, by_x) = node.block_zyx, self.levels[node.level + 1].factor_zyx
        return z // by_z, y // by_y, x // by_x

    def list_chunks(self, node: Node) -> list[tuple[Place, Zyx]]:
        """The chunks of a block that lie inside the image, row by row: their places, and where they begin in it."""
        starts, valid, chunk = self.get_start_zyx(node), self.get_valid_zyx(node), self.chunk_zyx
        z0, y0, x0 = (start // size for start, size in zip(starts, chunk, strict=True))
        level = self.first_level + node.level
        return [
            (
                Place(level=level, t=node.t, c=node.c, z=z0 + z, y=y0 + y, x=x0 + x),
                (z * chunk[0], y * chunk[1], x * chunk[2]),
            )
            for z in range(-(-valid[0] // chunk[0]))
            for y in range(-(-valid[1] // chunk[1]))
            for x in range(-(-valid[2] // chunk[2]))
        ]

    def iterate_nodes(self) -> Iterator[Node]:
        """All blocks of all levels in the order in which they are made."""
        for root in self._iterate_roots():
            yield from self._iterate_subtree(root)

    def iterate_first(self, n_done: int = 0) -> Iterator[Node]:
        """The blocks to begin with, in order: those of the finest level, which are read from the source.

        Args:
            n_done: So many blocks, the first ones, are stored already. The finest of them do not come again, and a
                stored block comes itself where the block above it is not stored, to be read back.
        """
        for root in self._iterate_roots():
            if root.number >= n_done:
                yield from self._iterate_missing(root, n_done)

    def count_children(self, node: Node) -> int:
        """Blocks of the level before that a block is made of; the block is not of the finest level."""
        return len(self._list_blocks_below(node))

    def list_children(self, node: Node) -> list[Node]:
        """The blocks of the level before that a block is made of; none for the finest level."""
        blocks = self._list_blocks_below(node) if node.level else []
        sizes = [self._count_subtree(node.level - 1, block) for block in blocks]
        numbers = accumulate(sizes, initial=node.number - sum(sizes) - 1)
        return [
            Node(level=node.level - 1, t=node.t, c=node.c, block_zyx=block, number=number)
            for block, number in zip(blocks, islice(numbers, 1, None), strict=True)
        ]

    def _list_blocks_below(self, node: Node) -> list[Zyx]:
        (z, y, x), (by_z, by_y, by_x) = node.block_zyx, self.levels[node.level].factor_zyx
        n_z, n_y, n_x = self.count_blocks(node.level - 1)
        return [
            (child_z, child_y, child_x)
            for child_z in range(z * by_z, min((z + 1) * by_z, n_z))
            for child_y in range(y * by_y, min((y + 1) * by_y, n_y))
            for child_x in range(x * by_x, min((x + 1) * by_x, n_x))
        ]

    def _iterate_roots(self) -> Iterator[Node]:
        """The blocks of the coarsest level."""
        top, number = len(self.levels) - 1, -1
        n_t, n_c = self.levels[0].shape_tczyx[:2]
        n_z, n_y, n_x = self.count_blocks(top)
        for t, c in product(range(n_t), range(0, n_c, self.n_joint_channels)):
            for block in product(range(n_z), range(n_y), range(n_x)):
                number += self._count_subtree(top, block)
                yield Node(level=top, t=t, c=c, block_zyx=block, number=number)

    def _iterate_subtree(self, node: Node) -> Iterator[Node]:
        for child in self.list_children(node):
            yield from self._iterate_subtree(child)
        yield node

    def _iterate_missing(self, node: Node, n_done: int) -> Iterator[Node]:
        if node.level == 0 or node.number < n_done:
            yield node
            return
        for child in self.list_children(node):
            yield from self._iterate_missing(child, n_done)

    def _count_subtree(self, level: int, block_zyx: Zyx) -> int:
        """A block and all blocks below it."""
        total, spans = 1, [(at, at + 1) for at in block_zyx]
        for below in range(level - 1, -1, -1):
            factors, counts = self.levels[below + 1].factor_zyx, self.count_blocks(below)
            spans = [
                (start * factor, min(stop * factor, n))
                for (start, stop), factor, n in zip(spans, factors, counts, strict=True)
            ]
            total += math.prod(stop - start for start, stop in spans)
        return total


def plan_levels(
    shape_tczyx: ShapeTczyx,
    *,
    n_levels: int | None = None,
    min_size_px: int = DEFAULT_MIN_SIZE_PX,
    shrinks_z: bool = False,
) -> tuple[LevelPlan, ...]:
    """Levels that halve height and width, rounded up, until the image is small.

    Args:
        shape_tczyx: Size of the finest level.
        n_levels: How many, the finest included; fewer where nothing is left to halve. None for as many as are needed.
        min_size_px: Without a number of levels, the coarsest is at most so high and wide.
        shrinks_z: Whether the depth is halved too.
    """
    levels = [LevelPlan(shape_tczyx=shape_tczyx)]
    while n_levels is None or len(levels) < n_levels:
        t, c, z, y, x = levels[-1].shape_tczyx
        if n_levels is None and max(y, x) <= min_size_px:
            break
        factors = (2 if shrinks_z and z > 1 else 1, 2 if y > 1 else 1, 2 if x > 1 else 1)
        if factors == (1, 1, 1):
            break
        levels.append(LevelPlan(shape_tczyx=(t, c, *divide_up((z, y, x), factors)), factor_zyx=factors))
    return tuple(levels)


def plan_chunk(shape_tczyx: ShapeTczyx, wanted_zyx: Zyx) -> Zyx:
    """The wanted chunk, cut to images that are smaller than it."""
    z, y, x = shape_tczyx[2:]
    return min(wanted_zyx[0], z), min(wanted_zyx[1], _round_up(y)), min(wanted_zyx[2], _round_up(x))


def plan_block(
    shape_tczyx: ShapeTczyx,
    chunk_zyx: Zyx,
    source_chunk_zyx: Zyx,
    *,
    bytes_per_voxel: int,
    shrinks_z: bool = False,
    max_bytes: int = BLOCK_BYTES,
) -> Zyx:
    """A block of chunks, doubled in height and width until it holds what the source decodes in one piece.

    Axes that shrink get an even number of pixels, so that half a block is a part of the block above. A source of
    strips, whose smallest part is as wide as the image, gets blocks as wide as the image. Of a source in which single
    pixels can be read, blocks grow in width first, since pixels of a row lie together.

    Args:
        shape_tczyx: Size of the finest level.
        chunk_zyx: Size of a chunk.
        source_chunk_zyx: The smallest part of the source that can be decoded on its own.
        bytes_per_voxel: Of one pixel in all joint channels.
        shrinks_z: Whether the depth is halved from level to level.
        max_bytes: Blocks do not grow beyond; one that must be larger to hold what the source decodes is.
    """
    depth = _make_even(chunk_zyx[0]) if shrinks_z else chunk_zyx[0]
    height, width = _make_even(chunk_zyx[1]), _make_even(chunk_zyx[2])
    y, x = shape_tczyx[3:]
    needed_y, needed_x = min(source_chunk_zyx[1], y), min(source_chunk_zyx[2], x)
    if needed_x >= x > width:
        return depth, height, -(-x // width) * width
    while height < needed_y:
        height *= 2
    while width < needed_x:
        width *= 2
    max_voxels = max_bytes // bytes_per_voxel
    if source_chunk_zyx == (1, 1, 1):
        while width < BLOCK_SIDE_PX and 2 * depth * height * width <= max_voxels:
            width *= 2
        while height < BLOCK_SIDE_PX and 2 * depth * height * width <= max_voxels:
            height *= 2
    else:
        while max(height, width) < BLOCK_SIDE_PX and 4 * depth * height * width <= max_voxels:
            height, width = height * 2, width * 2
    return depth, height, width


def divide_up(sizes: Zyx, by: Zyx) -> Zyx:
    """Sizes divided and rounded up."""
    (z, y, x), (by_z, by_y, by_x) = sizes, by
    return -(-z // by_z), -(-y // by_y), -(-x // by_x)


def _make_even(size: int) -> int:
    return size if size % 2 == 0 else 2 * size


def _round_up(size: int) -> int:
    return -(-size // _CHUNK_MULTIPLE_PX) * _CHUNK_MULTIPLE_PX
