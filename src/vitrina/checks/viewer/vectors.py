"""Rules for points and shapes of SpatialData, which lie in Parquet files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.checks.viewer.codes import HEALED, build_finding
from vitrina.checks.viewer.limits import MAX_DRAWN_POINTS, MAX_SHAPES, MAX_UNTILED_POINTS
from vitrina.readers.parquet import list_index_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.model.content import PointsElement, ShapesElement
    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

MORTON = "morton_code_2d"
"""Column by which tiled points are sorted. Source: https://vitessce.io/docs/data-troubleshooting/#points"""

MAX_ROW_GROUP = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFacts:
    """What the footer of the first Parquet file of an element says.

    Attributes:
        columns: Names of columns.
        geometry_encoding: ``WKB``, or a GeoArrow name such as ``polygon``; None without GeoParquet metadata.
        geometry_types: Kinds of geometry as GeoParquet names them.
        largest_row_group: Rows of the largest row group.
    """

    columns: tuple[str, ...] = ()
    geometry_encoding: str | None = None
    geometry_types: tuple[str, ...] = ()
    largest_row_group: int = 0


def read_parquet_facts(zarr_tree: ZarrTree, path: str) -> ParquetFacts:
    """The facts of the Parquet file at a path, or of the first file in the folder there.

    Raises:
        UnreadableError: It is damaged.
        NotFoundError: It is not there.
    """
    import pyarrow.parquet as pq

    names = sorted(name for name in zarr_tree.tree.list_children(path) if name.endswith(".parquet"))
    with zarr_tree.open_file(f"{path}/{names[0]}" if names else path) as opened:
        file = pq.ParquetFile(opened)
        encoding, types = _parse_geo((file.metadata.metadata or {}).get(b"geo"))
        groups = range(file.metadata.num_row_groups)
        hidden = set(list_index_columns(file))
        return ParquetFacts(
            columns=tuple(name for name in file.schema_arrow.names if name not in hidden),
            geometry_encoding=encoding,
            geometry_types=types,
            largest_row_group=max((file.metadata.row_group(index).num_rows for index in groups), default=0),
        )


def check_points(points: PointsElement, facts: ParquetFacts, *, attrs: Mapping[str, object]) -> Iterator[Finding]:
    """Whether the viewer can load points, and knows their genes."""
    n_points = points.n_points or 0
    is_tiled = points.tiles is not None or (MORTON in facts.columns and facts.largest_row_group < MAX_ROW_GROUP)
    sampled = f"Vitrina shows an even sample of about {MAX_DRAWN_POINTS:,} of them all the same, through its gateway."
    fix = f"Sort them into tiles by a column {MORTON!r}, in row groups of fewer than {MAX_ROW_GROUP:,} rows."
    if not is_tiled and n_points > MAX_UNTILED_POINTS:
        yield build_finding(
            "points-too-many",
            points.path,
            f"The {n_points:,} points of {points.name!r} are not sorted into tiles, and the viewer refuses more than "
            f"{MAX_UNTILED_POINTS:,} of such. {sampled}",
            fix=fix,
        )
    elif not is_tiled and n_points > MAX_DRAWN_POINTS:
        yield build_finding(
            "points-not-tiled",
            points.path,
            f"The {n_points:,} points of {points.name!r} are not sorted into tiles, so the viewer loads and redraws "
            f"all of them. {sampled}",
            fix=fix,
        )
    named = attrs.get("spatialdata_attrs")
    stated = named.get("feature_key") if isinstance(named, dict) else None
    if stated is None and points.feature_key is not None:
        yield build_finding(
            "points-feature-key-missing",
            f"{points.path}#/spatialdata_attrs/feature_key",
            f"Nothing says which column of the points {points.name!r} holds genes; {points.feature_key!r} is taken. "
            f"{HEALED}",
            fix="Name it as feature_key when the points are made with PointsModel.parse.",
            severity="info",
        )
    elif points.feature_key is None:
        yield build_finding(
            "points-feature-key-missing",
            f"{points.path}#/spatialdata_attrs/feature_key",
            f"Nothing says which column of the points {points.name!r} holds genes, without which the viewer draws no "
            "points.",
            fix="Name it as feature_key when the points are made with PointsModel.parse.",
        )


def check_shapes(shapes: ShapesElement, facts: ParquetFacts) -> Iterator[Finding]:
    """Whether the viewer can read the geometry, and draw so many."""
    if facts.geometry_encoding is not None and facts.geometry_encoding.upper() != "WKB":
        yield build_finding(
            "shapes-geoarrow",
            shapes.path,
            f"The geometry of {shapes.name!r} is stored as GeoArrow ({facts.geometry_encoding}); the viewer reads WKB.",
            fix="Write it again with sdata.write(..., shapes_geometry_encoding='WKB').",
        )
    if len(facts.geometry_types) > 1 or "MultiPolygon" in facts.geometry_types or shapes.geometry == "mixed":
        kinds = ", ".join(facts.geometry_types) or "several kinds"
        yield build_finding(
            "shapes-mixed",
            shapes.path,
            f"The shapes {shapes.name!r} are {kinds}; the viewer draws either polygons of one part or circles.",
            fix="Keep the largest part of each shape, for example with GeoSeries.explode.",
        )
    if shapes.n_shapes > MAX_SHAPES:
        yield build_finding(
            "shapes-too-many",
            shapes.path,
            f"{shapes.n_shapes:,} shapes of {shapes.name!r} do not fit into a browser tab; up to {MAX_SHAPES:,} are "
            "drawn.",
            fix="Rasterise them to labels, for example with spatialdata.rasterize.",
        )


def _parse_geo(raw: bytes | None) -> tuple[str | None, tuple[str, ...]]:
    """Source: https://geoparquet.org/releases/v1.1.0/ (``encoding`` and ``geometry_types`` of the primary column)."""
    try:
        geo = json.loads(raw or b"{}")
        column = geo.get("columns", {}).get(geo.get("primary_column", "geometry"), {})
        types = tuple(str(kind).split(" ")[0] for kind in column.get("geometry_types") or ())
        return column.get("encoding"), tuple(dict.fromkeys(types))
    except (ValueError, AttributeError, TypeError):
        return None, ()
