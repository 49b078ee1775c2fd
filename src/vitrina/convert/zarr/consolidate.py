"""The metadata of a whole hierarchy in one document at its root, which saves a browser a request per node.

Source: https://zarr.readthedocs.io/en/stable/user-guide/consolidated_metadata.html
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from vitrina.convert.zarr.arrays import build_json_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

V2_NAMES = (".zgroup", ".zarray", ".zattrs")
V3_NAME = "zarr.json"


def write_consolidated(root: Path, zarr_format: Literal[2, 3]) -> None:
    """Collect what the nodes say as it is, and write it at the root.

    Args:
        root: Folder of the hierarchy.
        zarr_format: Its version of Zarr.
    """
    if zarr_format == 2:
        found = dict(_iterate_documents(root, V2_NAMES))
        built = {"zarr_consolidated_format": 1, "metadata": dict(sorted(found.items()))}
        (root / ".zmetadata").write_bytes(build_json_bytes(built))
        return
    nodes = {key.removesuffix(f"/{V3_NAME}"): document for key, document in _iterate_documents(root, (V3_NAME,))}
    own = nodes.pop(V3_NAME)
    own["consolidated_metadata"] = {
        "kind": "inline",
        "must_understand": False,
        "metadata": dict(sorted(nodes.items())),
    }
    (root / V3_NAME).write_bytes(build_json_bytes(own))


def _iterate_documents(root: Path, names: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Keys and documents of all nodes; what lies below an array are its chunks."""
    for folder, below, files in os.walk(root):
        here = Path(folder)
        documents = {name: json.loads((here / name).read_bytes()) for name in names if name in files}
        if ".zarray" in documents or documents.get(V3_NAME, {}).get("node_type") == "array" or not documents:
            below.clear()
        for name, document in documents.items():
            document.pop("consolidated_metadata", None)
            yield (here / name).relative_to(root).as_posix(), document
