"""Plain tables: CSV and its kin, also gzipped, and Parquet."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column, Content, TableElement
from vitrina.readers.cell_table import build_cells, tell_guesses
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.parquet import name_arrow_type, read_columns, read_extent
from vitrina.readers.positions import find_position_columns, list_group_candidates
from vitrina.readers.scatter import build_scatter_preview, encode_groups, is_groupable
from vitrina.readers.table_dialect import find_dialect
from vitrina.readers.table_text import GZIP_MAGIC, is_one_block, measure_batches, measure_text, open_text, read_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    import pyarrow.dataset as ds
    from anndata import AnnData
    from pyarrow import RecordBatch

    from vitrina.model.content import PointsElement
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.table_dialect import Dialect

PARQUET_MAGIC = b"PAR1"
"""Source: https://parquet.apache.org/docs/file-format/"""

SUFFIXES = (".csv", ".tsv", ".tab", ".csv.gz", ".tsv.gz", ".parquet")
SAMPLE_BYTES = 256 * 1024
BATCH_ROWS = 100_000
MAX_DRAWN_ROWS = 1_000_000
"""Of a larger Parquet file, evenly taken rows are drawn: a small file can state any number."""

_DAMAGE = "table-damaged", "a table"


class TableReader:
    """Reads tables with one row per observation."""

    format = "table"

    def detect(self, source: Source) -> bool:
        if source.is_folder:
            return False
        if is_empty_file(source, *SUFFIXES) or _is_parquet(source):
            return True
        try:
            return _find_dialect(source) is not None
        except (OSError, EOFError, zlib.error):
            return source.path.name.lower().endswith(SUFFIXES)

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            table = _describe_parquet(source) if _is_parquet(source) else _describe_text(source)
            container: Any = "parquet" if _is_parquet(source) else "csv"
            guesses = tuple(tell_guesses(table.obs_columns))
            return Content(format=self.format, container=container, elements=(table,), findings=guesses)

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:  # noqa: ARG002 points have no pixels
        table = next((element for element in content.elements if isinstance(element, TableElement)), None)
        if table is None or table.position_columns is None:
            return None
        with reading(source, *_DAMAGE):
            candidates = list_group_candidates(table.obs_columns)
            rows = _read_rows(source, [*table.position_columns, *candidates])
            columns = (encode_groups(_to_numpy(rows, name)) for name in candidates)
            groups = next((codes for codes in columns if is_groupable(codes)), None)
            return build_scatter_preview(_stack(rows, table.position_columns), groups, is_spatial=True)

    def read_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            import pyarrow.parquet as pq

            if _is_parquet(source):
                return pq.read_table(source.path).to_pandas()
            return read_text(source, _get_dialect(source)).to_pandas()

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        """The rows as cells: which columns are measurements is guessed, as ``cell_columns`` tells."""
        frame: Any = self.read_object(source)
        with reading(source, *_DAMAGE):
            return build_cells(frame, element.obs_columns)

    def iterate_points(self, source: Source, element: PointsElement) -> Iterator[RecordBatch]:
        """The rows as points."""
        with reading(source, *_DAMAGE):
            import pyarrow as pa
            import pyarrow.parquet as pq

            if _is_parquet(source):
                with pq.ParquetFile(source.path) as file:
                    yield from file.iter_batches(batch_size=BATCH_ROWS)
                return
            with open_text(source, _get_dialect(source), types=dict.fromkeys(element.axes, pa.float64())) as reader:
                yield from reader

    def open_object(self, source: Source) -> ds.Dataset:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            import pyarrow.dataset as ds
            from pyarrow import csv

            if _is_parquet(source):
                return ds.dataset(source.path, format="parquet")
            options = csv.ParseOptions(delimiter=_get_dialect(source).delimiter)
            return ds.dataset(source.path, format=ds.CsvFileFormat(parse_options=options))


def _is_parquet(source: Source) -> bool:
    return source.head.startswith(PARQUET_MAGIC)


def _find_dialect(source: Source) -> Dialect | None:
    opener: Any = gzip.open if source.head.startswith(GZIP_MAGIC) else open
    with opener(source.path, "rb") as file:
        sample = file.read(SAMPLE_BYTES)
    is_named = source.path.name.lower().endswith(SUFFIXES)
    return find_dialect(sample, is_whole=len(sample) < SAMPLE_BYTES, is_named=is_named)


def _get_dialect(source: Source) -> Dialect:
    dialect = _find_dialect(source)
    if dialect is None:
        raise UnreadableError(
            "table-damaged",
            f"{source.path} is no table: its lines do not have the same number of columns under a header.",
            where=str(source.path),
        )
    return dialect


def _describe_parquet(source: Source) -> TableElement:
    import pyarrow.parquet as pq

    with pq.ParquetFile(source.path) as file:
        columns = read_columns(file)
        positions = find_position_columns(columns)
        return TableElement(
            name="table",
            path="",
            n_obs=file.metadata.num_rows,
            obs_columns=columns,
            position_columns=positions,
            extent_xy=read_extent([file], *positions) if positions is not None else None,
        )


def _describe_text(source: Source) -> TableElement:
    """Types from the first 16 MB, the number of rows and the extent from all of it: once more, unless that was all."""
    dialect = _get_dialect(source)
    with open_text(source, dialect) as reader:
        columns = tuple(
            Column(name=name, dtype=name_arrow_type(field.type))
            for name, field in zip(dialect.columns, reader.schema, strict=True)
        )
        positions = find_position_columns(columns)
        if is_one_block(source):
            n_obs, extent = measure_batches(reader, positions)
        else:
            n_obs, extent = measure_text(source, dialect, positions)
    return TableElement(
        name="table",
        path="",
        n_obs=n_obs,
        obs_columns=columns,
        position_columns=positions,
        extent_xy=extent,
    )


def _read_rows(source: Source, names: list[str]) -> pa.Table:
    """Rows of some columns, to be drawn."""
    if _is_parquet(source):
        return _sample_parquet(source, names)
    return read_text(source, _get_dialect(source), names)


def _sample_parquet(source: Source, names: list[str]) -> pa.Table:
    """All rows of some columns, or as many as are drawn, evenly taken."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(source.path) as file:
        step = max(1, -(-file.metadata.num_rows // MAX_DRAWN_ROWS))
        batches, first = [], 0
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=names):
            taken = range(-first % step, batch.num_rows, step)
            batches.append(batch if step == 1 else batch.take(pa.array(taken, pa.int64())))
            first += batch.num_rows
        return pa.Table.from_batches(batches) if batches else file.read(columns=names)


def _stack(rows: pa.Table, names: tuple[str, str]) -> Any:
    import numpy as np

    return np.stack([np.asarray(_to_numpy(rows, name), dtype=np.float64) for name in names], axis=1)


def _to_numpy(rows: pa.Table, name: str) -> Any:
    return rows.column(name).to_numpy()
