"""Points to Parquet in Morton order, as they are and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vitrina.readers.quiet import without_format_warnings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.convert.points.categories import Categories

ROWS_PER_GROUP = 50_000
"""Few enough that a window into the data reads little beyond itself."""

INDEX = "__null_dask_index__"
"""Under which Dask keeps the number of a row, and finds it again."""


class PointsWriter:
    """Writes one Parquet file; a context.

    Args:
        path: The file.
        categories: Of the columns that are categories, by name; complete when this is made.
        has_index: Whether rows are numbered, as Dask does for SpatialData.
        metadata: More of the file, by key.
    """

    def __init__(
        self,
        path: Path,
        categories: Mapping[str, Categories],
        *,
        has_index: bool,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self._path = path
        self._categories = categories
        self._has_index = has_index
        self._metadata = dict(metadata or {})
        self._writer: pq.ParquetWriter | None = None
        self._n_written = 0
        path.parent.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, run: pa.RecordBatch, added: Mapping[str, Any] | None = None) -> None:
        """Write points that come after all before.

        Args:
            run: Points with codes in the columns that are categories.
            added: More columns, by name.
        """
        columns: dict[str, Any] = dict(zip(run.schema.names, run.columns, strict=True))
        for name, categories in self._categories.items():
            columns[name] = categories.decode(columns[name].to_numpy(zero_copy_only=False))
        columns |= added or {}
        if self._has_index:
            columns[INDEX] = np.arange(self._n_written, self._n_written + run.num_rows)
        table = pa.table(columns)
        if self._writer is None:
            self._writer = self._open(table)
        self._writer.write_table(table.cast(self._writer.schema), row_group_size=ROWS_PER_GROUP)
        self._n_written += run.num_rows

    def _open(self, table: pa.Table) -> pq.ParquetWriter:
        frame = table.slice(0, 0).to_pandas()
        frame = frame.set_index(INDEX) if self._has_index else frame
        with without_format_warnings():
            metadata = pa.Schema.from_pandas(frame, preserve_index=self._has_index).metadata
        schema = table.schema.with_metadata({**metadata, **self._metadata})
        plain = [name for name in schema.names if name != INDEX]
        encodings = {INDEX: "DELTA_BINARY_PACKED"} if self._has_index else None
        return pq.ParquetWriter(self._path, schema, compression="zstd", use_dictionary=plain, column_encoding=encodings)
