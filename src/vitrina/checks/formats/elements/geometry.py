"""Shapes in GeoParquet: a geometry column, and a radius where shapes are circles.

Source: https://geoparquet.org/releases/v1.1.0/ and https://spatialdata.scverse.org/en/stable/design_doc.html#shapes
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.parquet.columns import (
    check_row_groups,
    count_missing,
    find_minimum,
    find_type,
    list_columns,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.formats.parquet.parts import Part
    from vitrina.model.finding import Finding

_ENCODINGS: Final = ("WKB", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")
_SHAPES: Final = ("Point", "Polygon", "MultiPolygon")
"""What SpatialData's shapes can be; the others are geometries of GeoParquet."""

_FIX: Final = "Write the shapes anew with spatialdata, or with GeoDataFrame.to_parquet()."


def check_geometry(parts: list[Part], path: str) -> Iterator[Finding]:
    """Whether the metadata names a geometry column that is there, and circles have radii."""
    yield from check_row_groups(parts)
    found = _parse_geo(parts[0])
    if isinstance(found, str):
        message = f"{parts[0].path} {found}."
        yield build_finding("geoparquet-metadata", f"{parts[0].path}#/geo", message, fix=_FIX)
        return
    column, stated = found
    where = f"{path}#/{column}"
    if column not in list_columns(parts[0]):
        message = f"{path} says that its geometry is in the column {column!r}, which is not there."
        yield build_finding("geometry-missing", where, message, fix=_FIX)
        return
    encoding = stated.get("encoding")
    if encoding not in _ENCODINGS:
        message = f"The encoding of {column!r} of {path} is {str(encoding)[:60]!r}, and must be one of {_ENCODINGS}."
        yield build_finding("geoparquet-metadata", where, message, fix=_FIX)
    yield from _check_stored(parts, column, encoding, path)
    yield from _check_types(parts, stated.get("geometry_types"), column, path)


def _check_stored(parts: list[Part], column: str, encoding: Any, path: str) -> Iterator[Finding]:
    import pyarrow as pa

    type_ = find_type(parts[0], column)
    is_binary = type_ is not None and (
        pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_binary_view(type_)
    )
    if encoding == "WKB" and not (is_binary or isinstance(type_, pa.BaseExtensionType)):
        message = f"The column {column!r} of {path} should hold WKB, which is bytes, but it is {str(type_)[:60]}."
        yield build_finding("geometry-dtype", f"{path}#/{column}", message, fix=_FIX)
    n_missing = count_missing(parts, column)
    if n_missing:
        message = f"{n_missing:,} shapes of {path} have no geometry."
        yield build_finding("geometry-null", f"{path}#/{column}", message, fix="Remove these rows.")


def _check_types(parts: list[Part], stated: Any, column: str, path: str) -> Iterator[Finding]:
    where = f"{path}#/{column}"
    if not isinstance(stated, list):
        message = f"The geometry_types of {path} must be a list, but they are {str(stated)[:60]!r}."
        yield build_finding("geoparquet-metadata", where, message, fix=_FIX)
        return
    kinds = [str(kind).removesuffix(" Z") for kind in stated]
    odd = [kind for kind in kinds if kind not in _SHAPES]
    if odd:
        message = f"{path} holds geometries of the type {', '.join(odd)[:60]}; shapes are {', '.join(_SHAPES)}."
        yield build_finding("geometry-type", where, message)
    columns = list_columns(parts[0])
    if "Point" not in kinds:
        return
    if len(set(kinds)) > 1:
        message = f"{path} mixes circles with {', '.join(sorted(set(kinds) - {'Point'}))}, which shapes must not."
        yield build_finding("geometry-type", where, message)
    elif "radius" not in columns:
        message = f"{path} has circles, and no column 'radius' that says how large they are."
        yield build_finding("radius-missing", f"{path}#/radius", message, fix="Add the column.")
    else:
        yield from _check_radii(parts, path)


def _check_radii(parts: list[Part], path: str) -> Iterator[Finding]:
    import pyarrow as pa

    where = f"{path}#/radius"
    type_ = find_type(parts[0], "radius")
    if not (pa.types.is_integer(type_) or pa.types.is_floating(type_)):
        message = f"The column 'radius' of {path} must be numeric, but it is {type_}."
        yield build_finding("radius-invalid", where, message)
        return
    least, n_missing = find_minimum(parts, "radius"), count_missing(parts, "radius")
    if least is not None and least <= 0:
        message = f"The smallest radius of {path} is {least}; radii must be above 0."
        yield build_finding("radius-invalid", where, message, fix="Correct or remove these circles.")
    if n_missing:
        message = f"{n_missing:,} circles of {path} have no radius."
        yield build_finding("radius-invalid", where, message, fix="Correct or remove these circles.")


def _parse_geo(part: Part) -> tuple[str, dict[str, Any]] | str:
    """Name and metadata of the primary geometry column; what is wrong where there is none."""
    raw = (part.file.metadata.metadata or {}).get(b"geo")
    if raw is None:
        return "has no GeoParquet metadata, so that nobody knows where its geometry is"
    try:
        geo = json.loads(raw)
    except (ValueError, RecursionError) as err:
        return f"has GeoParquet metadata that is not JSON: {err}"
    if not isinstance(geo, dict) or not isinstance(geo.get("columns"), dict):
        return "has GeoParquet metadata without 'columns'"
    column = geo.get("primary_column")
    stated = geo["columns"].get(column) if isinstance(column, str) else None
    if not isinstance(column, str) or not isinstance(stated, dict):
        return f"has GeoParquet metadata whose primary_column {str(column)[:60]!r} is not among its columns"
    return column, stated
