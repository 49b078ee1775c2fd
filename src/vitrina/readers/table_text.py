"""Streaming through text tables of any size."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from pyarrow import csv

    from vitrina.model.content import ExtentXY
    from vitrina.readers.source import Source
    from vitrina.readers.table_dialect import Dialect

GZIP_MAGIC = b"\x1f\x8b"
"""Source: https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1"""

BLOCK_BYTES = 16 * 2**20
"""Rows are parsed in blocks of this size; the first one decides the types of the columns."""


@contextmanager
def open_text(
    source: Source, dialect: Dialect, names: list[str] | None = None, types: dict[str, Any] | None = None
) -> Iterator[csv.CSVStreamingReader]:
    """Batches of rows of a text table.

    Args:
        source: The file.
        dialect: How it is written.
        names: Columns to parse, all unless given.
        types: Arrow types of columns, inferred from the first block unless given.
    """
    from pyarrow import csv

    with _open_bytes(source) as stream:
        yield csv.open_csv(stream, *_build_options(dialect, names, types))


def read_text(source: Source, dialect: Dialect, names: list[str] | None = None) -> pa.Table:
    """All rows of some or all columns in memory, with types that fit the whole file.

    Raises:
        pyarrow.ArrowInvalid: The lines do not have the same number of columns.
    """
    from pyarrow import csv

    with _open_bytes(source) as stream:
        return csv.read_csv(stream, *_build_options(dialect, names, None))


def _open_bytes(source: Source) -> pa.NativeFile:
    import pyarrow as pa

    return pa.input_stream(str(source.path), compression="gzip" if source.head.startswith(GZIP_MAGIC) else None)


def _build_options(dialect: Dialect, names: list[str] | None, types: dict[str, Any] | None) -> tuple[Any, Any, Any]:
    from pyarrow import csv

    return (
        csv.ReadOptions(column_names=list(dialect.columns), skip_rows=1, block_size=BLOCK_BYTES),
        csv.ParseOptions(delimiter=dialect.delimiter, newlines_in_values=True),
        csv.ConvertOptions(include_columns=names or [], column_types=types or {}),
    )


def is_one_block(source: Source) -> bool:
    """Whether the types of the columns were decided by the whole file; of compressed ones nobody knows."""
    return not source.head.startswith(GZIP_MAGIC) and source.path.stat().st_size < BLOCK_BYTES


def measure_text(source: Source, dialect: Dialect, positions: tuple[str, str] | None) -> tuple[int, ExtentXY | None]:
    """Number of rows and extent of the positions; no extent where a position further down is no number.

    Raises:
        pyarrow.ArrowInvalid: The lines do not have the same number of columns.
    """
    import pyarrow as pa

    if positions is not None:
        try:
            return _measure(source, dialect, positions)
        except pa.ArrowInvalid:
            pass  # a value that is no number, or damage, which the next pass meets too
    first = dialect.columns[0]
    with open_text(source, dialect, [first], {first: pa.string()}) as reader:
        return measure_batches(reader, None)


def _measure(source: Source, dialect: Dialect, positions: tuple[str, str]) -> tuple[int, ExtentXY | None]:
    import pyarrow as pa

    with open_text(source, dialect, list(positions), dict.fromkeys(positions, pa.float64())) as reader:
        return measure_batches(reader, positions)


def measure_batches(
    batches: Iterable[pa.RecordBatch], positions: tuple[str, str] | None
) -> tuple[int, ExtentXY | None]:
    """Number of rows, and extent of the positions, which are numbers; those that are not finite do not count.

    Raises:
        pyarrow.ArrowInvalid: The lines do not have the same number of columns.
    """
    if positions is None:
        return sum(batch.num_rows for batch in batches), None
    import numpy as np

    n_rows = 0
    low, high = np.full(2, np.inf), np.full(2, -np.inf)
    for batch in batches:
        n_rows += batch.num_rows
        points = np.stack([_to_floats(batch, name) for name in positions], axis=1)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            low, high = np.minimum(low, points.min(axis=0)), np.maximum(high, points.max(axis=0))
    if not np.isfinite(low).all():
        return n_rows, None
    return n_rows, (float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _to_floats(batch: pa.RecordBatch, name: str) -> Any:
    return batch.column(name).to_numpy(zero_copy_only=False)
