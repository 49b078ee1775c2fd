"""Outlines of cells and nuclei of Xenium: one row per vertex.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import Column, ShapesElement
from vitrina.readers.parquet import read_extent
from vitrina.readers.scatter import measure_extent
from vitrina.readers.tenx.cell_ids import decode_ids
from vitrina.readers.tenx.cells import CELL_ID, type_ids
from vitrina.readers.tenx.columns import check_columns, decode_column, is_parquet, read_schema, read_whole

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from geopandas import GeoDataFrame

    from vitrina.model.content import ExtentXY, Placement

VERTEX = ("vertex_x", "vertex_y")
LABEL_ID = "label_id"
"""Number of each outline since version 2; a cell with several nuclei has several."""

MIN_VERTICES = 3


def describe_boundaries(path: Path, *, name: str, key: str, placements: tuple[Placement, ...]) -> ShapesElement:
    """The element; of Parquet only ids are read.

    Raises:
        UnreadableError: The file is damaged, or has other columns.
    """
    names = _check(path)
    table = read_whole(path, (*names, *(() if is_parquet(path) else VERTEX)))
    starts = _find_starts(table)
    extent = _read_extent(path) if is_parquet(path) else measure_extent(_get_vertices(table))
    return ShapesElement(
        name=name,
        path=key,
        n_shapes=len(starts),
        geometry="polygon",
        columns=(Column(name=CELL_ID, dtype=_name_ids(table)),),
        extent_xy=extent,
        placements=placements,
    )


def read_boundaries(path: Path, *, by_cell: bool, has_number_ids: bool) -> GeoDataFrame:
    """Polygons in micrometres.

    Args:
        path: The file.
        by_cell: Whether each polygon is named by its cell; else by its number, since a cell may have several nuclei.
        has_number_ids: Whether ids are numbers.

    Raises:
        UnreadableError: The file is damaged, or has other columns.
    """
    import geopandas
    import numpy as np
    import pandas as pd
    import shapely

    table = read_whole(path, (*_check(path), *VERTEX))
    ids, vertices = _get_ids(table), _get_vertices(table)
    runs = _gather(_get_numbers(table), vertices)
    table_order, run_of_vertex, starts = runs
    ids, vertices = ids[table_order], vertices[table_order]
    lengths = np.diff(np.append(starts, len(vertices)))
    long_enough = lengths >= MIN_VERTICES
    kept = long_enough[run_of_vertex] & np.isfinite(vertices).all(axis=1)
    renumbered = np.cumsum(long_enough) - 1
    rings = shapely.linearrings(vertices[kept], indices=renumbered[run_of_vertex[kept]])
    cells = type_ids(list(ids[starts[long_enough]]), is_number=has_number_ids)
    polygons = shapely.polygons(rings)
    if by_cell:
        frame = geopandas.GeoDataFrame({CELL_ID: cells}, geometry=polygons, index=pd.Index(cells, name=None))
        return frame[~frame.index.duplicated()]
    labels = table.column(LABEL_ID).to_numpy()[table_order] if LABEL_ID in table.column_names else run_of_vertex + 1
    numbers = np.asarray(labels)[starts[long_enough]].astype(np.int64)
    if len(np.unique(numbers)) < len(numbers):
        numbers = np.arange(1, len(polygons) + 1)
    return geopandas.GeoDataFrame({CELL_ID: cells}, geometry=polygons, index=pd.Index(numbers))


def _check(path: Path) -> tuple[str, ...]:
    """The columns that name outlines."""
    names = read_schema(path).names
    check_columns(path, names, (CELL_ID, *VERTEX))
    return (CELL_ID, LABEL_ID) if LABEL_ID in names else (CELL_ID,)


def _get_ids(table: Any) -> npt.NDArray[np.object_]:
    return decode_ids(decode_column(table.column(CELL_ID)).to_numpy(zero_copy_only=False))


def _get_vertices(table: Any) -> npt.NDArray[np.float64]:
    import numpy as np

    return np.column_stack([table.column(name).to_numpy().astype(np.float64) for name in VERTEX])


def _get_numbers(table: Any) -> npt.NDArray[np.int64]:
    """A number for each row that is the same within an outline: the label, else the cell in order of appearance."""
    import numpy as np

    if LABEL_ID in table.column_names:
        return np.asarray(table.column(LABEL_ID).to_numpy(), dtype=np.int64)
    codes = decode_column(table.column(CELL_ID)).combine_chunks().dictionary_encode().indices
    return np.asarray(codes.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _find_starts(table: Any) -> npt.NDArray[np.intp]:
    """The first row of each outline, as far as ids alone tell outlines apart."""
    import numpy as np

    numbers = _get_numbers(table)
    return np.unique(numbers, return_index=True)[1]


def _gather(
    numbers: npt.NDArray[np.int64], vertices: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The order that puts the rows of each outline together, the outline of each row, and the first row of each.

    Early files of version 2 number cells only, so that the outlines of two nuclei follow each other under one id; a
    ring that closes before its rows end is the end of an outline.
    """
    import numpy as np

    order = np.arange(len(numbers))
    is_start = np.ones(len(numbers), dtype=bool)
    is_start[1:] = numbers[1:] != numbers[:-1]
    if np.count_nonzero(is_start) != len(np.unique(numbers)):
        order = np.argsort(numbers, kind="stable")
        arranged = numbers[order]
        is_start[1:] = arranged[1:] != arranged[:-1]
    starts = np.flatnonzero(is_start)
    points = vertices[order]
    run = np.cumsum(is_start) - 1
    ends = np.append(starts[1:], len(numbers)) - 1
    closes = (points == points[starts[run]]).all(axis=1) if len(points) else np.zeros(0, dtype=bool)
    closes[starts] = False
    closes[ends] = False
    for number in np.unique(run[closes]):
        _split(points, is_start, int(starts[number]), int(ends[number]))
    starts = np.flatnonzero(is_start)
    return order, np.cumsum(is_start) - 1, starts


def _split(points: npt.NDArray[np.float64], is_start: npt.NDArray[np.bool_], start: int, end: int) -> None:
    """Mark where each ring of one run begins."""
    first = start
    for row in range(start + 1, end):
        if row - first >= MIN_VERTICES and (points[row] == points[first]).all():
            first = row + 1
            is_start[first] = True


def _name_ids(table: Any) -> str:
    import pyarrow as pa

    return "int64" if pa.types.is_integer(table.column(CELL_ID).type) else "string"


def _read_extent(path: Path) -> ExtentXY | None:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        return read_extent([file], *VERTEX)
