"""A stored Zarr tree passed through byte for byte, except for metadata that it lacks and points that are too many."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.gateway.completion import complete
from vitrina.gateway.point_sample import PointSamples
from vitrina.gateway.tree import VirtualTree
from vitrina.gateway.zarr.consolidated import drop_copy
from vitrina.gateway.zarr.documents import parse_document
from vitrina.gateway.zarr.v2 import DEFAULT_LEVEL
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from vitrina.gateway.completion import Incomplete
    from vitrina.gateway.stored_bytes import Bytes
    from vitrina.gateway.tree import Found
    from vitrina.model.content import PointsElement


class StoredTree(VirtualTree):
    """A VirtualTree over stored bytes.

    Args:
        etag: See VirtualTree.
        stored: The bytes.
        incomplete: Elements by path whose attributes are filled in, see ``completion.find_incomplete``.
        sampled: Points by path that are thinned out, see ``point_sample.find_sampled``.
        overridden: Paths of the elements of which a person said more than the file.
    """

    def __init__(
        self,
        *,
        etag: str,
        stored: Bytes,
        incomplete: Mapping[str, Incomplete],
        sampled: Mapping[str, PointsElement] | None = None,
        overridden: Collection[str] = (),
    ) -> None:
        self.etag = etag
        self._stored = stored
        self._incomplete = incomplete
        self._overridden = frozenset(overridden)
        self._samples = PointSamples(sampled or {}, stored.read)

    def find(self, key: str) -> Found:
        try:
            check_key(key)
        except InputError:
            return None
        name = key.rpartition("/")[2]
        if self._samples.covers(key):
            return partial(self._samples.read, key)
        found = self._stored.find(key)
        if name == ".zarray" and isinstance(found, bytes):
            return _spell_compressor(found)
        if found is None or not self._incomplete or name not in (".zattrs", "zarr.json"):
            return found
        return self._complete(key, found) if isinstance(found, bytes) else lambda: self._complete(key, found())

    def _complete(self, key: str, value: bytes | None) -> bytes | None:
        """A group's document with what it lacks."""
        if value is None:
            return None
        path, _, name = key.rpartition("/")
        is_overridden = path in self._overridden
        completed = _complete(parse_document(value, key), name, self._incomplete.get(path), is_overridden=is_overridden)
        return json.dumps(completed).encode()


def _complete(
    document: dict[str, Any], name: str, element: Incomplete | None, *, is_overridden: bool
) -> dict[str, Any]:
    """A group's document with complete attributes, and without the copies of other groups' attributes."""
    if name == ".zattrs":
        return document if element is None else complete(document, element, is_overridden=is_overridden)
    kept = drop_copy(document)
    if element is None:
        return kept
    attributes = document.get("attributes")
    held = attributes if isinstance(attributes, dict) else {}
    return {**kept, "attributes": complete(held, element, is_overridden=is_overridden)}


def _spell_compressor(value: bytes) -> bytes:
    """The document of an array, with its compressor in words that all clients know: TensorStore refuses two others.

    A level of -1 was left to zlib by the writer; whether zstd adds a checksum is told by the bytes as well.
    """
    if b'"level"' not in value:
        return value
    try:
        document = json.loads(value)
        compressor = dict(document["compressor"])
        if compressor.get("level") == -1 and compressor["id"] in ("gzip", "zlib"):
            compressor["level"] = DEFAULT_LEVEL
        if compressor["id"] == "zstd":
            compressor.pop("checksum", None)
    except (ValueError, RecursionError, KeyError, TypeError):
        return value
    return (
        value if compressor == document["compressor"] else json.dumps({**document, "compressor": compressor}).encode()
    )
