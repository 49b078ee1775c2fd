"""Points in Morton order, in memory that does not grow with their number.

What does not fit into memory is dealt out to files, each for a range of codes that fits; then each file is sorted by
itself. Points with the same code stay in the order in which they came.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from vitrina.convert.points.morton import encode_morton
from vitrina.convert.points.spool import get_xy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from vitrina.convert.points.spool import Spool
    from vitrina.model.content import ExtentXY

    type Codes = npt.NDArray[np.uint32]
    type Progress = Callable[[int, int], None]

BIN_BITS = 16
"""Ranges begin at multiples of 2 ** (32 - BIN_BITS)."""

MAX_RANGES = 256
"""Files that are open at the same time."""


def iterate_sorted(
    spool: Spool,
    extent_xy: ExtentXY,
    axes: tuple[str, ...],
    folder: Path,
    *,
    memory_bytes: int,
    progress: Progress | None = None,
) -> Iterator[tuple[pa.RecordBatch, Codes]]:
    """Runs of points, each in Morton order and after the ones before, with their codes.

    Args:
        spool: All points.
        extent_xy: The rectangle that codes divide.
        axes: Columns that hold x and y.
        folder: Where files may be made.
        memory_bytes: What a run may take, more where very many points lie in one place.
        progress: Called with points done and points in all.
    """
    done = 0
    for batches in _iterate_ranges(spool, extent_xy, axes, folder, memory_bytes):
        if not batches:
            continue
        table = pa.Table.from_batches(batches).combine_chunks()
        codes = np.concatenate([_encode(batch, extent_xy, axes) for batch in batches])
        order = np.argsort(codes, kind="stable")
        (run,) = table.take(pa.array(order)).combine_chunks().to_batches(max_chunksize=len(order))
        done += len(order)
        yield run, codes[order]
        if progress is not None:
            progress(done, spool.n_points)


def _iterate_ranges(
    spool: Spool, extent_xy: ExtentXY, axes: tuple[str, ...], folder: Path, memory_bytes: int
) -> Iterator[list[pa.RecordBatch]]:
    if spool.is_in_memory:
        yield list(spool.iterate())
        return
    counts = np.zeros(2**BIN_BITS, np.int64)
    for batch in spool.iterate():
        counts += np.bincount(_find_bins(_encode(batch, extent_xy, axes)), minlength=len(counts))
    max_rows = max(1, int(memory_bytes / (spool.n_bytes / spool.n_points)))
    range_of_bin = plan_ranges(counts, max(max_rows, -(-spool.n_points // (MAX_RANGES // 2))))
    paths = [folder / f"range-{number}.arrow" for number in range(int(range_of_bin[-1]) + 1)]
    try:
        _deal_out(spool, extent_xy, axes, range_of_bin, paths)
        for path in paths:
            yield _read(path)
            path.unlink(missing_ok=True)
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def plan_ranges(counts: npt.NDArray[np.int64], max_rows: int) -> npt.NDArray[np.int64]:
    """The range of each bin: neighbours share one until they have so many rows."""
    numbers = np.zeros(len(counts), np.int64)
    number, n_rows = 0, 0
    for at, count in enumerate(counts.tolist()):
        if n_rows and n_rows + count > max_rows:
            number, n_rows = number + 1, 0
        numbers[at], n_rows = number, n_rows + count
    return numbers


def _deal_out(
    spool: Spool, extent_xy: ExtentXY, axes: tuple[str, ...], range_of_bin: npt.NDArray[np.int64], paths: list[Path]
) -> None:
    writers: dict[int, Any] = {}
    try:
        for batch in spool.iterate():
            numbers = range_of_bin[_find_bins(_encode(batch, extent_xy, axes))]
            order = np.argsort(numbers, kind="stable")
            present, starts = np.unique(numbers[order], return_index=True)
            dealt = batch.take(pa.array(order))
            for number, start, stop in zip(present, starts, [*starts[1:], len(order)], strict=True):
                if number not in writers:
                    writers[number] = pa.ipc.new_file(str(paths[number]), batch.schema)
                writers[number].write_batch(dealt.slice(start, stop - start))
    finally:
        for writer in writers.values():
            writer.close()


def _read(path: Path) -> list[pa.RecordBatch]:
    if not path.exists():
        return []
    with pa.OSFile(str(path)) as file:
        reader = pa.ipc.open_file(file)
        return [reader.get_batch(number) for number in range(reader.num_record_batches)]


def _encode(batch: pa.RecordBatch, extent_xy: ExtentXY, axes: tuple[str, ...]) -> Codes:
    x, y = get_xy(batch, axes)
    return encode_morton(x, y, extent_xy)


def _find_bins(codes: Codes) -> npt.NDArray[np.int64]:
    return (codes >> np.uint32(32 - BIN_BITS)).astype(np.int64)
