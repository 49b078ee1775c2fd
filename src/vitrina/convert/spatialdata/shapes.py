"""Shapes to GeoParquet with WKB, which every viewer reads, and simplified copies of very many outlines.

Source: https://geoparquet.org/releases/v1.1.0/
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitrina.model.finding import Finding
from vitrina.readers.quiet import without_format_warnings

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

    from vitrina.model.content import ShapesElement

MANY_SHAPES = 200_000
MANY_VERTICES = 5_000_000
"""From here on outlines are drawn slowly, and get a simplified copy."""

ROWS_PER_GROUP = 50_000
TOLERANCE_PER_DIAMETER = 0.05
"""Of the automatic tolerance to the diameter of a circle as large as the median polygon: about a pixel where a cell is
twenty pixels wide."""


def write_shapes(shapes: GeoDataFrame, folder: Path) -> None:
    """Write shapes into ``shapes.parquet`` of a group."""
    plain = shapes.copy(deep=False)
    plain.attrs = {}
    folder.mkdir(parents=True, exist_ok=True)
    with without_format_warnings():
        plain.to_parquet(folder / "shapes.parquet", geometry_encoding="WKB", row_group_size=ROWS_PER_GROUP)


def unwrap_shapes(shapes: GeoDataFrame) -> GeoDataFrame:
    """The same shapes, those of one part as polygons: viewers leave multipolygons out, also such of one part."""
    import numpy as np
    import shapely

    geometry = shapes.geometry.to_numpy()
    is_wrapped = (shapely.get_type_id(geometry) == 6) & (shapely.get_num_geometries(geometry) == 1)
    if not is_wrapped.any():
        return shapes
    unwrapped = np.where(is_wrapped, shapely.get_geometry(geometry, 0), geometry)
    return shapes.set_geometry(shapes.geometry.__class__(unwrapped, index=shapes.index, crs=shapes.crs))


def simplify_shapes(
    shapes: GeoDataFrame, element: ShapesElement, tolerance: float | None, name: str
) -> tuple[GeoDataFrame, Finding] | None:
    """A copy of the polygons with fewer vertices, and how it differs; None where none is needed.

    Args:
        shapes: Circles or polygons.
        element: What they are in the source.
        tolerance: See ``SpatialDataOptions.simplify_tolerance``.
        name: Of the copy.
    """
    import numpy as np
    import shapely

    geometry = shapes.geometry.to_numpy()
    n_vertices = int(shapely.get_num_coordinates(geometry).sum())
    is_many = len(shapes) > MANY_SHAPES or n_vertices > MANY_VERTICES
    if tolerance == 0 or (tolerance is None and not is_many) or shapely.get_type_id(geometry[0]) == 0:
        return None
    if tolerance is None:
        diameter = 2 * math.sqrt(float(np.median(shapely.area(geometry))) / math.pi)
        tolerance = float(f"{diameter * TOLERANCE_PER_DIAMETER:.2g}")
    simple = shapely.simplify(geometry, tolerance, preserve_topology=True)
    n_kept = int(shapely.get_num_coordinates(simple).sum())
    copy = shapes.set_geometry(shapes.geometry.__class__(simple, index=shapes.index, crs=shapes.crs))
    finding = Finding(
        code="shapes-simplified",
        severity="info",
        path=element.path,
        message=f"{name} holds the {len(shapes):,} shapes of {element.name!r} with {n_kept:,} instead of "
        f"{n_vertices:,} vertices, none further than {tolerance:g} of their own units from the exact outline, which is "
        "kept too.",
        fix=None,
    )
    return copy, finding
