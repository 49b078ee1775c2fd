"""Make all levels of an image in one pass over its source.

Threads take the blocks of the finest level in depth-first order. Each reads its block, shrinks it into the block above
while the processor's cache holds it, and has it encoded and stored. A block above that is complete is what the next
free thread takes, up to the coarsest level, so that all cores work to the end. Reading, coding and shrinking run
without Python's lock. In memory are one block per thread, the blocks above them, and what waits to be stored: a few
blocks, however large the image is.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitrina.pyramid.downsample import repeat_edge, shrink_into, warm_up
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

_WORTH_COMPILING_BYTES = 128 * 2**20


def count_blocks(n_levels: int, n_threads: int) -> int:
    """Blocks that are in memory at most, those included that wait encoded for their turn.

    Each thread holds one block and may have left one unfinished per coarser level. While one thread is slow the others
    encode what may wait, and then finish what they have begun.
    """
    unfinished = n_threads * n_levels
    waiting = WAITING_PER_THREAD * n_threads + (n_threads - 1) * n_levels
    return unfinished + waiting


def is_worth_compiling(source: PixelSource) -> bool:
    """Whether there are so many bytes that NumPy is not done before a compiler would have been loaded."""
    return math.prod(source.shape_tczyx) * source.dtype.itemsize > _WORTH_COMPILING_BYTES


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
    if is_worth_compiling(source):
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
        self._changed = order.changed
        self._complete: list[tuple[Node, Pixels]] = []
        self._unfinished: dict[Node, _Unfinished] = {}
        self._free: list[Pixels] = []
        self._is_stopped = False
        self.error: BaseException | None = None

    def stop(self) -> None:
        """Have the threads end after the block that they work at."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()

    def work(self) -> None:
        """What each thread does."""
        try:
            while (begun := self._begin()) is not None:
                node, block = begun
                self._finish(node, self._load(node) if block is None else block)
        except BaseException as err:  # noqa: BLE001 whatever it is, the thread that waits raises it
            self.error = self.error or err
            self.stop()

    def _begin(self) -> tuple[Node, Pixels | None] | None:
        """A complete block of a coarser level, or else the next of the finest, which is to be loaded; None at the end.

        Waits while too many blocks wait to be stored, and while the last ones are not complete.
        """
        with self._changed:
            while not self._is_stopped:
                if self._complete:
                    return self._complete.pop()
                if not self._order.is_full:
                    node = next(self._first, None)
                    if node is not None:
                        return node, None
                    if not self._unfinished:
                        return None
                self._changed.wait()
            return None

    def _load(self, node: Node) -> Pixels:
        """A block of the finest level from the source, or one that was stored before."""
        valid_zyx = z, y, x = self._plan.get_valid_zyx(node)
        block = self._take(valid_zyx)
        if node.number < self._n_done:
            depth, height, width = self._plan.chunk_zyx
            for place, (z0, y0, x0) in self._plan.list_chunks(node):
                self._writer.read_into(place, block[:, z0 : z0 + depth, y0 : y0 + height, x0 : x0 + width])
            return block
        self._source.read_into((node.t, node.c, *self._plan.get_start_zyx(node)), block[:, :z, :y, :x])
        return block

    def _finish(self, node: Node, block: Pixels) -> None:
        """Bring a block into the one above, and store it."""
        if node.level + 1 < len(self._plan.levels):
            valid_zyx, factor_zyx = self._plan.get_valid_zyx(node), self._plan.levels[node.level + 1].factor_zyx
            repeat_edge(block, valid_zyx, factor_zyx)
            self._bring(node, block, factor_zyx, divide_up(valid_zyx, factor_zyx))
        if node.number >= self._n_done:
            self._store(node, block)
        self._free.append(block)

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

    def _bring(self, node: Node, block: Pixels, factor_zyx: Zyx, size_zyx: Zyx) -> None:
        """Shrink a block into the one above, which is complete when this was its last missing part."""
        above = Node(level=node.level + 1, t=node.t, c=node.c, block_zyx=self._plan.get_parent_zyx(node), number=-1)
        with self._changed:
            unfinished = self._unfinished.get(above)
            if unfinished is None:
                pixels = self._take(self._plan.get_valid_zyx(above))
                unfinished = self._unfinished[above] = _Unfinished(pixels, self._plan.count_children(above))
        z, y, x = (
            at % factor * (size // factor)
            for at, factor, size in zip(node.block_zyx, factor_zyx, self._plan.block_zyx, strict=True)
        )
        shrink_into(self._method, block, factor_zyx, unfinished.pixels, start_zyx=(z, y, x), size_zyx=size_zyx)
        with self._changed:
            unfinished.n_missing -= 1
            unfinished.last_number = max(unfinished.last_number, node.number)
            if not unfinished.n_missing:
                del self._unfinished[above]
                self._complete.append((above._replace(number=unfinished.last_number + 1), unfinished.pixels))
                self._changed.notify_all()

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
