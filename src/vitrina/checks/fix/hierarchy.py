"""The groups and arrays of a Zarr hierarchy, as far as repairs need them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitrina.errors import VitrinaError
from vitrina.ngff.detect import get_block

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.readers.source import Tree
    from vitrina.readers.zarr_tree import ZarrTree

MAX_NODES = 100_000
"""Further nodes are not looked at."""

MAX_DEPTH = 16
"""Deeper nodes are not looked at."""


def join(*parts: str) -> str:
    """A path of parts, any of which may be empty."""
    return "/".join(part for part in parts if part)


def iterate_groups(zarr_tree: ZarrTree) -> Iterator[str]:
    """Paths of the groups, parents first, and of folders called ``labels`` below images that lack metadata."""
    waiting, n_nodes = [""], 0
    while waiting and n_nodes < MAX_NODES:
        path = waiting.pop()
        n_nodes += 1
        if is_array(zarr_tree, path):
            continue
        yield path
        if path.count("/") >= MAX_DEPTH:
            continue
        is_image = "multiscales" in get_block(read_attrs(zarr_tree, path))
        children = zarr_tree.tree.list_children(path)
        waiting += reversed(
            [
                join(path, name)
                for name in children
                if not name.startswith(".")
                and (_has_node(zarr_tree, join(path, name)) or (is_image and name == "labels"))
            ]
        )


def is_array(zarr_tree: ZarrTree, path: str) -> bool:
    """Whether an array lies at a path."""
    if zarr_tree.format == 2:
        return zarr_tree.tree.get(join(path, ".zarray")) is not None
    return (read_document(zarr_tree.tree, join(path, "zarr.json")) or {}).get("node_type") == "array"


def read_attrs(zarr_tree: ZarrTree, path: str) -> dict[str, Any]:
    """The attributes of a group; empty when it has none, or damaged ones."""
    try:
        return zarr_tree.read_attrs(path)
    except VitrinaError:
        return {}


def read_document(tree: Tree, key: str) -> dict[str, Any] | None:
    """A metadata document, None when it is absent or damaged."""
    try:
        value = json.loads(tree.get(key) or b"null")
    except (VitrinaError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def build_group_documents(zarr_tree: ZarrTree, path: str, attrs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The documents of a group with these attributes, by key."""
    if zarr_tree.format == 3:
        key = join(path, "zarr.json")
        stored = read_document(zarr_tree.tree, key) or {"node_type": "group"}
        return {key: {**stored, "zarr_format": 3, "attributes": attrs}}
    return {join(path, ".zgroup"): {"zarr_format": 2}, join(path, ".zattrs"): attrs}


def _has_node(zarr_tree: ZarrTree, path: str) -> bool:
    try:
        return zarr_tree.has_node(path)
    except VitrinaError:
        return False
