"""The copies of all metadata that groups hold, made anew.

Source: https://zarr.readthedocs.io/en/stable/user-guide/consolidated_metadata.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.checks.fix.hierarchy import is_array, join, read_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.readers.source import Tree
    from vitrina.readers.zarr_tree import ZarrTree

    type Documents = dict[str, dict[str, Any]]

V2_KEY = ".zmetadata"
_V2_NAMES = (".zgroup", ".zarray", ".zattrs")


def build_consolidated(zarr_tree: ZarrTree, *, is_wanted_at_root: bool = False) -> Documents:
    """The documents with copies that differ from what they should be, by key.

    Args:
        zarr_tree: The hierarchy.
        is_wanted_at_root: Whether the root gets a copy when it has none.
    """
    paths = list(_iterate_nodes(zarr_tree))
    changed: Documents = {}
    for path in paths:
        is_wanted = is_wanted_at_root and not path
        if not is_wanted and not has_consolidated(zarr_tree, path):
            continue
        below = [other for other in paths if other != path and (not path or other.startswith(f"{path}/"))]
        if zarr_tree.format == 3:
            changed |= _build_v3(zarr_tree.tree, path, below)
        else:
            changed |= _build_v2(zarr_tree.tree, path, below)
    return changed


def has_consolidated(zarr_tree: ZarrTree, path: str = "") -> bool:
    """Whether a group holds a copy of all metadata below it."""
    if zarr_tree.format == 2:
        return zarr_tree.tree.get(join(path, V2_KEY)) is not None
    document = read_document(zarr_tree.tree, join(path, "zarr.json")) or {}
    return document.get("consolidated_metadata") is not None


def _build_v2(tree: Tree, path: str, below: list[str]) -> Documents:
    key = join(path, V2_KEY)
    entries = {}
    for name in _V2_NAMES:
        for node in (path, *below):
            document = read_document(tree, join(node, name))
            if document is not None:
                entries[join(node, name).removeprefix(f"{path}/" if path else "")] = document
    found = (read_document(tree, key) or {}).get("metadata")
    if _say_the_same(found, entries):
        return {}
    return {key: {"metadata": entries, "zarr_consolidated_format": 1}}


def _build_v3(tree: Tree, path: str, below: list[str]) -> Documents:
    key = join(path, "zarr.json")
    stored = read_document(tree, key)
    if stored is None or stored.get("node_type") != "group":
        return {}
    found = stored.get("consolidated_metadata")
    entries = {}
    for node in below:
        document = read_document(tree, join(node, "zarr.json"))
        if document is not None:
            entries[node.removeprefix(f"{path}/" if path else "")] = _strip(document)
    kept = found.get("metadata") if isinstance(found, dict) else None
    if _say_the_same(kept, entries):
        return {}
    copy = {"kind": "inline", "must_understand": False, "metadata": entries}
    return {key: {**stored, "consolidated_metadata": copy}}


def _strip(document: Any) -> Any:
    """A document without its own copy, which would hold everything twice."""
    return (
        {name: value for name, value in document.items() if name != "consolidated_metadata"}
        if isinstance(document, dict)
        else document
    )


def _say_the_same(kept: Any, entries: Documents) -> bool:
    """Whether a copy says what it should; what is empty may be left out."""
    return isinstance(kept, dict) and _drop_empty(kept) == _drop_empty(entries)


def _drop_empty(entries: Mapping[str, Any]) -> Documents:
    known = {
        key: {name: value for name, value in _strip(document).items() if value not in ({}, None)}
        for key, document in entries.items()
        if isinstance(document, dict)
    }
    return {key: document for key, document in known.items() if document}


def _iterate_nodes(zarr_tree: ZarrTree) -> Iterator[str]:
    """Paths of groups and arrays, parents first."""
    waiting = [""]
    while waiting:
        path = waiting.pop()
        yield path
        if not is_array(zarr_tree, path):
            waiting += [join(path, name) for name in reversed(zarr_tree.list_groups(path))]
