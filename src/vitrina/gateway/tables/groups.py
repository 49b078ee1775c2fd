"""A served table as groups and arrays of Zarr.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.gateway.hierarchy import VirtualArray
from vitrina.gateway.tables.served import INDEX, FrameColumn
from vitrina.gateway.tree import MAX_VALUE_BYTES
from vitrina.gateway.zarr.consolidated import join
from vitrina.gateway.zarr.node import TEXT
from vitrina.readers.hdf5 import reading
from vitrina.readers.zarr_names import make_names_safe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vitrina.gateway.tables.served import Matrix, ServedTable

    type Arrays = dict[str, VirtualArray]
    type Groups = dict[str, dict[str, Any]]

DICT = {"encoding-type": "dict", "encoding-version": "0.1.0"}

_ARRAY = {"encoding-type": "array", "encoding-version": "0.2.0"}
_TEXT = {"encoding-type": "string-array", "encoding-version": "0.2.0"}

ROWS_PER_CHUNK = 2**17
MAX_GENES_PER_CHUNK = 10
_VALUES_PER_CHUNK = 2**18
_DIMENSIONS_PER_CHUNK = 2


def add_table(groups: Groups, arrays: Arrays, table: ServedTable, path: str = "") -> None:
    """Add a table at a path, ``""`` for the root."""
    groups[path] = {"encoding-type": "anndata", "encoding-version": "0.1.0"}
    add_annotations(groups, arrays, table, path)
    if table.matrix is not None:
        arrays[join(path, "X")] = _build_matrix(table.matrix)
    groups[join(path, "layers")] = dict(DICT)
    for name, layer in _name_safely(table.layers):
        arrays[join(path, f"layers/{name}")] = _build_matrix(layer)


def add_annotations(groups: Groups, arrays: Arrays, table: ServedTable, path: str) -> None:
    """Add what a table says of its observations and variables."""
    for axis, columns in (("obs", table.obs), ("var", table.var)):
        _add_frame(groups, arrays, join(path, axis), columns)
    add_mapping(groups, arrays, join(path, "obsm"), table.obsm)


def add_mapping(groups: Groups, arrays: Arrays, path: str, entries: Mapping[str, Matrix | FrameColumn]) -> None:
    """Add a group of arrays with one row per observation."""
    groups[path] = dict(DICT)
    for name, entry in _name_safely(entries):
        if isinstance(entry, FrameColumn):
            arrays[f"{path}/{name}"] = _build_vector(entry)
        else:
            arrays[f"{path}/{name}"] = _build_table(entry, _DIMENSIONS_PER_CHUNK)


def count_genes(n_obs: int, n_vars: int) -> int:
    """Genes per chunk: one request shows one gene, so a chunk stays around a megabyte."""
    return min(max(_VALUES_PER_CHUNK // max(n_obs, 1), 1), MAX_GENES_PER_CHUNK, max(n_vars, 1))


def _add_frame(groups: Groups, arrays: Arrays, path: str, columns: Sequence[FrameColumn]) -> None:
    named = [column for column in columns if column.name != INDEX]
    safe = make_names_safe([column.name for column in named])
    groups[path] = {
        "encoding-type": "dataframe",
        "encoding-version": "0.2.0",
        "_index": INDEX,
        "column-order": safe,
    }
    arrays |= {f"{path}/{INDEX}": _build_vector(column) for column in columns if column.name == INDEX}
    for name, column in zip(safe, named, strict=True):
        if column.categories is None:
            arrays[f"{path}/{name}"] = _build_vector(column)
            continue
        groups[f"{path}/{name}"] = {
            "encoding-type": "categorical",
            "encoding-version": "0.2.0",
            "ordered": column.is_ordered,
        }
        arrays[f"{path}/{name}/codes"] = _build_vector(column)
        arrays[f"{path}/{name}/categories"] = _build_vector(column.categories, rows_per_chunk=column.categories.n_rows)


def _name_safely[Entry](entries: Mapping[str, Entry]) -> Iterator[tuple[str, Entry]]:
    return zip(make_names_safe(entries), entries.values(), strict=True)


def _build_vector(column: FrameColumn, *, rows_per_chunk: int = ROWS_PER_CHUNK) -> VirtualArray:
    def read(window: tuple[slice, ...]) -> Any:
        with reading(column.name):
            return column.read(window[0])

    return VirtualArray(
        shape=(column.n_rows,),
        chunk_shape=(min(column.n_rows, rows_per_chunk, max(MAX_VALUE_BYTES // max(column.row_bytes, 1), 1)),),
        dtype=TEXT if column.dtype is None else column.dtype,
        read=read,
        attrs=_TEXT if column.dtype is None else _ARRAY,
    )


def _build_matrix(matrix: Matrix) -> VirtualArray:
    return _build_table(matrix, count_genes(*matrix.shape))


def _build_table(matrix: Matrix, n_columns: int) -> VirtualArray:
    n_rows, n_all = matrix.shape
    return VirtualArray(
        shape=matrix.shape,
        chunk_shape=(n_rows, min(n_columns, n_all)),
        dtype=matrix.dtype,
        read=matrix.read,
        attrs=_ARRAY,
    )
