"""An image of SpatialData as plain OME-Zarr."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.nodes.node import join

if TYPE_CHECKING:
    from typing import BinaryIO

    from zarr.abc.store import Store as ZarrStore

    from vitrina.readers.source import Tree

_SUFFIX: Final = "-dev-spatialdata"
"""SpatialData says ``0.4-dev-spatialdata`` where the image is OME-Zarr 0.4 but for its transformations."""


class OmeView:
    """The keys below an element, in which its metadata is that of plain OME-Zarr.

    The version loses its suffix. The transformations to coordinate systems, whose spelling is SpatialData's own, and
    omero, in which SpatialData keeps names of channels and nothing else, are left out.

    Args:
        tree: The keys of the dataset.
        path: Of the element.
        zarr_format: Of the hierarchy.
    """

    def __init__(self, tree: Tree, path: str, zarr_format: int) -> None:
        self._tree = tree
        self._path = path
        self._metadata_key = ".zattrs" if zarr_format == 2 else "zarr.json"

    def get(self, key: str) -> bytes | None:
        data = self._tree.get(join(self._path, key))
        return data if data is None or key != self._metadata_key else _translate(data)

    def open_file(self, key: str) -> BinaryIO:
        return self._tree.open_file(join(self._path, key))

    def list_children(self, prefix: str) -> list[str]:
        return self._tree.list_children(join(self._path, prefix) if prefix else self._path)

    def open_zarr_store(self) -> ZarrStore:
        return self._tree.open_zarr_store()


def _translate(data: bytes) -> bytes:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(document, dict):
        return data
    attrs = document.get("attributes", document)
    for block in (attrs, attrs.get("ome") if isinstance(attrs, dict) else None):
        if isinstance(block, dict):
            _translate_block(block)
    return json.dumps(document).encode()


def _translate_block(block: dict[str, Any]) -> None:
    block.pop("omero", None)
    multiscales = block.get("multiscales")
    for own in (block, block.get("image-label"), *(multiscales if isinstance(multiscales, list) else ())):
        if not isinstance(own, dict):
            continue
        if isinstance(own.get("version"), str):
            own["version"] = own["version"].removesuffix(_SUFFIX)
        if own is not block:
            own.pop("coordinateTransformations", None)
