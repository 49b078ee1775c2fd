"""Points in Parquet: positions, one row each.

Source: https://parquet.apache.org/docs/file-format/ and
https://spatialdata.scverse.org/en/stable/design_doc.html#points
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.checked import Checked
from vitrina.checks.formats.apart import check_apart
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.parquet.columns import check_coordinates, check_row_groups, list_columns
from vitrina.checks.formats.parquet.parts import Part, check_parts, count_rows, list_parts, open_parts
from vitrina.checks.limits import limit_findings
from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.model.content import Column
from vitrina.readers.damage import check_not_empty
from vitrina.readers.parquet import name_arrow_type
from vitrina.readers.positions import find_position_columns
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.source import FolderTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source


def check_points(source: Source, *, is_metadata_only: bool = False) -> Checked:
    """What is wrong with points in a Parquet file, or in a folder of them; only footers are read.

    Args:
        source: The file or folder.
        is_metadata_only: Changes nothing here.

    Raises:
        UnreadableError: No file can be read.
        UnsupportedError: It holds shapes.
    """
    check_not_empty(source)
    return check_apart("points", source, is_metadata_only=is_metadata_only)


def check_points_here(source: Source) -> Checked:
    """The same inside this process, which the Parquet library can end where a file is damaged.

    Raises:
        UnreadableError: No file can be read.
        UnsupportedError: It holds shapes.
    """
    tree = FolderTree(source.path if source.is_folder else source.path.parent)
    path = "" if source.is_folder else source.path.name
    if not list_parts(tree, path):
        raise UnreadableError("parquet-missing", f"{source.path} holds no Parquet file.", where=str(source.path))
    with without_format_warnings(), open_parts(tree, path) as (parts, findings):
        if not parts:
            first = findings[0]
            raise UnreadableError(first.code, first.message, hint=first.fix, where=str(source.path))
        if _has_shapes_only(parts[0]):
            raise UnsupportedError(
                "format-not-checked",
                f"{source.path} holds shapes and no points; shapes are checked inside SpatialData only.",
                where=str(source.path),
            )
        return Checked(kind="points", findings=limit_findings([*findings, *keep_going(path, _check(parts, path))]))


def _check(parts: list[Part], path: str) -> Iterator[Finding]:
    yield from check_parts(parts)
    axes = _find_axes(parts[0])
    yield from check_coordinates(parts, axes, path or parts[0].path)
    yield from check_row_groups(parts)
    if not count_rows(parts):
        yield build_finding("element-empty", f"{path}#", f"{path or 'The folder'} has no points.")


def _has_shapes_only(part: Part) -> bool:
    """Whether a file is GeoParquet without columns of positions.

    Source: https://geoparquet.org/releases/v1.1.0/
    """
    return b"geo" in (part.file.metadata.metadata or {}) and not set(_find_axes(part)) <= set(list_columns(part))


def _find_axes(part: Part) -> tuple[str, ...]:
    """The columns called x and y (and z), else the pair whose names are known to hold positions."""
    names = list_columns(part)
    if "x" in names or "y" in names:
        return ("x", "y", *(("z",) if "z" in names else ()))
    types = part.file.schema_arrow.types
    columns = [Column(name=name, dtype=name_arrow_type(type_)) for name, type_ in zip(names, types, strict=True)]
    return find_position_columns(columns) or ("x", "y")
