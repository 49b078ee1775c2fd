"""The images of a scene.

Source: https://ngff.openmicroscopy.org/0.6/#scene-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrina.checks.ngff.document import get_block
from vitrina.checks.ngff.image_parts import find_system
from vitrina.checks.ngff.paths import explain_illegal, join
from vitrina.checks.ngff.v06.references import get_reference
from vitrina.checks.ngff.v06.scene import MAX_TRANSFORMS, list_references
from vitrina.checks.ngff.v06.sizes import Sizes
from vitrina.checks.ngff.v06.systems import count_axes
from vitrina.checks.ngff.v06.transforms import check_transform
from vitrina.checks.ngff.walk_image import check_image_node, is_image
from vitrina.checks.ngff.walk_transforms import check_systems_of_others, check_targets, find_sizes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding


def walk_scene(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What is wrong with the images that a scene names, and with what its transformations refer to."""
    block, pointer = get_block(node.attrs)
    scene = block.get("scene")
    if not isinstance(scene, Mapping):
        return
    transforms = scene.get("coordinateTransformations")
    systems = count_axes(scene.get("coordinateSystems"))
    for i, transform in enumerate(transforms[:MAX_TRANSFORMS] if isinstance(transforms, list) else []):
        at = f"{pointer}/scene/coordinateTransformations/{i}"
        yield from check_systems_of_others(nodes, transform, place, at)
        yield from check_targets(nodes, transform, place, find_sizes(transform, systems), at)
        yield from _check_sizes(nodes, transform, place, systems, at)
    paths = dict.fromkeys(reference.path for _, reference in list_references(scene) if reference.path)
    for path in paths:
        if explain_illegal(path) is None and not nodes.is_exhausted:
            image = nodes.read(join(node.path, path))
            if is_image(image):
                yield from check_image_node(nodes, image, place)


def _check_sizes(
    nodes: Nodes, transform: object, place: Place, systems: dict[str, int | None], pointer: str
) -> Iterator[Finding]:
    """Whether a transformation fits the systems of the images, which the scene alone does not tell."""
    if not isinstance(transform, Mapping):
        return
    counts: list[int | None] = []
    for key in ("input", "output"):
        reference = get_reference(transform, key)
        count = None
        if reference is not None and reference.path is None:
            count = systems.get(reference.name)
        elif reference is not None and reference.path is not None and explain_illegal(reference.path) is None:
            system = find_system(nodes.read(join(place.node, reference.path)).attrs, reference.name)
            axes = system.get("axes") if system is not None else None
            count = len(axes) if isinstance(axes, list) else None
        counts.append(count)
    known = find_sizes(transform, systems)
    if tuple(counts) == tuple(known) or list(check_transform(place, transform, known, pointer)):
        return
    yield from check_transform(place, transform, Sizes(counts[0], counts[1]), pointer)
