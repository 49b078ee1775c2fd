"""Columns of Parquet files, by their types and statistics.

Source: https://parquet.apache.org/docs/file-format/metadata/
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.checks.formats.parquet.parts import Part
    from vitrina.model.finding import Finding

MAX_GROUP_ROWS: Final = 50_000_000
"""A row group is what readers take into memory at once."""


def list_columns(part: Part) -> list[str]:
    """Names of the columns."""
    return [str(name) for name in part.file.schema_arrow.names]


def find_type(part: Part, name: str) -> Any | None:
    """The Arrow type of a column, None when it is absent."""
    index = part.file.schema_arrow.get_field_index(name)
    return None if index < 0 else part.file.schema_arrow.field(index).type


def check_coordinates(parts: Sequence[Part], axes: Sequence[str], path: str) -> Iterator[Finding]:
    """Whether the columns of positions are there, numeric, and by their statistics without gaps."""
    import pyarrow as pa

    for axis in axes:
        type_ = find_type(parts[0], axis)
        if type_ is None:
            message = f"{path} has no column {axis!r}, which holds positions; it has {_show(list_columns(parts[0]))}."
            yield build_finding("coordinate-missing", f"{path}#/{axis}", message)
        elif not (pa.types.is_integer(type_) or pa.types.is_floating(type_)):
            message = f"The column {axis!r} of {path} holds positions and must be numeric, but it is {type_}."
            yield build_finding("coordinate-dtype", f"{path}#/{axis}", message)
        else:
            yield from check_complete(parts, axis, path)


def check_complete(parts: Sequence[Part], name: str, path: str) -> Iterator[Finding]:
    """Whether the statistics of a column say that values are missing or infinite."""
    n_missing = n_infinite = 0
    for statistics in _list_statistics(parts, name):
        n_missing += int(statistics.null_count or 0) if statistics.has_null_count else 0
        n_infinite += sum(not math.isfinite(float(value)) for value in _list_limits(statistics))
    if n_missing:
        message = f"{n_missing:,} values of the column {name!r} of {path} are missing; every point has a position."
        yield build_finding("coordinate-null", f"{path}#/{name}", message, fix="Remove these rows.")
    if n_infinite:
        message = f"The column {name!r} of {path} has values that are infinite or not numbers."
        yield build_finding("coordinate-not-finite", f"{path}#/{name}", message, fix="Remove these rows.")


def find_minimum(parts: Sequence[Part], name: str) -> float | None:
    """The least value that the statistics state, None where they state none."""
    lows = [float(statistics.min) for statistics in _list_statistics(parts, name) if statistics.has_min_max]
    return min(lows, default=None)


def count_missing(parts: Sequence[Part], name: str) -> int:
    """Missing values, as far as the statistics say."""
    stated = (statistics for statistics in _list_statistics(parts, name) if statistics.has_null_count)
    return sum(int(statistics.null_count or 0) for statistics in stated)


def check_row_groups(parts: Sequence[Part]) -> Iterator[Finding]:
    """Whether row groups are of a size that can be read one by one."""
    for part in parts:
        sizes = [part.file.metadata.row_group(i).num_rows for i in range(part.file.metadata.num_row_groups)]
        if max(sizes, default=0) > MAX_GROUP_ROWS:
            message = f"A row group of {part.path} has {max(sizes):,} rows, all of which are read for any of them."
            fix = f"Write it with row groups of at most {MAX_GROUP_ROWS:,} rows."
            yield build_finding("row-group-large", f"{part.path}#", message, fix=fix)


def _list_statistics(parts: Sequence[Part], name: str) -> Iterator[Any]:
    for part in parts:
        metadata = part.file.metadata
        for i in range(metadata.num_row_groups):
            group = metadata.row_group(i)
            for j in range(group.num_columns):
                column = group.column(j)
                if column.path_in_schema == name and column.statistics is not None:
                    yield column.statistics


def _list_limits(statistics: Any) -> list[Any]:
    limits = [statistics.min, statistics.max] if statistics.has_min_max else []
    return [value for value in limits if isinstance(value, int | float)]


def _show(names: list[str]) -> str:
    return ", ".join(map(repr, names[:12])) + (" and more" if len(names) > 12 else "") or "none"
