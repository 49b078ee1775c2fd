"""Several trees as one: each begins at a path, and is opened when something of it is first asked for."""

from __future__ import annotations

import json
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Literal

from vitrina.gateway.tree import VirtualTree

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from vitrina.gateway.tree import Found


class JoinedTree(VirtualTree):
    """A VirtualTree of others.

    Args:
        etag: See VirtualTree.
        parts: What opens each tree, by the path at which it begins; the one at ``""`` has all other keys.
        groups: Paths of the groups that hold the trees. They say nothing of what is below them, which nobody knows
            before all trees are open.
        zarr_format: In which the groups are served.
    """

    def __init__(
        self,
        *,
        etag: str,
        parts: Mapping[str, Callable[[], VirtualTree]],
        groups: Collection[str] = (),
        zarr_format: Literal[2, 3] = 2,
    ) -> None:
        self.etag = etag if zarr_format == 2 else f"{etag}-{zarr_format}"
        self._parts = {path: _Part(open_tree) for path, open_tree in parts.items()}
        described = (
            {".zgroup": {"zarr_format": 2}, ".zattrs": {}}
            if zarr_format == 2
            else {"zarr.json": {"zarr_format": 3, "node_type": "group", "attributes": {}}}
        )
        self._groups = frozenset(groups)
        self._documents = {name: json.dumps(document).encode() for name, document in described.items()}

    def find(self, key: str) -> Found:
        parent, _, name = key.rpartition("/")
        if parent in self._groups:
            return self._documents.get(name)
        path = parent
        while path not in self._parts:
            if not path:
                return None
            path = path.rpartition("/")[0]
        return self._parts[path].find(key[len(path) + 1 :] if path else key)


class _Part:
    """One of the trees; threads that want it at the same time wait for the one that opens it."""

    def __init__(self, open_tree: Callable[[], VirtualTree]) -> None:
        self._open_tree = open_tree
        self._lock = Lock()
        self._tree: VirtualTree | None = None

    def find(self, key: str) -> Found:
        tree = self._tree
        return partial(self._open_and_read, key) if tree is None else tree.find(key)

    def _open_and_read(self, key: str) -> bytes | None:
        with self._lock:
            if self._tree is None:
                self._tree = self._open_tree()
            tree = self._tree
        return tree.read(key)
