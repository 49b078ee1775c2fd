"""Make all levels of an image in one pass over its source.

Threads take the blocks of the finest level in depth-first order. Each reads its block, has it encoded and stored, and
shrinks it into the block above; whoever brings the last part of a block goes on with it, up to the coarsest level.
Reading, coding and shrinking run without Python's lock, so all cores work. In memory are one block per thread, the
unfinished blocks above them, and what waits to be stored: a few blocks, however large the image is.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from vitrina.pyramid.compiled import warm_up
from vitrina.pyramid.downsample import repeat_edge, shrink_into
from vitrina.pyramid.in_order import InOrder
from vitrina.pyramid.plan import Node, divide_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.journal import Journal
    from vitrina.pyramid.plan import PyramidPlan, Zyx
    from vitrina.pyramid.source import Pixels, PixelSource
    from vitrina.pyramid.writer import ChunkWriter

    type Progress = Callable[[int, int], None]

WAITING_PER_THREAD = 2
"""Encoded blocks that may wait for their turn, per thread, before threads wait for each other."""

WORTH_COMPILING_BYTES = 128 * 2**20
"""With fewer bytes to shrink NumPy is done before a compiler would have been loaded."""


def count_blocks(n_levels: int, n_threads: int) -> int:
    """Blocks that are in memory at most, those included that wait encoded for their turn.

    Each thread holds one block and may have left one unfinished per coarser level. While one thread is slow the others
    encode what may wait, and then finish what they have begun.
    """
    unfinished = n_threads * n_levels
    waiting = WAITING_PER_THREAD * n_threads + (n_threads - 1) * n_levels
    return unfinished + waiting


def build_pyramid(
    source: PixelSource,
    writer: ChunkWriter,
    plan: PyramidPlan,
    *,
    method: Method = "mean",
    n_threads: int = 1,
    journal: Journal | None = None,
    progress: Progress | None = None,
) -> None:
    """Write all levels of a plan. The writer is not finished: more may follow.

    Args:
        source: The finest level.
        writer: Where the levels go.
        plan: Which levels, in which chunks.
        method: How pixels become one; see ``downsample``.
        n_threads: Threads that work; the calling one waits.
        journal: Records what is stored; what it knows to be stored is not made again.
        progress: Called by the threads with blocks done and blocks in all.

    Raises:
        UnreadableError: The source is damaged.
        OSError: The writer cannot write.
    """
    if math.prod(plan.levels[0].shape_tczyx) * source.dtype.itemsize > WORTH_COMPILING_BYTES:
        for factor_zyx in {level.factor_zyx for level in plan.levels[1:]}:
            warm_up(method, factor_zyx, source.dtype)
    n_done = 0 if journal is None else _restore(writer, journal)
    order = InOrder(writer, journal, n_done=n_done, max_waiting=WAITING_PER_THREAD * n_threads)
    build = _Build(source, writer, plan, method=method, order=order, progress=progress)
    threads = [threading.Thread(target=build.work, name=f"vitrina-pyramid-{i}", daemon=True) for i in range(n_threads)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except BaseException:  # Ctrl-C reaches the waiting thread
        build.stop()
        for thread in threads:
            thread.join()
        raise
    if build.error is not None:
        raise build.error


def _restore(writer: ChunkWriter, journal: Journal) -> int:
    """Tell the writer what it stored before; the number of blocks that are as they were stored."""
    for number, chunks in enumerate(journal.done):
        for chunk in chunks:
            size = chunk.size_bytes
            if size is not None and not chunk.is_same(writer.read_stored(chunk.place, chunk.offset, size)):
                return number
        for chunk in chunks:
            writer.restore(chunk.place, chunk.offset, chunk.size_bytes)
    return len(journal.done)


class _Build:
    """One pass: what the threads share."""

    def __init__(
        self,
        source: PixelSource,
        writer: ChunkWriter,
        plan: PyramidPlan,
        *,
        method: Method,
        order: InOrder,
        progress: Progress | None,
    ) -> None:
        self._source = source
        self._writer = writer
        self._plan = plan
        self._method = method
        self._progress = progress
        self._n_done = order.n_reserved
        self._n_nodes = plan.n_nodes
        self._order = order
        self._first: Iterator[Node] = plan.iterate_first(self._n_done)
        self._lock = threading.Lock()
        self._unfinished: dict[Node, _Unfinished] = {}
        self._free: list[Pixels] = []
        self._is_stopped = False
        self.error: BaseException | None = None

    def stop(self) -> None:
        """Have the threads end after the block that they work at."""
        self._is_stopped = True
        self._order.stop()

    def work(self) -> None:
        """What each thread does."""
        try:
            while not self._is_stopped:
                self._order.wait_for_turn()
                with self._lock:
                    node = next(self._first, None)
                if node is None:
                    return
                self._climb(node, self._load(node))
        except BaseException as err:  # noqa: BLE001 whatever it is, the thread that waits raises it
            self.error = self.error or err
            self.stop()

    def _load(self, node: Node) -> Pixels:
        """A block of the finest level from the source, or one that was stored before."""
        block = self._take(self._plan.get_valid_zyx(node))
        if node.number < self._n_done:
            depth, height, width = self._plan.chunk_zyx
            for place, (z, y, x) in self._plan.list_chunks(node):
                self._writer.read_into(place, block[:, z : z + depth, y : y + height, x : x + width])
            return block
        z, y, x = self._plan.get_valid_zyx(node)
        self._source.read_into((node.t, node.c, *self._plan.get_start_zyx(node)), block[:, :z, :y, :x])
        return block

    def _climb(self, node: Node, block: Pixels) -> None:
        """Store a block, bring it into the block above, and go on with that when it is complete."""
        while True:
            above = self._get_factor_above(node)
            repeat_edge(block, self._plan.get_valid_zyx(node), above)
            if node.number >= self._n_done:
                self._store(node, block)
            if node.level + 1 == len(self._plan.levels):
                self._free.append(block)
                return
            parent = self._bring(node, block, above)
            self._free.append(block)
            if parent is None:
                return
            node, block = parent

    def _store(self, node: Node, block: Pixels) -> None:
        depth, height, width = self._plan.chunk_zyx
        encoded = [
            chunk
            for place, (z, y, x) in self._plan.list_chunks(node)
            for chunk in self._writer.encode(place, block[:, z : z + depth, y : y + height, x : x + width])
        ]
        self._order.put(node.number, encoded)
        if self._progress is not None:
            self._progress(self._order.n_reserved, self._n_nodes)

    def _bring(self, node: Node, block: Pixels, factor_zyx: Zyx) -> tuple[Node, Pixels] | None:
        """Shrink a block into the one above; that one, when this was its last missing part."""
        above = Node(level=node.level + 1, t=node.t, c=node.c, block_zyx=self._plan.get_parent_zyx(node), number=-1)
        with self._lock:
            unfinished = self._unfinished.get(above)
            if unfinished is None:
                pixels = self._take(self._plan.get_valid_zyx(above))
                unfinished = self._unfinished[above] = _Unfinished(pixels, self._plan.count_children(above))
        z, y, x = (
            at % factor * (size // factor)
            for at, factor, size in zip(node.block_zyx, factor_zyx, self._plan.block_zyx, strict=True)
        )
        size_zyx = divide_up(self._plan.get_valid_zyx(node), factor_zyx)
        shrink_into(self._method, block, factor_zyx, unfinished.pixels, start_zyx=(z, y, x), size_zyx=size_zyx)
        with self._lock:
            unfinished.n_missing -= 1
            unfinished.last_number = max(unfinished.last_number, node.number)
            if unfinished.n_missing:
                return None
            del self._unfinished[above]
        return replace(above, number=unfinished.last_number + 1), unfinished.pixels

    def _get_factor_above(self, node: Node) -> Zyx:
        is_coarsest = node.level + 1 == len(self._plan.levels)
        return (1, 1, 1) if is_coarsest else self._plan.levels[node.level + 1].factor_zyx

    def _take(self, valid_zyx: Zyx) -> Pixels:
        """A block to write in; black where it will not be written."""
        try:
            block = self._free.pop()
        except IndexError:
            block = np.empty((self._plan.n_joint_channels, *self._plan.block_zyx), self._source.dtype)
        if valid_zyx != self._plan.block_zyx:
            block[...] = 0
        return block


@dataclass(slots=True)
class _Unfinished:
    """A block of a coarser level, some parts of which are missing."""

    pixels: Pixels
    n_missing: int
    last_number: int = -1
