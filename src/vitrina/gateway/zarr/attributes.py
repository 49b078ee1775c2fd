"""Attributes of OME-Zarr 0.4 and 0.5, and of SpatialData on either Zarr format, turned into each other.

Both versions say the same of images, labels and plates; 0.5 keeps it under ``ome``, with one version for all.

Source: https://ngff.openmicroscopy.org/0.5/#history, and ``spatialdata/_io/format.py`` of SpatialData 0.8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrina.gateway.zarr.node import Json

_BLOCKS = ("multiscales", "omero", "image-label", "labels", "plate", "well", "series", "bioformats2raw.layout")
_VERSIONED = ("image-label", "plate", "well")
_SPATIALDATA = "spatialdata_attrs"
_KIND = "spatialdata-encoding-type"
_CONTAINER_VERSIONS = {2: "0.1", 3: "0.2"}
_RASTER_VERSIONS = {2: "0.2", 3: "0.3"}
_VERSIONS = {
    "ngff:points": {2: "0.1", 3: "0.2"},
    "ngff:shapes": {2: "0.2", 3: "0.3"},
    "ngff:regions_table": {2: "0.1", 3: "0.2"},
}


def to_v3(attrs: Json) -> dict[str, Any]:
    """Attributes of a group in Zarr 2 as they are written in Zarr 3."""
    kept = {key: value for key, value in attrs.items() if key not in _BLOCKS}
    blocks = {key: attrs[key] for key in _BLOCKS if key in attrs}
    if blocks:
        blocks = {key: _without_version(key, value) for key, value in blocks.items()}
        kept["ome"] = {"version": "0.5", **blocks}
    return _place_spatialdata(kept, 3)


def to_v2(attrs: Json) -> dict[str, Any]:
    """Attributes of a group in Zarr 3 as they are written in Zarr 2."""
    ome = attrs.get("ome")
    kept = {key: value for key, value in attrs.items() if key != "ome"}
    if isinstance(ome, dict):
        kept |= {key: _with_version(key, value) for key, value in ome.items() if key in _BLOCKS}
    return _place_spatialdata(kept, 2)


def _without_version(name: str, block: Any) -> Any:
    if name == "multiscales" and isinstance(block, list):
        return [_drop(one) for one in block]
    return _drop(block) if name in _VERSIONED else block


def _with_version(name: str, block: Any) -> Any:
    if name == "multiscales" and isinstance(block, list):
        return [{**one, "version": "0.4"} if isinstance(one, dict) else one for one in block]
    return {**block, "version": "0.4"} if name in _VERSIONED and isinstance(block, dict) else block


def _drop(block: Any) -> Any:
    return {key: value for key, value in block.items() if key != "version"} if isinstance(block, dict) else block


def _place_spatialdata(attrs: dict[str, Any], zarr_format: int) -> dict[str, Any]:
    """SpatialData numbers the versions of its parts by the format of Zarr."""
    if isinstance(attrs.get(_KIND), str) and attrs[_KIND] in _VERSIONS and "version" in attrs:
        attrs = {**attrs, "version": _VERSIONS[attrs[_KIND]][zarr_format]}
    own = attrs.get(_SPATIALDATA)
    if not isinstance(own, dict) or "version" not in own:
        return attrs
    if attrs.get("encoding-type") in _VERSIONS:
        version = _VERSIONS[attrs["encoding-type"]][zarr_format]
    elif "multiscales" in attrs or "ome" in attrs:
        version = _RASTER_VERSIONS[zarr_format]
    else:
        version = _CONTAINER_VERSIONS[zarr_format]
    return {**attrs, _SPATIALDATA: {**own, "version": version}}
