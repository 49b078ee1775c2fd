"""Columns and extents of Parquet files, from their metadata and bounded reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow.parquet as pq

    from vitrina.model.content import ExtentXY

MAX_READ_ROWS = 5_000_000
"""Categories and extents of larger files are read from statistics alone, or left out."""

MAX_CATEGORIES = 100

HIDDEN_COLUMNS = ("__null_dask_index__", "__index_level_0__")
"""Columns that dask and pandas add to keep an index."""


def read_columns(file: pq.ParquetFile, *, without: Sequence[str] = ()) -> tuple[Column, ...]:
    """What is known of each column, with the categories of dictionary columns."""
    fields = [file.schema_arrow.field(i) for i in range(len(file.schema_arrow))]
    hidden = {*HIDDEN_COLUMNS, *without}
    return tuple(_read_column(file, field) for field in fields if field.name not in hidden)


def list_index_columns(file: pq.ParquetFile) -> list[str]:
    """Columns that pandas keeps an index in; empty for files that pandas did not write."""
    metadata = file.schema_arrow.pandas_metadata or {}
    return [name for name in metadata.get("index_columns", ()) if isinstance(name, str)]


def read_extent(files: Sequence[pq.ParquetFile], x: str, y: str) -> ExtentXY | None:
    """``(min x, min y, max x, max y)`` over all files: from statistics, else from the values; None when unknown."""
    ranges = [(_read_range(file, x), _read_range(file, y)) for file in files if file.metadata.num_rows]
    pairs = [(xs, ys) for xs, ys in ranges if xs is not None and ys is not None]
    if not pairs or len(pairs) < len(ranges):
        return None
    return (
        min(xs[0] for xs, _ in pairs),
        min(ys[0] for _, ys in pairs),
        max(xs[1] for xs, _ in pairs),
        max(ys[1] for _, ys in pairs),
    )


def name_arrow_type(type_: Any) -> str:
    """``category``, ``string``, ``bool``, ``datetime`` or a NumPy name for an Arrow type.

    A column without any value counts as ``float64``, as in pandas.
    """
    import pyarrow as pa

    if pa.types.is_dictionary(type_):
        return "category"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return "string"
    if pa.types.is_timestamp(type_) or pa.types.is_date(type_):
        return "datetime"
    names = {"double": "float64", "float": "float32", "halffloat": "float16", "null": "float64"}
    is_number = pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_null(type_)
    if pa.types.is_boolean(type_):
        return "bool"
    return names.get(str(type_), str(type_)) if is_number else "object"


def _read_column(file: pq.ParquetFile, field: Any) -> Column:
    dtype = name_arrow_type(field.type)
    if dtype != "category" or file.metadata.num_rows > MAX_READ_ROWS:
        return Column(name=field.name, dtype=dtype)
    values = file.read(columns=[field.name]).column(0)
    dictionary = values.unify_dictionaries()
    categories = dictionary.chunk(0).dictionary.to_pylist() if dictionary.num_chunks else []
    first = tuple(str(category) for category in categories[:MAX_CATEGORIES])
    return Column(name=field.name, dtype=dtype, n_categories=len(categories), categories=first)


def _read_range(file: pq.ParquetFile, name: str) -> tuple[float, float] | None:
    names = file.schema_arrow.names
    if name not in names:
        return None
    return _find_statistics(file, name) or _measure_range(file, name)


def _find_statistics(file: pq.ParquetFile, name: str) -> tuple[float, float] | None:
    """The range that the row groups state, None unless all of them do."""
    lows, highs = [], []
    for i in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(i)
        columns = (group.column(j) for j in range(group.num_columns))
        column = next((column for column in columns if column.path_in_schema == name), None)
        statistics = column.statistics if column is not None else None
        if statistics is None or not statistics.has_min_max:
            return None
        lows.append(float(statistics.min))
        highs.append(float(statistics.max))
    return (min(lows), max(highs)) if lows else None


def _measure_range(file: pq.ParquetFile, name: str) -> tuple[float, float] | None:
    if file.metadata.num_rows > MAX_READ_ROWS:
        return None
    import numpy as np

    values = np.asarray(file.read(columns=[name]).column(0).to_numpy(), dtype=np.float64)
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if values.size else None
