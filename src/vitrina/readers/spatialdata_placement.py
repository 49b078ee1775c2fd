"""Where SpatialData elements lie in each coordinate system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import Placement
from vitrina.model.finding import Finding
from vitrina.ngff.affine import parse_affine
from vitrina.ngff.json_value import get_object, malformed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.model.content import Element


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
        placements.append(Placement(coordinate_system=name, affine_xy=affine.to_xy()))
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
