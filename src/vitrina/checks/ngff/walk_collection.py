"""The images of a collection as bioformats2raw lays it out.

Source: https://ngff.openmicroscopy.org/0.4/#bf2raw-details, https://ngff.openmicroscopy.org/0.5/#bf2raw-details
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.document import check_document, get_block
from vitrina.checks.ngff.image_parts import check_version
from vitrina.checks.ngff.ome_xml import check_ome_xml
from vitrina.checks.ngff.paths import explain_illegal, join
from vitrina.checks.ngff.place import Place
from vitrina.checks.ngff.series import MAX_SERIES
from vitrina.checks.ngff.version import detect_version
from vitrina.checks.ngff.walk_image import check_image_node, is_image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.model.finding import Finding


def walk_collection(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What is wrong with the images of a collection, or, in a plate, with the list of them."""
    is_plate = "plate" in get_block(node.attrs)[0]
    group = nodes.read(join(node.path, "OME"))
    yield from group.findings
    series = None
    if group.kind == "group":
        block, pointer = get_block(group.attrs)
        if "series" in block:
            here = Place(version=detect_version(group.attrs, place.version), node=group.path)
            yield from check_version(place, here)
            yield from check_document(here, group.attrs)
            series = block["series"]
            yield from _walk_series(nodes, node, here, series, f"{pointer}/series", is_plate=is_plate)
    n_images = len(series) if isinstance(series, list) else None
    if series is None and not is_plate:
        n_images = 0
        while not nodes.is_exhausted and n_images < MAX_SERIES:
            image = nodes.read(join(node.path, str(n_images)))
            if not is_image(image):
                break
            yield from check_image_node(nodes, image, place)
            n_images += 1
        yield from _check_numbers(nodes, node, place, n_images)
    yield from check_ome_xml(nodes.tree, join(node.path, "OME"), place, None if is_plate else n_images)


def _walk_series(
    nodes: Nodes, node: Node, place: Place, series: object, pointer: str, *, is_plate: bool
) -> Iterator[Finding]:
    for i, path in enumerate(series[:MAX_SERIES] if isinstance(series, list) else []):
        if not isinstance(path, str) or explain_illegal(path) is not None or nodes.is_exhausted:
            continue
        image = nodes.read(join(node.path, path))
        if is_image(image):
            if not is_plate:  # the walk over its wells comes by them
                yield from check_image_node(nodes, image, place)
            continue
        yield from image.findings
        if image.kind != "broken":
            found = "is nothing" if image.kind == "missing" else "is no image"
            message = (
                f"There {found} at {image.path!r}, which {pointer}/{i} of {place.node!r} names; an image is expected "
                "there."
            )
            yield place.find("series-image-missing", f"{pointer}/{i}", message)


def _check_numbers(nodes: Nodes, node: Node, place: Place, n_images: int) -> Iterator[Finding]:
    """Whether the images are numbered from 0 on without a gap."""
    numbers = sorted(
        int(name) for name in nodes.list_children(node.path) if name.isascii() and name.isdecimal() and len(name) < 9
    )
    later = next((number for number in numbers if number > n_images), None)
    at_gap = nodes.read(join(node.path, str(n_images)))
    if at_gap.kind not in {"missing", "broken"} and not is_image(at_gap):
        message = (
            f"{at_gap.path!r} is no image; the images of a collection without series are expected to be numbered "
            "from 0 on."
        )
        yield place.find("series-image-missing", "", message)
    elif later is not None:
        message = (
            f"There is no image {n_images!r}, though there is {later!r}; the images of a collection without series "
            "are expected to be numbered from 0 on."
        )
        yield place.find("series-image-missing", "", message)
    elif n_images == 0:
        message = "There is no image '0' and no list of series in OME; at least one image is expected in a collection."
        yield place.find("series-empty", "", message)
