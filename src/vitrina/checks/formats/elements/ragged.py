"""Shapes of SpatialData before 0.2: coordinates, offsets and radii as Zarr arrays.

Source: https://github.com/scverse/spatialdata/blob/main/src/spatialdata/_io/io_shapes.py (format 0.1)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.checks.formats.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree


def check_ragged(tree: ZarrTree, path: str, attrs: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the arrays are there, and circles have as many positions, names and radii."""
    own = attrs.get("spatialdata_attrs")
    geos = own.get("geos") if isinstance(own, dict) else None
    name = geos.get("name") if isinstance(geos, dict) else None
    if name not in ("POINT", "POLYGON", "MULTIPOLYGON"):
        message = f"The spatialdata_attrs of {path} must say which geometry it has, but it is {str(name)[:60]!r}."
        yield build_finding("geometry-type", f"{path}#/spatialdata_attrs/geos/name", message)
        return
    needed = ("coords", "Index", *(("radius",) if name == "POINT" else ("offset0",)))
    lengths: dict[str, int] = {}
    for own_name in needed:
        info = tree.find_array(f"{path}/{own_name}")
        if info is None or not info.shape:
            message = f"{path} has no array {own_name!r}, which its shapes of type {name} need."
            yield build_finding("geometry-missing", f"{path}#/{own_name}", message)
        else:
            lengths[own_name] = info.shape[0]
    if name == "POINT" and len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} {size:,}" for key, size in lengths.items())
        message = f"The arrays of {path} must be as long as each other, but have {told} values."
        yield build_finding("geometry-length-differs", f"{path}#", message)
