"""A tree of keys with some documents replaced, as they will be when repairs are made."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from typing import TYPE_CHECKING, Any

from vitrina.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from zarr.abc.store import Store as ZarrStore

    from vitrina.readers.source import Tree


class OverlayTree:
    """A tree in which some keys have other values.

    Args:
        below: The tree as it is.
        documents: Metadata documents by key.
    """

    def __init__(self, below: Tree, documents: Mapping[str, Mapping[str, Any]]) -> None:
        self._below = below
        self._values = {key: build_bytes(document) for key, document in documents.items()}

    def get(self, key: str) -> bytes | None:
        return self._values[key] if key in self._values else self._below.get(key)

    def open_file(self, key: str) -> BinaryIO:
        return BytesIO(self._values[key]) if key in self._values else self._below.open_file(key)

    def list_children(self, prefix: str) -> list[str]:
        folder = f"{prefix.rstrip('/')}/" if prefix else ""
        own = {key.removeprefix(folder).split("/")[0] for key in self._values if key.startswith(folder)}
        return sorted({*own, *self._below.list_children(prefix)})

    def open_zarr_store(self) -> ZarrStore:
        return self._below.open_zarr_store()  # documents of groups and names of dimensions change no pixels


@dataclass(frozen=True)
class PlannedSource(Source):
    """A source as it will be when metadata is repaired; its pixels and tables are as they are."""

    documents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Tree | None:
        """The keys of the source, repaired."""
        below = Source(self.path).tree
        return None if below is None else OverlayTree(below, self.documents)


def build_bytes(document: Mapping[str, Any]) -> bytes:
    """A metadata document."""
    return json.dumps(document, indent=2, ensure_ascii=False).encode()
