"""The virtual tree of a dataset: which kind its format gets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from vitrina.errors import UnsupportedError
from vitrina.model.content import ImageElement, LabelsElement, TableElement

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.gateway.stored_bytes import Bytes
    from vitrina.gateway.tree import VirtualTree
    from vitrina.model.content import Content
    from vitrina.readers.source import Source

GATEWAY_VERSION = 4
"""Raised whenever the same bytes would be served as other chunks, so that no cache mixes old and new."""


def open_tree(source: Source, content: Content, *, etag: str, zarr_format: Literal[2, 3] = 2) -> VirtualTree:
    """The dataset as a tree of Zarr keys.

    Args:
        source: The stored bytes.
        content: What a reader found in them.
        etag: Changes whenever the stored bytes change, such as the artifact's hash.
        zarr_format: Of the tree; NGFF is 0.4 in format 2, and 0.5 in format 3.

    Raises:
        UnsupportedError: There is no gateway for the format.
        UnreadableError: The stored bytes are damaged.
    """
    versioned = f"{etag}-{GATEWAY_VERSION}"
    if content.container in ("zarr2", "zarr3"):
        from vitrina.gateway.stored_bytes import FolderBytes, ZipBytes

        stored = ZipBytes(source.path, content.root) if content.is_zipped else FolderBytes(source.path)
        return _open_stored(stored, content, versioned, zarr_format)
    if any(isinstance(element, TableElement) for element in content.elements):
        return _open_tables(source, content, versioned, zarr_format)
    if any(isinstance(element, ImageElement | LabelsElement) for element in content.elements):
        from vitrina.gateway.images.open import open_images

        return open_images(source, content, etag=versioned, zarr_format=zarr_format)
    raise UnsupportedError(
        "gateway-format-unsupported",
        f"{source.path.name} is {content.format!r}; the gateway serves Zarr, images and tables.",
        where=str(source.path),
    )


def _open_tables(source: Source, content: Content, etag: str, zarr_format: Literal[2, 3]) -> VirtualTree:
    """One table, or all tables and images of a dataset, of which each is opened when it is first asked for."""
    from vitrina.gateway.images.open import open_images
    from vitrina.gateway.joined_tree import JoinedTree
    from vitrina.gateway.tables.open import find_openers
    from vitrina.gateway.tables.places import TABLES

    parts: dict[str, Callable[[], VirtualTree]] = dict(
        find_openers(source, content, etag=etag, zarr_format=zarr_format)
    )
    if "" in parts:
        return parts[""]()
    if any(isinstance(element, ImageElement | LabelsElement) for element in content.elements):
        parts[""] = partial(open_images, source, content, etag=etag, zarr_format=zarr_format)
    return JoinedTree(etag=etag, parts=parts, groups=("", TABLES), zarr_format=zarr_format)


def _open_stored(stored: Bytes, content: Content, etag: str, zarr_format: Literal[2, 3]) -> VirtualTree:
    from vitrina.gateway.completion import find_incomplete
    from vitrina.gateway.point_sample import find_sampled
    from vitrina.gateway.stored_tree import StoredTree
    from vitrina.gateway.translated_tree import TranslatedTree

    tree = StoredTree(
        etag=etag,
        stored=stored,
        incomplete=find_incomplete(content),
        sampled=find_sampled(content),
        overridden=content.overridden,
    )
    if zarr_format == 2 and content.container == "zarr2":
        return tree
    stored_format: Literal[2, 3] = 2 if content.container == "zarr2" else 3
    return TranslatedTree(tree, stored, stored_format=stored_format, zarr_format=zarr_format)
