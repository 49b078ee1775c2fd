"""Walking a store from its root: which rules apply to which node."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.checks.ngff.consolidated import check_consolidated
from vitrina.checks.ngff.document import check_document, find_kind, get_block
from vitrina.checks.ngff.place import Place
from vitrina.checks.ngff.ro_crate import check_ro_crate
from vitrina.checks.ngff.version import Version, detect_version
from vitrina.checks.ngff.walk_collection import walk_collection
from vitrina.checks.ngff.walk_image import walk_image
from vitrina.checks.ngff.walk_labels import walk_label_group
from vitrina.checks.ngff.walk_plate import walk_plate, walk_well
from vitrina.checks.ngff.walk_scene import walk_scene
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes


def check_root(nodes: Nodes, root: Node) -> Iterator[Finding]:
    """What is wrong with the group at the root, taken by itself."""
    yield from root.findings
    if root.kind == "array":
        message = "The root is an array; a group with OME-Zarr metadata is expected."
        yield Finding(code="zarr-node-type", severity="error", path="#", message=message)
    elif root.kind == "group":
        version = detect_version(root.attrs)
        yield from _check_format(nodes, version, root)
        yield from check_document(Place(version=version, is_alone=True), root.attrs)


def walk_root(nodes: Nodes, root: Node) -> Iterator[Finding]:
    """What is wrong with the group at the root and everything that it names."""
    alone = Place(version=detect_version(root.attrs))
    if root.kind != "group":
        yield from check_root(nodes, root)
        return
    yield from root.findings
    yield from _check_format(nodes, alone.version, root)
    yield from check_document(alone, root.attrs)
    yield from walk_below(nodes, root, alone)
    yield from check_consolidated(nodes, root)
    yield from check_ro_crate(nodes.tree)
    if nodes.is_exhausted:
        message = f"Only the first {nodes.n_read:,} nodes of the store were looked at."
        yield Finding(code="nodes-left-out", severity="info", path="#", message=message)


def walk_below(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What is wrong with everything that a group names; the group itself is checked already."""
    block, _ = get_block(node.attrs)
    here = replace(place, node=node.path)
    match find_kind(node.attrs):
        case "image" | "labels":
            yield from walk_image(nodes, node, here)
        case "plate":
            yield from walk_plate(nodes, node, here)
        case "well":
            yield from walk_well(nodes, node, here)
        case "scene":
            yield from walk_scene(nodes, node, here)
        case "bioformats2raw":
            yield from walk_collection(nodes, node, here)
        case "label-list":
            yield from walk_label_group(nodes, node, here, image=None)
        case _:
            return
    if "plate" in block and "bioformats2raw.layout" in block:
        yield from walk_collection(nodes, node, here)


def _check_format(nodes: Nodes, version: Version, root: Node) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.4/#on-disk, https://ngff.openmicroscopy.org/0.5/#storage-format."""
    if "ome" in root.attrs and get_block(root.attrs)[0] is root.attrs:
        return  # ome is no object, so that the version cannot be told
    expected = 3 if version.is_namespaced else 2
    if nodes.format != expected and version.issue != "misplaced":
        message = (
            f"OME-Zarr {version.rules} is stored in Zarr {expected}, and this store is Zarr {nodes.format}; Zarr "
            f"{expected} is expected."
        )
        yield Finding(code="zarr-format-mismatch", severity="error", path="#", message=message)
    elif nodes.find_other_format(""):
        other = 2 if nodes.format == 3 else 3
        message = (
            f"The root has documents of Zarr {other} as well as of Zarr {nodes.format}; those of one version are "
            "expected."
        )
        yield Finding(code="zarr-formats-mixed", severity="warning", path="#", message=message)
