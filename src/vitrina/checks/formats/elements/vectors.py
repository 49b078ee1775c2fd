"""Points and shapes: a Zarr group with a Parquet table in it.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#points and #shapes, and
https://geoparquet.org/releases/v1.1.0/ for the geometry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.elements.geometry import check_geometry
from vitrina.checks.formats.elements.placement import check_placements
from vitrina.checks.formats.elements.ragged import check_ragged
from vitrina.checks.formats.parquet.columns import check_coordinates, check_row_groups, list_columns
from vitrina.checks.formats.parquet.parts import Part, check_parts, count_rows, open_parts

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

_AXES: Final = (["x", "y"], ["x", "y", "z"])
_TYPES: Final = {"points": "ngff:points", "shapes": "ngff:shapes"}
_VERSIONS: Final = {"points": ("0.1", "0.2"), "shapes": ("0.1", "0.2", "0.3")}
"""Source: https://github.com/scverse/spatialdata/blob/main/src/spatialdata/_io/format.py"""


def check_vectors(tree: ZarrTree, path: str, kind: str) -> Iterator[Finding]:
    """What is wrong with the points or shapes at a path; ``kind`` is the folder that they lie in."""
    attrs = tree.read_attrs(path)
    version = yield from _check_type(attrs, path, kind)
    axes = attrs.get("axes")
    if axes not in _AXES:
        message = f"The axes of {path} must be x, y or x, y, z, but they are {str(axes)[:60]}."
        yield build_finding("axes-invalid", f"{path}#/axes", message)
        axes = ["x", "y"]
    transforms = attrs.get("coordinateTransformations")
    yield from keep_going(path, check_placements(transforms, axes, path, "/coordinateTransformations"))
    if kind == "shapes" and version == "0.1":
        yield from keep_going(path, check_ragged(tree, path, attrs))
    else:
        yield from keep_going(path, _check_table(tree, path, kind, attrs, axes))


def _check_type(attrs: Mapping[str, Any], path: str, kind: str) -> Generator[Finding, None, Any]:
    """Yields findings; returns the version that the element states."""
    stated = attrs.get("encoding-type")
    if stated != _TYPES[kind]:
        message = f"{path} lies among {kind}, but its encoding-type is {str(stated)[:60]!r}, not {_TYPES[kind]!r}."
        yield build_finding("element-type-differs", f"{path}#/encoding-type", message)
    own = attrs.get("spatialdata_attrs")
    version = own.get("version") if isinstance(own, dict) else None
    if version not in _VERSIONS[kind]:
        message = (
            f"The spatialdata_attrs of {path} must say the version of its format, {' or '.join(_VERSIONS[kind])}, but "
            f"it is {'absent' if version is None else repr(version)[:40]}."
        )
        yield build_finding("element-version", f"{path}#/spatialdata_attrs/version", message)
    return version


def _check_table(tree: ZarrTree, path: str, kind: str, attrs: Mapping[str, Any], axes: list[str]) -> Iterator[Finding]:
    stored = f"{path}/{kind}.parquet"
    name = f"{kind}.parquet"
    if name not in tree.tree.list_children(path):
        message = f"{path} has no {name}, which holds its {kind}."
        yield build_finding("parquet-missing", f"{path}#", message, fix="Copy the dataset again.")
        return
    with open_parts(tree.tree, stored) as (parts, findings):
        yield from findings
        if not parts:
            return
        yield from keep_going(stored, check_parts(parts))
        check = _check_points(parts, attrs, axes, path) if kind == "points" else check_geometry(parts, path)
        yield from keep_going(stored, check)
        if not count_rows(parts):
            yield build_finding("element-empty", f"{path}#", f"{path} has no {kind}.")


def _check_points(parts: list[Part], attrs: Mapping[str, Any], axes: list[str], path: str) -> Iterator[Finding]:
    yield from check_coordinates(parts, axes, path)
    yield from check_row_groups(parts)
    own = attrs.get("spatialdata_attrs")
    columns = list_columns(parts[0])
    for key in ("feature_key", "instance_key"):
        name = own.get(key) if isinstance(own, dict) else None
        if name is not None and name not in columns:
            message = f"The {key} of {path} is {str(name)[:60]!r}, which is no column of its points."
            code = "feature-key-missing" if key == "feature_key" else "instance-key-missing"
            yield build_finding(code, f"{path}#/spatialdata_attrs/{key}", message)
