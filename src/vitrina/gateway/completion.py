"""What stored metadata lacks for the viewer, and the attributes with it filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.gateway.omero import complete_attrs
from vitrina.gateway.spatialdata_attrs import override_attrs
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement
from vitrina.readers.ngff_image import find_flat_levels, find_middle_plane

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.content import Content

type Incomplete = ImageElement | LabelsElement | PointsElement | ShapesElement


def find_incomplete(content: Content) -> dict[str, Incomplete]:
    """The elements, by path, that the viewer cannot show from their own metadata.

    In OME-Zarr every raster, since ``omero`` and true units are optional there; in SpatialData points whose gene column
    is not named, rasters whose depth shrinks from level to level, and whatever has overrides.
    """
    if content.format == "ome-zarr":
        return {e.path: e for e in content.elements if isinstance(e, ImageElement | LabelsElement)}
    is_guessed = any(finding.code == "feature-key-guessed" for finding in content.findings)
    found: dict[str, Incomplete] = {}
    for element in content.elements:
        match element:
            case PointsElement() if is_guessed and element.feature_key is not None:
                found[element.path] = element
            case ImageElement() | LabelsElement() if find_flat_levels(element) != element.levels:
                found[element.path] = element
            case ImageElement() | LabelsElement() | PointsElement() | ShapesElement() if (
                element.path in content.overridden
            ):
                found[element.path] = element
            case _:
                pass
    return found


def complete(attrs: Mapping[str, Any], element: Incomplete, *, is_overridden: bool = False) -> dict[str, Any]:
    """The attributes of one element's group, filled in from what a reader found, and from what a person said."""
    completed = _complete(attrs, element)
    if not is_overridden or "spatialdata_attrs" not in completed:
        return completed
    return override_attrs(completed, element)


def _complete(attrs: Mapping[str, Any], element: Incomplete) -> dict[str, Any]:
    if isinstance(element, PointsElement):
        named = attrs.get("spatialdata_attrs")
        feature = {} if element.feature_key is None else {"feature_key": element.feature_key}
        return {**attrs, "spatialdata_attrs": {**feature, **(named or {})}}
    if isinstance(element, ShapesElement):
        return dict(attrs)
    if "spatialdata_attrs" in attrs:
        return _drop_shrunk_levels(attrs, element)
    return complete_attrs(attrs, element)


def _drop_shrunk_levels(attrs: Mapping[str, Any], element: ImageElement | LabelsElement) -> dict[str, Any]:
    """SpatialData's own attributes, with the levels that the viewer can show, and the middle plane as the first."""
    if isinstance(attrs.get("ome"), dict):
        return {**attrs, "ome": _drop_shrunk_levels(attrs["ome"], element)}
    multiscales = attrs.get("multiscales")
    if not (isinstance(multiscales, list) and multiscales and isinstance(multiscales[0], dict)):
        return dict(attrs)
    kept = {level.path.removeprefix(f"{element.path}/") for level in find_flat_levels(element)}
    datasets = [dataset for dataset in multiscales[0].get("datasets", []) if dataset.get("path") in kept]
    completed = {**attrs, "multiscales": [{**multiscales[0], "datasets": datasets}, *multiscales[1:]]}
    if isinstance(attrs.get("omero"), dict):
        completed["omero"] = {"rdefs": {"model": "greyscale", "defaultZ": find_middle_plane(element)}, **attrs["omero"]}
    return completed
