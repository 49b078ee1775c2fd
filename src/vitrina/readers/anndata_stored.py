"""AnnData out of a group in HDF5 or Zarr: in memory when it is small, else with matrices that stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.anndata_group import find_node, get_encoding, is_group, list_names

if TYPE_CHECKING:
    from anndata import AnnData

    from vitrina.readers.anndata_group import Node

MAX_LOADED_BYTES = 512 * 2**20
"""Matrices up to this size together are loaded."""


def measure_matrices(group: Node) -> int:
    """Bytes that ``X``, the layers and the ``X`` of ``raw`` take in memory, without compression."""
    layers = find_node(group, "layers")
    named = [layers[name] for name in list_names(layers)] if layers is not None else []
    return sum(
        _measure(node) for node in (find_node(group, "X"), find_node(group, "raw", "X"), *named) if node is not None
    )


def is_current(group: Node) -> bool:
    """Whether all that is needed says its encoding, as anndata writes it since 0.8."""
    parts = [find_node(group, name) for name in ("obs", "var", "X")]
    return all(node is None or get_encoding(node) for node in parts)


def open_stored_table(group: Node) -> AnnData:
    """The table with its matrices where they are, as datasets of HDF5 or Zarr; everything else in memory."""
    from anndata import AnnData

    layers = find_node(group, "layers")
    raw = find_node(group, "raw")
    return AnnData(
        X=_open_matrix(find_node(group, "X")),
        obs=read_part(group, "obs"),
        var=read_part(group, "var"),
        layers={} if layers is None else {name: _open_matrix(layers[name]) for name in list_names(layers)},
        raw=None if raw is None or get_encoding(raw) == "null" else _read_raw(raw),
        **{name: read_part(group, name) for name in ("obsm", "varm", "obsp", "varp", "uns")},
    )


def read_part(group: Node, name: str) -> Any:
    """A part of a table that is no matrix, such as ``obs``; an empty mapping where there is none."""
    from anndata.io import read_elem

    node = find_node(group, name)
    return {} if node is None or get_encoding(node) == "null" else read_elem(node)


def _read_raw(raw: Node) -> dict[str, Any]:
    from anndata.io import read_elem

    varm = find_node(raw, "varm")
    return {
        "X": _open_matrix(find_node(raw, "X")),
        "var": read_elem(raw["var"]),
        "varm": {} if varm is None else read_elem(varm),
    }


def _open_matrix(node: Node | None) -> Any:
    if node is None or get_encoding(node) == "null":
        return None
    if not is_group(node):
        return node
    from anndata.io import sparse_dataset

    return sparse_dataset(node)


def _measure(node: Node) -> int:
    if is_group(node):
        return sum(_measure(node[name]) for name in ("data", "indices", "indptr") if name in node)
    return int(node.size) * int(node.dtype.itemsize)
