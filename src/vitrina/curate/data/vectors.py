"""Points and shapes: coordinates that are there and finite, outlines and radii that mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.image_fields import SPACE

if TYPE_CHECKING:
    from vitrina.model.finding import Finding

BLOCK: Final = 50_000
"""Shapes whose coordinates are in memory at once."""

MAX_CROSSINGS: Final = 200_000
"""Shapes that are looked at for outlines that cross themselves, which takes about 10 microseconds each."""


def check_points(points: Any, node: str) -> list[Finding]:
    """Whether all coordinates of points are finite; partitions are read one after the other."""
    import numpy as np

    axes = [axis for axis in SPACE if axis in points.columns]
    columns = points[axes]
    frames = columns.partitions if hasattr(columns, "partitions") else [columns]
    n_points = n_wrong = 0
    for frame in frames:
        values = (frame.compute() if hasattr(frame, "compute") else frame).to_numpy(dtype=float, na_value=np.nan)
        n_points += len(values)
        n_wrong += int((~np.isfinite(values)).any(axis=1).sum())
    if not n_points:
        return [build_finding("element-empty", f"{node}#", f"{node} has no points.")]
    if not n_wrong:
        return []
    message = f"{n_wrong:,} of {n_points:,} points of {node} have coordinates that are missing or not finite."
    return [build_finding("points-invalid", f"{node}#", message, fix="Remove these points.")]


def check_shapes(shapes: Any, node: str) -> list[Finding]:
    """Whether shapes are there, have finite coordinates, outlines that do not cross themselves, positive radii."""
    import numpy as np
    import shapely

    geometry = np.asarray(shapes.geometry.array, dtype=object)
    if not len(geometry):
        return [build_finding("element-empty", f"{node}#", f"{node} has no shapes.")]
    empty = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    infinite = np.zeros(len(geometry), dtype=bool)
    for start in range(0, len(geometry), BLOCK):
        coordinates, rows = shapely.get_coordinates(geometry[start : start + BLOCK], return_index=True)
        infinite[start + rows[~np.isfinite(coordinates).all(axis=1)]] = True
    findings = []
    for what, wrong in (("missing or empty", empty), ("with coordinates that are not finite", infinite)):
        if wrong.any():
            message = f"{int(wrong.sum()):,} of {len(geometry):,} shapes of {node} are {what}{_tell(shapes, wrong)}."
            findings.append(build_finding("geometry-invalid", f"{node}#/geometry", message, fix="Remove them."))
    findings += _check_crossings(shapes, geometry, empty | infinite, node)
    return [*findings, *_check_radii(shapes, geometry, node)]


def _check_crossings(shapes: Any, geometry: Any, broken: Any, node: str) -> list[Finding]:
    import numpy as np
    import shapely

    looked = geometry[:MAX_CROSSINGS]
    wrong = np.zeros(len(geometry), dtype=bool)
    wrong[: len(looked)] = ~shapely.is_valid(looked) & ~broken[: len(looked)]
    if not wrong.any():
        return []
    scope = "" if len(looked) == len(geometry) else f" (the first {len(looked):,} were looked at)"
    message = (
        f"{int(wrong.sum()):,} of {len(geometry):,} outlines of {node} cross themselves{scope}{_tell(shapes, wrong)}."
    )
    return [build_finding("geometry-self-crossing", f"{node}#/geometry", message, fix="Apply make_valid() to them.")]


def _check_radii(shapes: Any, geometry: Any, node: str) -> list[Finding]:
    import numpy as np
    import shapely

    points = shapely.get_type_id(geometry) == shapely.GeometryType.POINT
    if not points.any():
        return []
    if "radius" not in shapes.columns:
        message = f"{node} has circles, and no column 'radius' that says how large they are."
        return [build_finding("radius-invalid", f"{node}#/radius", message, fix="Add the column.")]
    radii = shapes["radius"].to_numpy(dtype=float, na_value=np.nan)
    wrong = points & ~(np.isfinite(radii) & (radii > 0))
    if not wrong.any():
        return []
    message = (
        f"{int(wrong.sum()):,} circles of {node} have radii that are not above 0 and finite{_tell(shapes, wrong)}."
    )
    return [build_finding("radius-invalid", f"{node}#/radius", message, fix="Correct or remove them.")]


def _tell(shapes: Any, wrong: Any) -> str:
    return f", the first is {str(shapes.index[wrong.argmax()])!r}"
