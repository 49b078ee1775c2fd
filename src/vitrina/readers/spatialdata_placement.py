"""Where SpatialData elements lie in each coordinate system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import ImageElement, LabelsElement, Placement
from vitrina.model.finding import Finding
from vitrina.ngff.affine import parse_affine
from vitrina.ngff.json_value import get_object, malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.model.content import Element, PointsElement, ShapesElement

GLOBAL = "global"
"""The coordinate system that SpatialData takes when nobody names one."""


def parse_placements(
    transforms: Iterable[Any], axes: Sequence[str], path: str
) -> tuple[tuple[Placement, ...], tuple[Finding, ...]]:
    """The affine map to each coordinate system that an element names.

    Args:
        transforms: The element's ``coordinateTransformations`` that lead to a coordinate system.
        axes: Names of the element's axes, in the order of its metadata.
        path: Path of the element.

    Raises:
        DataError: A transformation is malformed.

    Source: https://spatialdata.scverse.org/en/stable/design_doc.html#transformations
    """
    placements, findings = [], []
    for i, value in enumerate(transforms):
        pointer = f"{path}#/coordinateTransformations/{i}"
        affine = parse_affine(value, axes, pointer)
        name = _parse_system_name(value, f"{pointer}/output")
        placements.append(
            Placement(
                coordinate_system=name,
                affine_xy=affine.to_xy(),
                scale_z=affine.get_factor("z", "z"),
                offset_z=affine.get_offset("z"),
            )
        )
        mixed = affine.mixes_into_xy()
        if mixed:
            findings.append(_mixed(name, mixed, pointer))
    return tuple(placements), tuple(findings)


def list_coordinate_systems(elements: Iterable[Element]) -> tuple[str, ...]:
    """The names that the elements' placements use, sorted, ``global`` first."""
    names = {placement.coordinate_system for element in elements for placement in getattr(element, "placements", ())}
    return tuple(sorted(names, key=lambda name: (name != "global", name)))


def _parse_system_name(value: Any, pointer: str) -> str:
    output = get_object(value, pointer).get("output")
    name = output.get("name") if isinstance(output, dict) else output
    if not isinstance(name, str) or not name:
        raise malformed(pointer, output, "the name of a coordinate system")
    return name


def _mixed(name: str, axes: tuple[str, ...], pointer: str) -> Finding:
    return Finding(
        code="placement-mixed",
        severity="warning",
        path=pointer,
        message=f"The position of the element in {name!r} depends on {', '.join(axes)} too; it is shown as if that "
        "were zero.",
    )


def find_placements(element: ImageElement | LabelsElement | PointsElement | ShapesElement) -> tuple[Placement, ...]:
    """Where an element lies; one that does not say it lies in ``global``, an image by the size of its pixels."""
    if element.placements:
        return element.placements
    if isinstance(element, ImageElement | LabelsElement):
        level = element.levels[0]
        names = [axis.name.lower() for axis in element.axes]
        x, y = names.index("x"), names.index("y")
        z = names.index("z") if "z" in names else None
        return (
            Placement(
                coordinate_system=GLOBAL,
                affine_xy=(level.scale[x], 0.0, level.translation[x], 0.0, level.scale[y], level.translation[y]),
                scale_z=1.0 if z is None else level.scale[z],
                offset_z=0.0 if z is None else level.translation[z],
            ),
        )
    return (Placement(coordinate_system=GLOBAL),)
