"""Shapes as SpatialData allows them: circles with radii above 0, or polygons; never both, never nothing.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#shapes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from vitrina.model.content import ShapesElement

_POINT, _POLYGON, _MULTI_POLYGON = 0, 3, 6
"""Type ids of shapely. Source: https://shapely.readthedocs.io/en/stable/reference/shapely.get_type_id.html"""


def settle_shapes(shapes: GeoDataFrame, element: ShapesElement) -> tuple[GeoDataFrame, tuple[Finding, ...]]:
    """Those of the shapes that SpatialData can hold, and what was left out or is odd.

    Where circles and polygons are mixed, the kind that most of them are is kept. Polygons that are not valid, such as
    those that cross themselves, are kept as they are, since every program draws them, and told.
    """
    import numpy as np
    import shapely

    geometry = shapes.geometry.to_numpy()
    kinds = shapely.get_type_id(geometry)
    is_polygon = (kinds == _POLYGON) | (kinds == _MULTI_POLYGON)
    is_circle = kinds == _POINT
    is_empty = (kinds == -1) | shapely.is_empty(geometry)
    findings = []
    if is_empty.any():
        findings.append(_left_out(element, "shapes-empty", int(is_empty.sum()), "are empty"))
    wanted = is_circle if (is_circle & ~is_empty).sum() > (is_polygon & ~is_empty).sum() else is_polygon
    other = ~wanted & ~is_empty
    if other.any():
        what = "are no circles" if wanted is is_circle else "are no polygons"
        findings.append(_left_out(element, "shapes-mixed-kinds", int(other.sum()), f"{what}, as most are"))
    kept = wanted & ~is_empty
    if wanted is is_circle:
        radius = shapes["radius"].to_numpy(np.float64) if "radius" in shapes else np.zeros(len(shapes))
        bad = kept & ~((radius > 0) & np.isfinite(radius))
        if bad.any():
            findings.append(_left_out(element, "circles-without-radius", int(bad.sum()), "have no radius above 0"))
        kept &= ~bad
    else:
        findings += _look_at_polygons(geometry[kept], element)
    return shapes if kept.all() else shapes[kept], tuple(findings)


def _look_at_polygons(geometry: object, element: ShapesElement) -> list[Finding]:
    import shapely

    kinds = shapely.get_type_id(geometry)
    n_multiple = int((kinds == _MULTI_POLYGON).sum())
    n_invalid = int((~shapely.is_valid(geometry)).sum())
    findings = []
    if n_multiple:
        findings.append(
            Finding(
                code="shapes-multipart",
                severity="info",
                path=element.path,
                message=f"{n_multiple:,} of the shapes {element.name!r} have several parts.",
                fix=None,
            )
        )
    if n_invalid:
        findings.append(
            Finding(
                code="shapes-invalid",
                severity="warning",
                path=element.path,
                message=f"{n_invalid:,} of the shapes {element.name!r} cross or touch themselves; their areas and "
                "intersections may be wrong.",
                fix="Repair them with shapely.make_valid before you measure them.",
            )
        )
    return findings


def _left_out(element: ShapesElement, code: str, n: int, why: str) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        path=element.path,
        message=f"{n:,} of the shapes {element.name!r} are left out: they {why}.",
        fix=None,
    )
