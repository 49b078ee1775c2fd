"""Scenes of 0.6: how the coordinate systems of several images lie to each other.

Source: https://ngff.openmicroscopy.org/0.6/#scene-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.v06.references import Reference, check_reference, find_component, get_reference
from vitrina.checks.ngff.v06.sizes import Sizes
from vitrina.checks.ngff.v06.systems import check_systems, count_axes
from vitrina.checks.ngff.v06.transforms import check_transform
from vitrina.checks.ngff.value import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

MAX_TRANSFORMS = 10_000
"""Further transformations of a scene are not looked at."""

_KEYS = frozenset({"name", "path"})


def check_scene(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the ``scene`` block."""
    if not isinstance(value, Mapping):
        yield place.find("scene-invalid", pointer, f"scene at {pointer} is {show(value)}; an object is expected.")
        return
    if "coordinateSystems" in value:
        where = f"{pointer}/coordinateSystems"
        yield from check_systems(place, value["coordinateSystems"], where, may_be_empty=True)
    where = f"{pointer}/coordinateTransformations"
    transforms = value.get("coordinateTransformations")
    if not isinstance(transforms, list) or not transforms:
        found = "has none" if "coordinateTransformations" not in value else f"has {show(transforms)}"
        message = f"The scene at {pointer} {found} as coordinateTransformations; a list of at least one is expected."
        yield place.find("scene-transforms-missing", where, message)
        return
    systems = count_axes(value.get("coordinateSystems"))
    for i, transform in enumerate(transforms[:MAX_TRANSFORMS]):
        yield from _check_one(place, transform, systems, f"{where}/{i}")
    yield from _check_connected(place, transforms[:MAX_TRANSFORMS], systems, pointer)


def list_references(scene: JsonObject) -> Iterator[tuple[str, Reference]]:
    """What the transformations of a scene refer to, with the JSON pointer below the scene."""
    transforms = scene.get("coordinateTransformations")
    for i, transform in enumerate(transforms[:MAX_TRANSFORMS] if isinstance(transforms, list) else []):
        for key in ("input", "output"):
            reference = get_reference(transform, key) if isinstance(transform, Mapping) else None
            if reference is not None:
                yield f"/coordinateTransformations/{i}/{key}", reference


def _check_one(place: Place, transform: Any, systems: dict[str, int | None], pointer: str) -> Iterator[Finding]:
    ends = [get_reference(transform, key) if isinstance(transform, Mapping) else None for key in ("input", "output")]
    counts = [systems.get(end.name) if end is not None and end.path is None else None for end in ends]
    yield from check_transform(place, transform, Sizes(counts[0], counts[1]), pointer)
    if not isinstance(transform, Mapping):
        return
    for key, end in zip(("input", "output"), ends, strict=True):
        yield from check_reference(place, transform, key, "name", pointer, only=_KEYS)
        if end is not None and end.path is None and end.name not in systems:
            message = (
                f"There is no coordinate system {show(end.name)} in the scene, which {pointer}/{key} names; one of "
                "its own, or a path, is expected."
            )
            yield place.find_reference("transform-reference-unknown", f"{pointer}/{key}/name", message)


def _check_connected(
    place: Place, transforms: list[Any], systems: dict[str, int | None], pointer: str
) -> Iterator[Finding]:
    """Whether all is connected; systems of one image count as one, for its own metadata connects them."""
    edges = []
    for transform in transforms:
        ends = [
            get_reference(transform, key) if isinstance(transform, Mapping) else None for key in ("input", "output")
        ]
        if ends[0] is not None and ends[1] is not None:
            edges.append((_get_node(ends[0]), _get_node(ends[1])))
    nodes = [("system", name) for name in systems] + [node for edge in edges for node in edge]
    if not nodes:
        return
    reached = find_component(nodes[0], [(one, other) for one, other in edges])
    apart = next((node for node in nodes if node not in reached), None)
    if apart is not None:
        message = (
            f"No transformation leads from {show(nodes[0][1])} to {show(apart[1])}; all coordinate systems are "
            "expected to be connected."
        )
        yield place.find_reference("systems-unconnected", f"{pointer}/coordinateTransformations", message)


def _get_node(reference: Reference) -> tuple[str, str]:
    return ("system", reference.name) if reference.path is None else ("image", reference.path)
