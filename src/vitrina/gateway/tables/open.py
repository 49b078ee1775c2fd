"""The tables of a dataset, whatever it is stored in, as a tree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from vitrina.errors import UnsupportedError
from vitrina.gateway.hierarchy import Hierarchy
from vitrina.gateway.placing import find_frame
from vitrina.gateway.tables.groups import add_table
from vitrina.gateway.tables.places import place_tables
from vitrina.readers.damage import reading
from vitrina.readers.hdf5 import check_contained, open_hdf5

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.gateway.tables.groups import Arrays, Groups
    from vitrina.gateway.tables.served import ServedTable
    from vitrina.model.content import Content, TableElement
    from vitrina.readers.source import Source

MAX_LOADED_ROWS = 2_000_000
MAX_LOADED_VALUES = 2**27
"""What is read into memory as a whole has at most so many observations, and values in its columns: a gigabyte."""


def find_openers(
    source: Source, content: Content, *, etag: str, zarr_format: Literal[2, 3]
) -> dict[str, Callable[[], Hierarchy]]:
    """What opens each part of the tree, by its path.

    Args:
        source: The stored bytes, not Zarr.
        content: What a reader found in them.
        etag: See VirtualTree.
        zarr_format: Of the tree.
    """
    if content.format == "mudata":
        return {"": partial(_open_mudata, source, content, etag, zarr_format)}
    return {
        path: partial(_open_table, source, content, element, etag, zarr_format)
        for path, element in place_tables(content).items()
    }


def _open_table(
    source: Source, content: Content, element: TableElement, etag: str, zarr_format: Literal[2, 3]
) -> Hierarchy:
    groups: Groups = {}
    arrays: Arrays = {}
    add_table(groups, arrays, serve_table(source, content, element))
    return Hierarchy(etag=etag, groups=groups, arrays=arrays, zarr_format=zarr_format)


def _open_mudata(source: Source, content: Content, etag: str, zarr_format: Literal[2, 3]) -> Hierarchy:
    from vitrina.gateway.tables.mudata import add_mudata

    groups: Groups = {}
    arrays: Arrays = {}
    with reading(source, "mudata-damaged", "MuData"):
        add_mudata(groups, arrays, open_hdf5(source.path), content)
    return Hierarchy(etag=etag, groups=groups, arrays=arrays, zarr_format=zarr_format)


def serve_table(source: Source, content: Content, element: TableElement) -> ServedTable:
    """One table; what is open of it stays open as long as it lives.

    Raises:
        UnreadableError: The dataset is damaged, or refers to other files.
        UnsupportedError: Its rows are no observations, or it is too large for memory.
    """
    with reading(source, f"{content.format}-damaged", content.format):
        match content.format:
            case "anndata":
                from vitrina.gateway.tables.stored import serve_stored

                return serve_stored(open_hdf5(source.path), element.position_columns)
            case "loom":
                from vitrina.gateway.tables.loom import serve_loom

                file = open_hdf5(source.path)
                check_contained(file)
                return serve_loom(file)
            case "10x-h5":
                from vitrina.gateway.tables.tenx import serve_tenx

                return serve_tenx(open_hdf5(source.path), element)
            case _:
                return _load(source, content, element)


def _load(source: Source, content: Content, element: TableElement) -> ServedTable:
    """A table that has to be read as a whole."""
    from vitrina.gateway.tables.memory import serve_memory
    from vitrina.readers.elements import read_table

    n_values = element.n_obs * max(len(element.obs_columns), 1)
    if element.n_obs > MAX_LOADED_ROWS or n_values > MAX_LOADED_VALUES:
        raise UnsupportedError(
            "gateway-table-too-large",
            f"The table {element.name!r} of {source.path.name} has {element.n_obs:,} rows and "
            f"{len(element.obs_columns):,} columns, too many to be read while one waits.",
            hint="Convert it with `vitrina convert`, and add the result.",
            where=element.path or str(source.path),
        )
    return serve_memory(read_table(source, content, element), element, find_frame(content, element))
