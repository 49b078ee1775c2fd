"""An image of a store: its arrays, what its transformations refer to, and its labels.

Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md, https://ngff.openmicroscopy.org/0.4/#image-layout
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrina.checks.ngff.document import check_document, find_kind, get_block
from vitrina.checks.ngff.image_parts import check_arrays, check_version, get_axes, list_multiscales
from vitrina.checks.ngff.place import Place
from vitrina.checks.ngff.version import detect_version
from vitrina.checks.ngff.walk_labels import walk_labels
from vitrina.checks.ngff.walk_transforms import walk_transforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.levels import Level
    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject


def walk_image(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What is wrong with the arrays of an image and with its labels."""
    levels: list[Level] = []
    yield from check_arrays(nodes, node, place, levels, is_labels=find_kind(node.attrs) == "labels")
    yield from _check_channel_count(place, node.attrs, levels)
    yield from walk_transforms(nodes, node, place)
    yield from walk_labels(nodes, node, place, levels)


def check_image_node(nodes: Nodes, node: Node, parent: Place) -> Iterator[Finding]:
    """What is wrong with an image that another group names, and with everything below it."""
    place = Place(version=detect_version(node.attrs, parent.version), node=node.path)
    yield from node.findings
    yield from check_version(parent, place)
    yield from check_document(place, node.attrs)
    yield from walk_image(nodes, node, place)


def is_image(node: Node) -> bool:
    """Whether a node is a group with ``multiscales``."""
    return node.kind == "group" and "multiscales" in get_block(node.attrs)[0]


def _check_channel_count(place: Place, attrs: JsonObject, levels: list[Level]) -> Iterator[Finding]:
    block, pointer = get_block(attrs)
    omero = block.get("omero")
    channels = omero.get("channels") if isinstance(omero, Mapping) else None
    multiscales = list_multiscales(attrs)
    if not isinstance(channels, list) or not levels or levels[0].facts.shape is None or not multiscales:
        return
    axes = get_axes(place, multiscales[0])
    types = [
        axis.get("type") if isinstance(axis, Mapping) else {"c": "channel"}.get(axis)
        for axis in axes
        if isinstance(axis, Mapping | str)
    ]
    shape = levels[0].facts.shape
    n_channels = shape[types.index("channel")] if "channel" in types and types.index("channel") < len(shape) else 1
    if len(channels) != n_channels:
        message = (
            f"omero at {pointer}/omero/channels has {len(channels)} channels and the arrays have {n_channels}; as "
            "many are expected."
        )
        yield place.find("omero-channel-count", f"{pointer}/omero/channels", message)
