"""What a group says of all nodes below it, in one document: HTTP lists no folders, and clients must find members.

Without it ``zarr.open_group(url)`` has no keys, and anndata and mudata, which read all of a group, find nothing.

Source: https://zarr.readthedocs.io/en/stable/user-guide/consolidated_metadata.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vitrina.gateway.zarr.node import Json

    type Documents = Mapping[str, Json]
    """Of one node, by their names: ``.zgroup``, ``.zarray``, ``.zattrs``; or ``zarr.json``."""

MAX_NODES = 8192
"""A group with more below it says nothing of them: the document, asked for first by every client, would have megabytes.

A table of 500 categorical columns has 1,500 nodes, a plate of 384 wells with nine fields each some 20,000; of such a
plate the wells and fields say what they hold.
"""

V2_KEY = ".zmetadata"
V3_KEY = "zarr.json"


def consolidate(nodes: Mapping[str, Documents], zarr_format: Literal[2, 3]) -> dict[str, Any]:
    """The document of a group at ``V2_KEY`` or ``V3_KEY``.

    Args:
        nodes: The documents of the group, at ``""``, and of all nodes below it, by path from there; of each node its
            parents as well.
        zarr_format: Which of the two.
    """
    paths = sorted(nodes, key=lambda path: (path.count("/"), path))  # clients put them together parents first
    if zarr_format == 2:
        metadata = {join(path, name): document for path in paths for name, document in nodes[path].items()}
        return {"metadata": metadata, "zarr_consolidated_format": 1}
    below = {path: drop_copy(nodes[path][V3_KEY]) for path in paths if path}
    copy = {"kind": "inline", "must_understand": False, "metadata": below}
    return {**nodes[""][V3_KEY], "consolidated_metadata": copy}


def collect(
    describe: Callable[[str], Documents | None], list_folders: Callable[[str], list[str]]
) -> dict[str, Documents] | None:
    """The documents of a group and of all nodes below it, by path; None for no group, and for more than ``MAX_NODES``.

    Args:
        describe: Gives the documents of the node at a path, ``""`` for the group; None for no node.
        list_folders: Gives the names of what may be nodes directly below a group.
    """
    own = describe("")
    if own is None or is_array(own):
        return None
    found, groups, n_asked = {"": own}, [""], 0
    while groups:
        paths = [join(group, name) for group in groups for name in list_folders(group)]
        n_asked += len(paths)
        if n_asked >= MAX_NODES:
            return None
        described = {path: documents for path in paths if (documents := describe(path)) is not None}
        found |= described
        groups = [path for path, documents in described.items() if not is_array(documents)]
    return found


def is_array(documents: Documents) -> bool:
    """Whether the documents of a node say that it is an array."""
    return ".zarray" in documents or documents.get(V3_KEY, {}).get("node_type") == "array"


def join(folder: str, name: str) -> str:
    """A path below another; either may be empty."""
    return f"{folder}/{name}" if folder and name else folder or name


def drop_copy(document: Json) -> dict[str, Any]:
    """The document of a group without the copy of what lies below it, which is made anew."""
    return {key: value for key, value in document.items() if key != "consolidated_metadata"}
