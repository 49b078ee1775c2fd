"""The molecules of Xenium, in batches: a section has a hundred million of them.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.model.content import PointsElement
from vitrina.readers.damage import reading
from vitrina.readers.parquet import read_extent
from vitrina.readers.source import Source
from vitrina.readers.tenx.cell_ids import UNASSIGNED
from vitrina.readers.tenx.columns import (
    check_columns,
    count_rows,
    decode_column,
    describe_schema,
    is_parquet,
    iterate_batches,
    read_schema,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from vitrina.model.content import Placement

GENE = "feature_name"
PLACES = {"x_location": "x", "y_location": "y", "z_location": "z"}
NO_CELL = -1
"""What transcripts outside of cells have where ids are numbers."""

_CELL = "cell_id"


def describe_transcripts(path: Path, *, key: str, placements: tuple[Placement, ...]) -> PointsElement:
    """The element, from the metadata of the file alone.

    Raises:
        UnreadableError: The file is damaged, or has other columns.
    """
    schema = read_schema(path)
    check_columns(path, schema.names, (GENE, "x_location", "y_location"))
    columns = describe_schema(schema, without=tuple(PLACES))
    columns = tuple(replace(column, dtype="category") if column.name == GENE else column for column in columns)
    extent = None
    if is_parquet(path):
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            extent = read_extent([file], "x_location", "y_location")
    return PointsElement(
        name="transcripts",
        path=key,
        n_points=count_rows(path),
        axes=tuple(axis for name, axis in PLACES.items() if name in schema.names),
        feature_key=GENE,
        columns=columns,
        extent_xy=extent,
        placements=placements,
    )


def iterate_transcripts(path: Path) -> Iterator[pa.RecordBatch]:
    """Places as ``x``, ``y``, ``z`` in micrometres, genes as categories, and all other columns as they are.

    Transcripts without an id of a cell get what the vendor writes for those outside of cells.

    Raises:
        UnreadableError: The file is damaged, or has other columns.
    """
    with reading(Source(path), "transcripts-damaged", "transcripts of Xenium"):
        names = [name for name in read_schema(path).names if name]
        check_columns(path, names, (GENE, "x_location", "y_location"))
        for batch in iterate_batches(path, names):
            yield _clean(batch)


def _clean(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        cleaned = decode_column(column)
        if name == GENE:
            cleaned = cleaned.cast(pa.string()).dictionary_encode()
        elif name == _CELL:
            cleaned = _name_outside(cleaned)
        columns[PLACES.get(name, name)] = cleaned
    return pa.RecordBatch.from_pydict(columns)


def _name_outside(cells: Any) -> Any:
    """Missing and empty ids as those of transcripts outside of cells."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(cells.type):
        return cells.fill_null(NO_CELL) if pa.types.is_signed_integer(cells.type) else cells
    if not pa.types.is_string(cells.type):
        return cells
    filled = cells.fill_null(UNASSIGNED)
    return pc.if_else(pc.equal(filled, ""), UNASSIGNED, filled)
