"""A stored Zarr tree in either format: metadata is written anew, chunks pass through as they are.

Chunks inside shards get keys of their own, so that no client has to read the index of a shard.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import DataError, UnreadableError, UnsupportedError
from vitrina.gateway.tree import VirtualTree, resolve
from vitrina.gateway.zarr import attributes, v2, v3
from vitrina.gateway.zarr.consolidated import drop_copy
from vitrina.gateway.zarr.documents import parse_document
from vitrina.gateway.zarr.keys import ChunkKeys, find_served_keys, parse_encoding
from vitrina.gateway.zarr.shards import find_shards
from vitrina.readers.pixels.chunk_codec import strip_checksum

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.gateway.stored_bytes import Bytes
    from vitrina.gateway.stored_tree import StoredTree
    from vitrina.gateway.tree import Found
    from vitrina.gateway.zarr.node import ArrayNode

MAX_KNOWN_PATHS = 2**16
"""Of arrays, and of what is none: a client may ask for anything."""

_MARKS: dict[int, tuple[str, ...]] = {2: (".zgroup", ".zarray", ".zattrs", ".zmetadata"), 3: ("zarr.json",)}


class TranslatedTree(VirtualTree):
    """A VirtualTree over a stored tree.

    Args:
        tree: The stored tree; its documents are complete already.
        stored: The same bytes, for parts of shards.
        stored_format: The format that it is stored in.
        zarr_format: The format that is served. What is stored in the same passes through, but for shards.
    """

    def __init__(
        self, tree: StoredTree, stored: Bytes, *, stored_format: Literal[2, 3], zarr_format: Literal[2, 3]
    ) -> None:
        self.etag = f"{tree.etag}-{zarr_format}"
        self._tree = tree
        self._stored = stored
        self._stored_format: Literal[2, 3] = stored_format
        self._format: Literal[2, 3] = zarr_format
        self._lock = Lock()
        self._arrays: dict[str, _StoredArray | None] = {}

    def find(self, key: str) -> Found:
        path, _, name = key.rpartition("/")
        if name in _MARKS[self._format]:
            document = self._describe(path, name)
            return None if document is None else json.dumps(document).encode()
        if name in _MARKS[self._stored_format]:
            return None  # whoever asks for the stored format asks elsewhere
        array = self._find_array(key)
        # Parquet, and whatever else lies in the tree, is passed on
        return self._tree.find(key) if array is None else array.find(key)

    def _describe(self, path: str, name: str) -> dict[str, Any] | None:
        array = self._get_array(path)
        if self._format == 3:
            return self._describe_group_v3(path) if array is None else v3.build_array(array.node)
        if array is None:
            return self._describe_group_v2(path, name)
        return {".zarray": v2.build_array(array.node), ".zattrs": v2.build_attrs(array.node)}.get(name)

    def _describe_group_v3(self, path: str) -> dict[str, Any] | None:
        if self._stored_format == 3:
            document = self._read_json(path, "zarr.json")
            return None if document is None else drop_copy(document)
        attrs = self._read_json(path, ".zattrs")
        if attrs is None and self._read_json(path, ".zgroup") is None:
            return None
        return {"zarr_format": 3, "node_type": "group", "attributes": attributes.to_v3(attrs or {})}

    def _describe_group_v2(self, path: str, name: str) -> dict[str, Any] | None:
        document = self._read_json(path, "zarr.json")
        if document is None:
            return None
        return {
            ".zgroup": {"zarr_format": 2},
            ".zattrs": attributes.to_v2(document.get("attributes") or {}),
        }.get(name)

    def _find_array(self, key: str) -> _StoredArray | None:
        """The array that a key lies in: the shortest path that is one, since nothing lies below an array."""
        parts = key.split("/")
        for length in range(1, len(parts)):
            array = self._get_array("/".join(parts[:length]))
            if array is not None:
                return array
        return None

    def _get_array(self, path: str) -> _StoredArray | None:
        """The array at a path, None where there is none, and where it passes through as it is."""
        with self._lock:
            if path not in self._arrays:
                if len(self._arrays) >= MAX_KNOWN_PATHS:
                    self._arrays.clear()
                self._arrays[path] = self._open_array(path)
            return self._arrays[path]

    def _open_array(self, path: str) -> _StoredArray | None:
        document = self._read_json(path, "zarr.json" if self._stored_format == 3 else ".zarray")
        if document is None or document.get("node_type") == "group":
            return None
        try:
            if self._stored_format == 2:
                node = v2.parse_array(document, self._read_json(path, ".zattrs") or {})
                if node.dimension_names is None and "encoding-type" not in node.attrs:
                    node = replace(node, dimension_names=self._find_axes(path, len(node.shape)))
                keys, shards = ChunkKeys(node.separator), None
            else:
                node, keys = v3.parse_array(document), parse_encoding(document)
                shards = find_shards(path, document, keys, self._stored)
        except UnsupportedError as err:
            if self._stored_format == self._format:
                return None
            raise UnsupportedError(err.code, f"{path}: {err.message}", hint=err.hint, where=path) from err
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as err:
            raise DataError(
                "array-metadata-damaged", f"The metadata of the array {path!r} is incomplete: {err!r}.", where=path
            ) from err
        if shards is None and self._stored_format == self._format:
            return None
        find = shards.find if shards is not None else lambda index: self._tree.find(f"{path}/{keys.build(index)}")
        return _StoredArray(path, node, find, find_served_keys(node, self._format))

    def _find_axes(self, path: str, n_dims: int) -> tuple[str, ...] | None:
        """The axes of a level of an OME-Zarr image, None for any other array.

        In 0.5 the names of an array's dimensions must be those of the image's axes.

        Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md
        """
        group = path
        while group:
            group = group.rpartition("/")[0]
            multiscales = (self._read_json(group, ".zattrs") or {}).get("multiscales")
            names = _find_axes(multiscales, path[len(group) :].strip("/")) if isinstance(multiscales, list) else None
            if names is not None and len(names) == n_dims:
                return names
        return None

    def _read_json(self, path: str, name: str) -> dict[str, Any] | None:
        key = f"{path}/{name}" if path else name
        data = self._tree.read(key)
        return None if data is None else parse_document(data, key)


def _find_axes(multiscales: list[Any], path: str) -> tuple[str, ...] | None:
    """The names of the axes of a level; None where no image has it, or does not name them as 0.4 does."""
    for multiscale in multiscales:
        try:
            if path in [dataset["path"] for dataset in multiscale["datasets"]]:
                return tuple(str(axis["name"]) for axis in multiscale["axes"])
        except (KeyError, TypeError):
            continue
    return None


class _StoredArray:
    """An array of the stored tree."""

    def __init__(self, path: str, node: ArrayNode, find: Callable[[tuple[int, ...]], Found], served: ChunkKeys) -> None:
        self._path = path
        self.node = node
        self._find = find
        self._served = served

    def find(self, key: str) -> Found:
        """The bytes of a chunk as they are stored, without a checksum that the served format cannot name."""
        index = self._served.parse(key[len(self._path) + 1 :], self.node)
        if index is None:
            return None
        try:
            found = self._find(index)
        except (EOFError, ValueError) as err:
            raise self._describe(err) from err
        return partial(self._finish, found) if callable(found) else self._finish(found)

    def _finish(self, found: Found) -> bytes | None:
        try:
            data = resolve(found)
            return data if data is None or not self.node.has_checksum else bytes(strip_checksum(data))
        except (EOFError, ValueError) as err:
            raise self._describe(err) from err

    def _describe(self, error: Exception) -> UnreadableError:
        message = f"A chunk of the array {self._path!r} is damaged: {error}."
        return UnreadableError("chunk-damaged", message, where=self._path)
