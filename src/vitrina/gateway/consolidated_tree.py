"""A stored Zarr tree whose groups tell what lies below them, see ``zarr.consolidated``.

Copies that are stored are not believed: they are often older than what they copy, and always say it in one format.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.gateway.tree import VirtualTree
from vitrina.gateway.zarr.consolidated import V2_KEY, V3_KEY, collect, consolidate, join
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vitrina.gateway.tree import Found
    from vitrina.gateway.zarr.consolidated import Documents

MAX_KEPT_BYTES = 16 * 2**20


class ListsFolders(Protocol):
    """What is asked for folders."""

    def list_folders(self, path: str) -> list[str]:
        """See ``Bytes.list_folders``."""


class ConsolidatedTree(VirtualTree):
    """A VirtualTree that adds to another what its groups hold.

    A node that is damaged, or cannot be told in the served format, is left out, and says why when it is asked for:
    without all others no client would find anything.

    Args:
        tree: The other tree.
        stored: What lies below it, to list its folders.
        zarr_format: That the tree is served in.
    """

    def __init__(self, tree: VirtualTree, stored: ListsFolders, zarr_format: Literal[2, 3]) -> None:
        self.etag = tree.etag
        self._tree = tree
        self._stored = stored
        self._format: Literal[2, 3] = zarr_format
        self._key = V3_KEY if zarr_format == 3 else V2_KEY
        self._kept = DecodedCache(MAX_KEPT_BYTES)

    def find(self, key: str) -> Found:
        path, _, name = key.rpartition("/")
        if name != self._key:
            return self._tree.find(key)
        if self._kept.find(path) is not None:
            return self._list(path)
        return None if self._tree.find(self._name_group(path)) is None else partial(self._list, path)

    def _name_group(self, path: str) -> str:
        return join(path, V3_KEY if self._format == 3 else ".zgroup")

    def _list(self, path: str) -> bytes | None:
        """The document of a group with what lies below it."""
        group = self._tree.read(self._name_group(path))
        if group is None:
            return None
        copied = self._kept.get(path, lambda: self._build(path)).tobytes()
        return copied or (group if self._format == 3 else None)

    def _build(self, path: str) -> npt.NDArray[np.uint8]:
        """The bytes of a group's document, none where it has no copy."""
        import numpy as np

        nodes = collect(
            lambda inner: self._find_documents(join(path, inner)),
            lambda inner: self._stored.list_folders(join(path, inner)),
        )
        data = b"" if nodes is None else json.dumps(consolidate(nodes, self._format)).encode()
        return np.frombuffer(data, np.uint8)

    def _find_documents(self, path: str) -> Documents | None:
        try:
            return self._describe(path)
        except VitrinaError:
            return None

    def _describe(self, path: str) -> Documents | None:
        if self._format == 3:
            document = self._read_json(join(path, V3_KEY))
            return None if document is None else {V3_KEY: document}
        for mark in (".zarray", ".zgroup"):
            document = self._read_json(join(path, mark))
            if document is not None:
                attrs = self._read_json(join(path, ".zattrs"))
                return {mark: document} if attrs is None else {mark: document, ".zattrs": attrs}
        return None

    def _read_json(self, key: str) -> dict[str, Any] | None:
        value = self._tree.read(key)
        try:
            document: Any = None if value is None else json.loads(value)
        except (ValueError, RecursionError) as err:
            raise UnreadableError("json-malformed", f"{key} is not JSON: {err}.", where=key) from err
        return document if isinstance(document, dict) else None
