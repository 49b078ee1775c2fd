"""Consolidated metadata beside the documents that it repeats.

Source: https://zarr.readthedocs.io/en/stable/user-guide/consolidated_metadata.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrina.checks.ngff.json_document import read_document
from vitrina.checks.ngff.paths import explain_illegal
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes

MAX_COMPARED = 2_000
"""Further documents are not compared."""

_FIX = "Consolidate the metadata again, or remove it."


def check_consolidated(nodes: Nodes, root: Node) -> Iterator[Finding]:
    """Whether consolidated metadata says the same as the documents of the nodes; the first difference is told."""
    if nodes.format == 3:
        block = (root.document or {}).get("consolidated_metadata")
        metadata = block.get("metadata") if isinstance(block, Mapping) else None
        stored = (
            {(path, "zarr.json"): value for path, value in metadata.items()} if isinstance(metadata, Mapping) else {}
        )
        where = "#/consolidated_metadata"
    else:
        document = read_document(nodes.tree, "", ".zmetadata")
        metadata = (document.value or {}).get("metadata")
        pairs = metadata.items() if isinstance(metadata, Mapping) else ()
        stored = {(key.rpartition("/")[0], key.rpartition("/")[2]): value for key, value in pairs}
        where = ".zmetadata#"
        yield from document.findings
    for (path, name), value in list(stored.items())[:MAX_COMPARED]:
        if path and explain_illegal(path) is not None:
            continue
        found = read_document(nodes.tree, path, name)
        if found.value is None or _strip(found.value) != _strip(value):
            state = "differs from" if found.value is not None else "is there without"
            message = f"The consolidated metadata of {path or 'the root'!r} {state} its {name}; the same is expected."
            yield Finding(code="zarr-consolidated-stale", severity="warning", path=where, message=message, fix=_FIX)
            return


def _strip(value: object) -> object:
    """A document without what consolidating itself puts there or leaves out."""
    if not isinstance(value, Mapping):
        return value
    return {key: part for key, part in value.items() if key != "consolidated_metadata" and part not in ({}, None)}
