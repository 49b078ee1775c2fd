"""Consolidated metadata: a copy of all metadata at the root, which many readers trust instead of looking.

Source: https://zarr.readthedocs.io/en/stable/user-guide/consolidated_metadata.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going, shorten
from vitrina.checks.formats.nodes.node import MAX_DEPTH, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

MAX_NODES: Final = 50_000
"""Nodes whose metadata is compared with its copy."""

_FIX: Final = "Write the copy anew, with zarr.consolidate_metadata() of the dataset."


def check_consolidated(tree: ZarrTree) -> Iterator[Finding]:
    """Whether the copy says what the metadata says, and has all of it; nothing where there is no copy."""
    yield from keep_going("", _check_v2(tree) if tree.format == 2 else _check_v3(tree))


def _check_v2(tree: ZarrTree) -> Iterator[Finding]:
    copy = _read(tree, ".zmetadata")
    if copy is None:
        return
    entries = copy.get("metadata") if isinstance(copy, dict) else None
    if not isinstance(entries, dict):
        yield build_finding("consolidated-malformed", "#", ".zmetadata has no object 'metadata', which it must have.")
        return
    differing = [key for key, value in _first(entries) if not _equals(_read(tree, key), value)]
    yield from _tell(differing, ".zmetadata")
    known = {key.rsplit("/", 1)[0] if "/" in key else "" for key in entries}
    yield from _tell_left_out(tree, known, ".zmetadata")


def _check_v3(tree: ZarrTree) -> Iterator[Finding]:
    root = _read(tree, "zarr.json")
    copy = root.get("consolidated_metadata") if isinstance(root, dict) else None
    if copy is None:
        return
    entries = copy.get("metadata") if isinstance(copy, dict) else None
    if not isinstance(entries, dict):
        message = "The consolidated_metadata of zarr.json has no object 'metadata', which it must have."
        yield build_finding("consolidated-malformed", "#/consolidated_metadata", message)
        return
    differing = [path for path, value in _first(entries) if not _equals(_read(tree, join(path, "zarr.json")), value)]
    yield from _tell(differing, "The consolidated metadata")
    yield from _tell_left_out(tree, {"", *entries}, "The consolidated metadata")


def _first(entries: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(entries.items())[:MAX_NODES]


def _read(tree: ZarrTree, key: str) -> Any:
    """A JSON document; None when it is absent, the text of the failure when it is damaged."""
    data = tree.tree.get(key)
    try:
        return None if data is None else json.loads(data)
    except (ValueError, RecursionError) as err:
        return str(err)


def _equals(stored: Any, copy: Any) -> bool:
    return json.dumps(_strip(stored), sort_keys=True) == json.dumps(_strip(copy), sort_keys=True)


def _strip(document: Any) -> Any:
    """Without what a copy leaves out: a copy of its own, and what stands for its absence; and no transformers are none.

    Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#storage-transformers
    """
    if not isinstance(document, dict):
        return document
    left_out = {"consolidated_metadata"} | (set() if document.get("storage_transformers") else {"storage_transformers"})
    return {key: value for key, value in document.items() if key not in left_out}


def _tell(differing: list[str], what: str) -> Iterator[Finding]:
    if differing:
        message = f"{what} does not say what the metadata says of {shorten(differing)}: it is out of date."
        yield build_finding("consolidated-stale", "#/consolidated_metadata", message, fix=_FIX)


def _tell_left_out(tree: ZarrTree, known: set[str], what: str) -> Iterator[Finding]:
    left_out = [path for path in _walk(tree) if path not in known]
    if left_out:
        message = f"{what} leaves out {shorten(left_out)}, which readers that trust it do not see."
        yield build_finding("consolidated-incomplete", "#/consolidated_metadata", message, fix=_FIX)


def _walk(tree: ZarrTree) -> Iterator[str]:
    """Paths of groups and arrays, parents first, at most ``MAX_NODES``."""
    waiting = [("", 0)]
    n_nodes = 0
    while waiting and n_nodes < MAX_NODES:
        path, depth = waiting.pop()
        n_nodes += 1
        yield path
        if depth < MAX_DEPTH and _is_group(tree, path):
            waiting += [(join(path, name), depth + 1) for name in tree.list_groups(path)]


def _is_group(tree: ZarrTree, path: str) -> bool:
    if tree.format == 2:
        return tree.tree.get(join(path, ".zarray")) is None
    document = _read(tree, join(path, "zarr.json"))
    return isinstance(document, dict) and document.get("node_type") == "group"
