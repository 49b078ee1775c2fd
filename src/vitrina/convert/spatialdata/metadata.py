"""The attributes by which SpatialData knows its elements, and the transformations that say where they lie.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html and
https://github.com/scverse/spatialdata/blob/main/src/spatialdata/_io/format.py for the versions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from vitrina.convert.zarr.arrays import build_json_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from vitrina.model.content import Placement

    type ContainerVersion = Literal["0.1", "0.2"]

RASTER_VERSIONS = {"0.1": "0.2", "0.2": "0.3"}
OME_VERSIONS = {"0.1": "0.4-dev-spatialdata", "0.2": "0.5-dev-spatialdata"}
POINTS_VERSIONS = {"0.1": "0.1", "0.2": "0.2"}
SHAPES_VERSIONS = {"0.1": "0.2", "0.2": "0.3"}
TABLE_VERSIONS = {"0.1": "0.1", "0.2": "0.2"}
"""Versions of each kind of element, by that of the container."""

_ATTRS = "spatialdata_attrs"


def build_transformations(placements: Sequence[Placement], axes: Sequence[str]) -> list[dict[str, Any]]:
    """``coordinateTransformations`` of an element, each in the simplest form that says it.

    Args:
        placements: Where it lies.
        axes: Of the element, in the order of its metadata.
    """
    return [_build_transformation(placement, axes) for placement in placements]


def write_group(folder: Path, attrs: Mapping[str, Any], version: ContainerVersion) -> None:
    """A group with attributes."""
    folder.mkdir(parents=True, exist_ok=True)
    if version == "0.2":
        document = {"zarr_format": 3, "node_type": "group", "attributes": dict(attrs)}
        (folder / "zarr.json").write_bytes(build_json_bytes(document))
        return
    (folder / ".zgroup").write_bytes(build_json_bytes({"zarr_format": 2}))
    (folder / ".zattrs").write_bytes(build_json_bytes(dict(attrs)))


def update_attrs(folder: Path, attrs: Mapping[str, Any], version: ContainerVersion) -> None:
    """Add attributes to a group that is there."""
    if version == "0.2":
        document = json.loads((folder / "zarr.json").read_bytes())
        document["attributes"] = {**document.get("attributes", {}), **attrs}
        (folder / "zarr.json").write_bytes(build_json_bytes(document))
        return
    path = folder / ".zattrs"
    known = json.loads(path.read_bytes()) if path.exists() else {}
    path.write_bytes(build_json_bytes({**known, **attrs}))


def write_root(folder: Path, attrs: Mapping[str, Any], version: ContainerVersion) -> None:
    """The root of the dataset."""
    from importlib.metadata import version as get_version

    own = {"version": version, "spatialdata_software_version": get_version("spatialdata")}
    write_group(folder, {_ATTRS: own, **attrs}, version)


def annotate_raster(
    folder: Path, placements: Sequence[Placement], axes: Sequence[str], version: ContainerVersion
) -> None:
    """Make SpatialData's image or labels of an image of OME-Zarr.

    Args:
        folder: Of its group.
        placements: From pixels of the finest level.
        axes: Of the image.
        version: Of the container.
    """
    path = folder / ("zarr.json" if version == "0.2" else ".zattrs")
    document = json.loads(path.read_bytes())
    attrs = document["attributes"] if version == "0.2" else document
    block = attrs["ome"] if version == "0.2" else attrs
    block["multiscales"][0]["coordinateTransformations"] = build_transformations(placements, axes)
    holder = block if version == "0.2" else block["multiscales"][0]
    holder["version"] = OME_VERSIONS[version]
    attrs[_ATTRS] = {"version": RASTER_VERSIONS[version]}
    path.write_bytes(build_json_bytes(document))


def build_vector_attrs(
    kind: Literal["points", "shapes"],
    placements: Sequence[Placement],
    axes: Sequence[str],
    version: ContainerVersion,
    keys: Mapping[str, str | None] | None = None,
) -> dict[str, Any]:
    """The attributes of points or shapes.

    Args:
        kind: Which of them.
        placements: Where they lie.
        axes: ``x``, ``y`` and maybe ``z``.
        version: Of the container.
        keys: ``feature_key`` and ``instance_key`` of points; None for one that is not known.
    """
    versions = POINTS_VERSIONS if kind == "points" else SHAPES_VERSIONS
    known = {name: value for name, value in (keys or {}).items() if value is not None}
    return {
        "encoding-type": f"ngff:{kind}",
        "axes": list(axes),
        "coordinateTransformations": build_transformations(placements, axes),
        _ATTRS: {**known, "version": versions[version]},
    }


def _build_transformation(placement: Placement, axes: Sequence[str]) -> dict[str, Any]:
    a, b, c, d, e, f = placement.affine_xy
    factors = {("x", "x"): a, ("x", "y"): b, ("y", "x"): d, ("y", "y"): e, ("z", "z"): placement.scale_z}
    offsets = {"x": c, "y": f, "z": placement.offset_z}
    rows = [[factors.get((row, axis), float(row == axis)) for axis in axes] + [offsets.get(row, 0.0)] for row in axes]
    systems = {
        "input": _build_system("".join(axes), axes),
        "output": _build_system(placement.coordinate_system, axes),
    }
    is_diagonal = all(row[i] == 0 for n, row in enumerate(rows) for i in range(len(row)) if i != n)
    if not is_diagonal:
        return {"type": "affine", "affine": rows, **systems}
    scale = [row[n] for n, row in enumerate(rows)]
    if all(one == 1 for one in scale):
        return {"type": "identity", **systems}
    return {"type": "scale", "scale": scale, **systems}


def _build_system(name: str, axes: Sequence[str]) -> dict[str, Any]:
    channel = {"name": "c", "type": "channel"}
    return {
        "name": name,
        "axes": [channel if axis == "c" else {"name": axis, "type": "space", "unit": "unit"} for axis in axes],
    }
