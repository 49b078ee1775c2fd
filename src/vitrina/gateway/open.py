"""The virtual tree of a dataset: which kind its format gets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from vitrina.errors import UnsupportedError
from vitrina.gateway.plates.known import is_plate
from vitrina.model.content import ImageElement, LabelsElement, TableElement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vitrina.gateway.chunk_cache import ChunkCache
    from vitrina.gateway.completion import Incomplete
    from vitrina.gateway.stored_bytes import Bytes
    from vitrina.gateway.stored_tree import StoredTree
    from vitrina.gateway.translated_tree import TranslatedTree
    from vitrina.gateway.tree import VirtualTree
    from vitrina.model.content import Content
    from vitrina.readers.source import Source

GATEWAY_VERSION = 5
"""Raised whenever the same bytes would be served as other chunks, so that no cache mixes old and new."""


def open_tree(
    source: Source, content: Content, *, etag: str, zarr_format: Literal[2, 3] = 2, cache: ChunkCache | None = None
) -> VirtualTree:
    """The dataset as a tree of Zarr keys.

    Args:
        source: The stored bytes.
        content: What a reader found in them.
        etag: Changes whenever the stored bytes change, such as the artifact's hash.
        zarr_format: Of the tree; NGFF is 0.4 in format 2, and 0.5 in format 3.
        cache: For chunks of levels that are made.

    Raises:
        UnsupportedError: There is no gateway for the format.
        UnreadableError: The stored bytes are damaged.
    """
    versioned = f"{etag}-{GATEWAY_VERSION}"
    if is_plate(content):
        return _open_plate(source, content, versioned, zarr_format, cache)
    if content.container in ("zarr2", "zarr3"):
        return _open_stored(source, content, versioned, zarr_format, cache)
    if any(isinstance(element, TableElement) for element in content.elements):
        return _open_tables(source, content, versioned, zarr_format, cache)
    if any(isinstance(element, ImageElement | LabelsElement) for element in content.elements):
        from vitrina.gateway.images.open import open_images

        return open_images(source, content, etag=versioned, zarr_format=zarr_format, cache=cache)
    raise UnsupportedError(
        "gateway-format-unsupported",
        f"{source.path.name} is {content.format!r}; the gateway serves Zarr, images and tables.",
        where=str(source.path),
    )


def _open_tables(
    source: Source, content: Content, etag: str, zarr_format: Literal[2, 3], cache: ChunkCache | None
) -> VirtualTree:
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
        parts[""] = partial(open_images, source, content, etag=etag, zarr_format=zarr_format, cache=cache)
    return JoinedTree(etag=etag, parts=parts, groups=("", TABLES), zarr_format=zarr_format)


def _open_plate(
    source: Source, content: Content, etag: str, zarr_format: Literal[2, 3], cache: ChunkCache | None
) -> VirtualTree:
    from vitrina.gateway.consolidated_tree import ConsolidatedTree
    from vitrina.gateway.plates.field_trees import FieldTrees
    from vitrina.gateway.plates.fields import PlateFields
    from vitrina.gateway.plates.open_mosaic import open_mosaic
    from vitrina.gateway.plates.tree import PlateTree

    fields = PlateFields(source, content)
    open_image = partial(open_mosaic, fields, etag=etag, zarr_format=zarr_format, cache=cache)
    if content.container in ("zarr2", "zarr3"):
        tree, stored = _translate(source, content, etag, zarr_format, fields)
        return PlateTree(tree, ConsolidatedTree(tree, stored, zarr_format), open_image)
    trees = FieldTrees(fields, etag=etag, zarr_format=zarr_format, cache=cache)
    return PlateTree(trees, trees, open_image)


def _open_stored(
    source: Source, content: Content, etag: str, zarr_format: Literal[2, 3], cache: ChunkCache | None
) -> VirtualTree:
    from vitrina.gateway.completion import find_incomplete
    from vitrina.gateway.consolidated_tree import ConsolidatedTree
    from vitrina.gateway.images.open import open_images
    from vitrina.gateway.leveled_tree import LeveledTree, find_unready

    tree, stored = _translate(source, content, etag, zarr_format, find_incomplete(content))
    unready = find_unready(content)
    if not unready:
        return ConsolidatedTree(tree, stored, zarr_format)
    described = replace(content, elements=unready)
    images = open_images(source, described, etag=etag, zarr_format=zarr_format, cache=cache)
    leveled = LeveledTree(tree, images, [element.path for element in unready], stored)
    return ConsolidatedTree(leveled, leveled, zarr_format)


def _translate(
    source: Source, content: Content, etag: str, zarr_format: Literal[2, 3], incomplete: Mapping[str, Incomplete]
) -> tuple[StoredTree | TranslatedTree, Bytes]:
    """A stored tree in either format, and the bytes that it is stored in."""
    from vitrina.gateway.point_sample import find_sampled
    from vitrina.gateway.stored_bytes import FolderBytes, ZipBytes
    from vitrina.gateway.stored_tree import StoredTree
    from vitrina.gateway.translated_tree import TranslatedTree

    stored = ZipBytes(source.path, content.root) if content.is_zipped else FolderBytes(source.path)
    tree = StoredTree(
        etag=etag,
        stored=stored,
        incomplete=incomplete,
        sampled=find_sampled(content),
        overridden=content.overridden,
    )
    stored_format: Literal[2, 3] = 2 if content.container == "zarr2" else 3
    if zarr_format == stored_format == 2:
        return tree, stored
    return TranslatedTree(tree, stored, stored_format=stored_format, zarr_format=zarr_format), stored
