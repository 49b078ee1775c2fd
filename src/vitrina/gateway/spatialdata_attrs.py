"""Attributes of SpatialData elements with overrides written into them: placements and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import DataError
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.ngff.affine import parse_affine
from vitrina.ngff.omero import build_omero
from vitrina.readers.ngff_image import describe_image

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.model.content import AffineXY, Placement, PointsElement, ShapesElement

_TYPES = {"c": "channel", "t": "time"}


def override_attrs(
    attrs: Mapping[str, Any], element: ImageElement | LabelsElement | PointsElement | ShapesElement
) -> dict[str, Any]:
    """The attributes of an element with the placements and channels that it has now.

    Source: https://spatialdata.scverse.org/en/stable/design_doc.html#transformations
    """
    if not isinstance(element, ImageElement | LabelsElement):
        axes = [str(axis) for axis in attrs.get("axes", ("x", "y"))]
        return {**attrs, "coordinateTransformations": _replace(attrs, axes, element.placements)}
    if isinstance(attrs.get("ome"), dict):
        return {**attrs, "ome": override_attrs(attrs["ome"], element)}
    completed = dict(attrs)
    multiscales = attrs.get("multiscales")
    if isinstance(multiscales, list) and multiscales and isinstance(multiscales[0], dict):
        axes = [str(axis.get("name")) for axis in multiscales[0].get("axes", []) if isinstance(axis, dict)]
        transforms = _replace(multiscales[0], axes, element.placements)
        completed["multiscales"] = [{**multiscales[0], "coordinateTransformations": transforms}, *multiscales[1:]]
    omero = describe_image(element).omero
    if omero is not None:
        completed["omero"] = {**(attrs.get("omero") or {}), **build_omero(omero)}
    return completed


def _replace(holder: Mapping[str, Any], axes: Sequence[str], placements: Sequence[Placement]) -> list[Any]:
    transforms = holder.get("coordinateTransformations")
    kept = list(transforms) if isinstance(transforms, list) else []
    for placement in placements:
        index = next((i for i, one in enumerate(kept) if _get_output(one) == placement.coordinate_system), None)
        if index is None:
            kept.append(_build(axes, placement))
        elif _find_affine(kept[index], axes) != placement.affine_xy:
            kept[index] = _build(axes, placement)
    return kept


def _get_output(transform: object) -> object:
    output = transform.get("output") if isinstance(transform, dict) else None
    return output.get("name") if isinstance(output, dict) else output


def _find_affine(transform: object, axes: Sequence[str]) -> AffineXY | None:
    try:
        return parse_affine(transform, axes, "#").to_xy()
    except DataError:
        return None


def _build(axes: Sequence[str], placement: Placement) -> dict[str, Any]:
    a, b, c, d, e, f = placement.affine_xy
    factors = {("x", "x"): a, ("x", "y"): b, ("y", "x"): d, ("y", "y"): e}
    offsets = {"x": c, "y": f}
    rows = [
        [*(factors.get((out, into), 1.0 if out == into else 0.0) for into in axes), offsets.get(out, 0.0)]
        for out in axes
    ]
    spelled = [{"name": name, "type": _TYPES.get(name, "space"), "unit": "unit"} for name in axes]
    return {
        "type": "affine",
        "affine": rows,
        "input": {"name": "".join(axes), "axes": spelled},
        "output": {"name": placement.coordinate_system, "axes": spelled},
    }
