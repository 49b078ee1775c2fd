"""Batches of an epoch: chunks of the next window are decoded while tiles of this one are gathered.

Everything runs in threads: decompression and copying let other threads run, and forked processes would each need a
copy of what is decoded.
"""

from __future__ import annotations

import itertools
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import ConflictError, InputError
from vitrina.ml.plan import EpochPlan, plan_epoch
from vitrina.ml.sampler import EveryTile, take_part
from vitrina.ml.window import Window, plan_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from vitrina.ml.layer import Layer
    from vitrina.ml.plan import Ints
    from vitrina.ml.sampler import Sampler
    from vitrina.ml.tiles import Tiles
    from vitrina.pyramid.source import Pixels

    type Allocate = Callable[[tuple[int, ...], np.dtype[Any]], Pixels]

DEFAULT_MEMORY_BYTES = 2**30
"""Two windows of 512 MB: enough for batches that are nearly as mixed as if all tiles were."""

MIN_ARENA_PIXELS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Tiles and what is known of their cells.

    Attributes:
        pixels: Tiles x channels x height x width.
        ids: Number of each tile in the ``Tiles`` that the loader reads.
        masks: Label ids of the same pixels, tiles x height x width; None unless masks were asked for.
        values: What each column says of the cells; categories as codes, -1 for none.
        genes: Cells x genes, float32; None unless genes were asked for.
    """

    pixels: Pixels
    ids: Ints
    masks: Pixels | None = None
    values: dict[str, Pixels] = field(default_factory=dict)
    genes: Pixels | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(slots=True, eq=False)
class _Buffer:
    """Memory of one batch, and what still writes to it."""

    ids: Ints
    pixels: Pixels
    masks: Pixels | None
    writing: list[Future[None]] = field(default_factory=list)


class Loader:
    """Iterates over batches, epoch after epoch; each ``for`` loop is one epoch, also after one that was left early.

    Made by ``Tiles.batches``, which tells what the arguments mean.

    Attributes:
        epoch: Number of the epoch that the next ``for`` loop reads.
        n_decoded: Chunks that were decoded so far; those that were at hand from the window before do not count.
    """

    def __init__(
        self,
        tiles: Tiles,
        batch_size: int,
        *,
        shuffle: bool = True,
        seed: int = 0,
        sampler: Sampler | None = None,
        drop_last: bool = False,
        part: int = 0,
        n_parts: int = 1,
        memory_bytes: int = DEFAULT_MEMORY_BYTES,
        threads: int = 2,
        prefetch: int = 4,
        reuse_buffers: bool = False,
        allocate: Allocate | None = None,
    ) -> None:
        for name, number, least in (("batch_size", batch_size, 1), ("threads", threads, 0), ("prefetch", prefetch, 1)):
            if number < least:
                raise InputError("loader-option-invalid", f"{name} is {number}, but at least {least}.", where=name)
        take_part(np.empty(0, np.int64), part, n_parts)
        self.epoch = 0
        self.n_decoded = 0
        self._tiles = tiles
        self._batch_size = batch_size
        self._shuffle = shuffle
        self._seed = seed
        self._sampler: Sampler = sampler or EveryTile()
        self._drop_last = drop_last
        self._part, self._n_parts = part, n_parts
        self._window_bytes = memory_bytes // 2
        self._threads = threads
        self._prefetch = prefetch
        self._reuse = reuse_buffers
        self._allocate: Allocate = allocate or np.empty
        self._next_batch = 0
        self._is_resumed = False
        self._blocks = tiles.plan_blocks(self._window_bytes)
        self._planned: tuple[int, EpochPlan] | None = None

    def plan(self, epoch: int | None = None) -> EpochPlan:
        """What an epoch reads, in its order; the same for the same tiles, seed, sampler, memory and part."""
        epoch = self.epoch if epoch is None else epoch
        if self._planned is None or self._planned[0] != epoch:
            self._planned = epoch, self._build_plan(epoch)
        return self._planned[1]

    def __len__(self) -> int:
        """Batches of the epoch."""
        return self._count_batches(len(self.plan().ids))

    def __iter__(self) -> Iterator[Batch]:
        if self._next_batch and not self._is_resumed:  # the loop before was left early
            self.epoch, self._next_batch = self.epoch + 1, 0
        self._is_resumed = False
        plan, epoch, first = self.plan(), self.epoch, self._next_batch
        n_batches = self._count_batches(len(plan.ids))
        for number, batch in enumerate(self._read(plan, first, n_batches), start=first + 1):
            self.epoch, self._next_batch = (epoch, number) if number < n_batches else (epoch + 1, 0)
            yield batch
        if first >= n_batches:
            self.epoch, self._next_batch = epoch + 1, 0

    def state_dict(self) -> dict[str, Any]:
        """Where the loader stands, counted in batches that were handed out."""
        return {
            "epoch": self.epoch,
            "batch": self._next_batch,
            "plan_hash": self.plan().hash,
            "seed": self._seed,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another loader of the same tiles and options stood: the next ``for`` loop gives what remained.

        Raises:
            ConflictError: The tiles or options are others, so the batches would be others too.
        """
        self._seed = int(state["seed"])
        self._planned = None
        found = self.plan(int(state["epoch"])).hash
        if found != state["plan_hash"]:
            raise ConflictError(
                "loader-state-stale",
                "The state belongs to a loader of other tiles or with other options: its batches are not the same.",
                hint="Use the same datasets, split, batch order, sampler, memory_bytes and part.",
            )
        self.epoch, self._next_batch = int(state["epoch"]), int(state["batch"])
        self._is_resumed = True

    def describe(self) -> dict[str, Any]:
        """All that decides which tiles come when, as JSON values."""
        return {
            "batch_size": self._batch_size,
            "shuffle": self._shuffle,
            "seed": self._seed,
            "sampler": self._sampler.describe(),
            "drop_last": self._drop_last,
            "part": self._part,
            "n_parts": self._n_parts,
            "memory_bytes": 2 * self._window_bytes,
            "plan_hash": self._build_plan(0).hash,
        }

    def _build_plan(self, epoch: int) -> EpochPlan:
        rng = np.random.default_rng((self._seed, epoch))
        drawn = self._sampler.draw(len(self._tiles), rng)
        whole = plan_epoch(drawn, self._blocks, self._window_bytes, rng if self._shuffle else None)
        return whole if self._n_parts == 1 else self._take_own(whole, rng)

    def _take_own(self, whole: EpochPlan, rng: np.random.Generator) -> EpochPlan:
        """This part's run of blocks, shuffled again inside of its own windows."""
        order = np.argsort(_rank_blocks(whole.ids, self._blocks.block_of), kind="stable")
        own = take_part(whole.ids[order], self._part, self._n_parts)
        if self._drop_last:
            own = own[: len(whole.ids) // self._n_parts]
        return plan_epoch(own, self._blocks, self._window_bytes, rng if self._shuffle else None)

    def _count_batches(self, n_tiles: int) -> int:
        return n_tiles // self._batch_size if self._drop_last else -(-n_tiles // self._batch_size)

    def _read(self, plan: EpochPlan, first: int, n_batches: int) -> Iterator[Batch]:
        if first >= n_batches:
            return
        pipeline = _Pipeline(self, plan, first, n_batches)
        with pipeline.running():
            for buffer in pipeline.run():
                yield self._finish(buffer)

    def _finish(self, buffer: _Buffer) -> Batch:
        tiles = self._tiles
        return Batch(
            pixels=buffer.pixels,
            ids=buffer.ids,
            masks=buffer.masks,
            values={name: column.data[tiles.rows[buffer.ids]] for name, column in tiles.columns.items()},
            genes=None if tiles.genes is None else tiles.genes.read(tiles.rows[buffer.ids]),
        )


def _rank_blocks(ids: Ints, block_of: Ints) -> Ints:
    """Per tile the rank of its block, blocks in the order in which they first occur."""
    own = block_of[ids]
    blocks, first_of, inverse = np.unique(own, return_index=True, return_inverse=True)
    rank = np.empty(len(blocks), np.int64)
    rank[np.argsort(first_of)] = np.arange(len(blocks))
    return rank[inverse]


class _Pipeline:
    """One epoch in work."""

    def __init__(self, loader: Loader, plan: EpochPlan, first: int, n_batches: int) -> None:
        tiles = loader._tiles  # noqa: SLF001 the two are one thing in two parts
        self._loader = loader
        self._tiles = tiles
        self._plan = plan
        self._size = loader._batch_size  # noqa: SLF001 as above
        self._first, self._n_batches = first, n_batches
        self._end = min(n_batches * self._size, len(plan.ids))
        self._pool: ThreadPoolExecutor | None = None
        self._free: deque[tuple[Pixels, Pixels | None]] = deque()
        self._spare: list[dict[int, Pixels]] = []
        self._pending: deque[_Buffer] = deque()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Threads while the block runs; what is still to do is dropped at its end."""
        threads = self._loader._threads  # noqa: SLF001 as above
        self._pool = ThreadPoolExecutor(threads, "vitrina-tiles") if threads else None
        try:
            yield
        finally:
            if self._pool is not None:
                self._pool.shutdown(wait=True, cancel_futures=True)

    def run(self) -> Iterator[_Buffer]:
        """Batches in order, each complete."""
        starts = self._plan.window_starts
        position = self._first * self._size
        numbers = [
            number
            for number, (begin, end) in enumerate(itertools.pairwise(starts))
            if end > position and begin < self._end
        ]
        current = self._open(numbers[0])
        self._wait(self._submit_all(self._list_tasks(current, None)))
        for number, following in itertools.zip_longest(numbers, numbers[1:]):
            ahead = None if following is None else self._open(following)
            tasks = deque([] if ahead is None else self._list_tasks(ahead, current))
            begin, end = max(starts[number], position), min(starts[number + 1], self._end)
            n_cuts = max(1, -(-(end - begin) // self._size))
            per_batch = -(-len(tasks) // n_cuts)
            loading: list[Future[None]] = []
            for at in range(begin - begin % self._size, end, self._size):
                loading += self._submit_all([tasks.popleft() for _ in range(min(per_batch, len(tasks)))])
                self._gather(current, starts[number], max(at, begin), min(at + self._size, end))
                while len(self._pending) > self._loader._prefetch:  # noqa: SLF001 as above
                    yield self._take()
            loading += self._submit_all(tasks)
            for buffer in self._pending:
                self._wait(buffer.writing)
            self._wait(loading)
            self._spare.append(current.arenas)
            if ahead is not None:
                current = ahead
        while self._pending:
            yield self._take()

    def _open(self, number: int) -> _OpenWindow:
        starts = self._plan.window_starts
        ids = self._plan.ids[starts[number] : starts[number + 1]]
        window = _OpenWindow(self._tiles, self._loader._blocks.block_of, ids)  # noqa: SLF001 as above
        window.allocate(self._spare.pop() if self._spare else {})
        return window

    def _list_tasks(self, window: _OpenWindow, before: _OpenWindow | None) -> list[Callable[[], None]]:
        tasks = window.list_tasks(before)
        self._loader.n_decoded += window.n_decoded
        return tasks

    def _gather(self, window: _OpenWindow, window_start: int, begin: int, end: int) -> None:
        """Have a part of a batch written: from ``begin`` to ``end`` in the order of the epoch."""
        batch_start = begin - begin % self._size
        if begin == batch_start:
            self._pending.append(self._lend(batch_start))
        buffer = self._pending[-1]
        inside = slice(begin - window_start, end - window_start)
        target = slice(begin - batch_start, end - batch_start)
        buffer.writing += self._submit_all([lambda: window.gather(inside, buffer, target)])

    def _lend(self, batch_start: int) -> _Buffer:
        ids = self._plan.ids[batch_start : min(batch_start + self._size, self._end)]
        if self._loader._reuse and len(self._free) >= self._loader._prefetch + 3:  # noqa: SLF001 as above
            pixels, masks = self._free.popleft()
        else:
            tiles, side = self._tiles, self._tiles.size_px
            allocate = self._loader._allocate  # noqa: SLF001 as above
            pixels = allocate((self._size, tiles.n_channels, side, side), tiles.dtype)
            masks = None if tiles.mask_dtype is None else allocate((self._size, side, side), tiles.mask_dtype)
        if self._loader._reuse:  # noqa: SLF001 as above
            self._free.append((pixels, masks))
        n = len(ids)
        return _Buffer(ids, pixels[:n], None if masks is None else masks[:n])

    def _take(self) -> _Buffer:
        buffer = self._pending.popleft()
        self._wait(buffer.writing)
        return buffer

    def _submit_all(self, tasks: Sequence[Callable[[], None]] | deque[Callable[[], None]]) -> list[Future[None]]:
        if self._pool is not None:
            return [self._pool.submit(task) for task in tasks]
        for task in tasks:
            task()
        return []

    @staticmethod
    def _wait(futures: list[Future[None]]) -> None:
        for future in futures:
            future.result()


class _OpenWindow:
    """The windows of all kinds of rasters, image and masks, over the same tiles."""

    def __init__(self, tiles: Tiles, block_of: Ints, ids: Ints) -> None:
        self._tiles = tiles
        self._places = tiles.places.take(ids)
        self._kinds: list[tuple[Sequence[Layer], np.dtype[Any]]] = [(tiles.image_layers, tiles.dtype)]
        if tiles.mask_dtype is not None:
            self._kinds.append((tiles.mask_layers, tiles.mask_dtype))
        self._plans = [plan_window(block_of[ids], self._places, layers, dtype) for layers, dtype in self._kinds]
        self.windows: list[Window] = []
        self.arenas: dict[int, Pixels] = {}

    @property
    def n_decoded(self) -> int:
        """Chunks that ``list_tasks`` had decoded."""
        return sum(window.n_decoded for window in self.windows)

    def allocate(self, spare: dict[int, Pixels]) -> None:
        """Memory for the chunks: that of an earlier window where it is large enough."""
        for number, (plan, (layers, dtype)) in enumerate(zip(self._plans, self._kinds, strict=True)):
            memory = spare.pop(number, None)
            if memory is None or memory.size < plan.n_pixels or memory.dtype != dtype:
                memory = None  # frees it before more is taken
                memory = np.empty(max(plan.n_pixels, MIN_ARENA_PIXELS), dtype)
            self.arenas[number] = memory
            self.windows.append(Window(plan=plan, layers=layers, arena=memory))

    def list_tasks(self, before: _OpenWindow | None) -> list[Callable[[], None]]:
        """What fills it."""
        earlier = [None] * len(self.windows) if before is None else before.windows
        return [task for window, known in zip(self.windows, earlier, strict=True) for task in window.list_tasks(known)]

    def gather(self, inside: slice, buffer: _Buffer, target: slice) -> None:
        """Write tiles of the window to a part of a batch."""
        self.windows[0].gather(inside, self._places, buffer.pixels[target], self._tiles.pad_value)
        if buffer.masks is not None:
            self.windows[1].gather(inside, self._places, buffer.masks[target][:, np.newaxis], 0)
