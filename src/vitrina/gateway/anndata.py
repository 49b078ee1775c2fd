"""An h5ad file as AnnData in Zarr: columns as text or numbers, genes in column chunks.

Differences from what anndata would write are for the viewer's sake: integer categories are text, nullable columns are
plain ones, matrices are dense with few genes per chunk, and positions that are stored as columns appear as
``obsm/spatial``.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from vitrina.gateway.frame import INDEX, FrameColumn, find_columns
from vitrina.gateway.hierarchy import Hierarchy, VirtualArray
from vitrina.gateway.matrix import open_matrix
from vitrina.gateway.zarr.node import TEXT
from vitrina.model.content import TableElement
from vitrina.readers.hdf5 import find_child, list_children, open_hdf5, reading

if TYPE_CHECKING:
    from pathlib import Path

    import h5py
    import numpy as np
    import numpy.typing as npt

    from vitrina.model.content import Content

    type Arrays = dict[str, VirtualArray]
    type Groups = dict[str, dict[str, Any]]

_ARRAY = {"encoding-type": "array", "encoding-version": "0.2.0"}
_TEXT = {"encoding-type": "string-array", "encoding-version": "0.2.0"}
_DICT = {"encoding-type": "dict", "encoding-version": "0.1.0"}

_ROWS_PER_CHUNK = 2**17
_VALUES_PER_CHUNK = 2**20
_MAX_GENES_PER_CHUNK = 10


def open_anndata(path: Path, content: Content, *, etag: str, zarr_format: Literal[2, 3] = 2) -> Hierarchy:
    """The file as a tree; the file stays open as long as the tree lives.

    Raises:
        UnreadableError: The file is damaged, or refers to other files.
    """
    file = open_hdf5(path)
    table = next((element for element in content.elements if isinstance(element, TableElement)), None)
    groups: Groups = {"": {"encoding-type": "anndata", "encoding-version": "0.1.0"}}
    arrays: Arrays = {}
    columns = {axis: find_columns(file, axis) for axis in ("obs", "var")}
    for axis, found in columns.items():
        _add_frame(groups, arrays, axis, found)
    groups["obsm"] = dict(_DICT)
    _add_obsm(arrays, file)
    if table is not None and table.position_columns is not None and "obsm/spatial" not in arrays:
        _add_positions(arrays, columns["obs"], table.position_columns)
    _add_matrices(groups, arrays, file)
    return Hierarchy(etag=etag, groups=groups, arrays=arrays, zarr_format=zarr_format)


def _add_frame(groups: Groups, arrays: Arrays, axis: str, columns: list[FrameColumn]) -> None:
    groups[axis] = {
        "encoding-type": "dataframe",
        "encoding-version": "0.2.0",
        "_index": INDEX,
        "column-order": [column.name for column in columns if column.name != INDEX],
    }
    for column in columns:
        path = f"{axis}/{column.name}"
        if column.categories is None:
            arrays[path] = _build_vector(column)
            continue
        groups[path] = {"encoding-type": "categorical", "encoding-version": "0.2.0", "ordered": column.is_ordered}
        arrays[f"{path}/codes"] = _build_vector(column)
        arrays[f"{path}/categories"] = _build_text(column.categories)


def _build_vector(column: FrameColumn) -> VirtualArray:
    def read(window: tuple[slice, ...]) -> Any:
        with reading(column.name):
            return column.read(window[0])

    is_text = column.dtype is None
    return VirtualArray(
        shape=(column.n_rows,),
        chunk_shape=(min(column.n_rows, _ROWS_PER_CHUNK),),
        dtype=TEXT if column.dtype is None else column.dtype,
        read=read,
        attrs=_TEXT if is_text else _ARRAY,
    )


def _build_text(texts: tuple[str, ...]) -> VirtualArray:
    return VirtualArray(
        shape=(len(texts),),
        chunk_shape=(len(texts),),
        dtype=TEXT,
        read=lambda window: texts[window[0]],
        attrs=_TEXT,
    )


def _add_obsm(arrays: Arrays, file: h5py.File) -> None:
    import h5py

    with reading("obsm"):
        node = find_child(file, "obsm")
        if isinstance(node, h5py.Dataset):
            _add_compound_obsm(arrays, node)
        elif node is not None:
            for name in list_children(node):
                matrix = open_matrix(node, name)
                if matrix is not None:
                    arrays[f"obsm/{name}"] = _build_table(matrix.shape, 2, matrix.read)


def _add_compound_obsm(arrays: Arrays, dataset: h5py.Dataset) -> None:
    """All embeddings in one dataset, as anndata wrote them before version 0.7."""
    import numpy as np

    for name in dataset.dtype.names or ():
        shape = dataset.dtype[name].shape
        if len(shape) != 1 or dataset.dtype[name].base.kind not in "biuf":
            continue

        def read(window: tuple[slice, ...], name: str = name) -> npt.NDArray[np.float32]:
            with reading(f"obsm/{name}"):
                values: npt.NDArray[np.float32] = dataset.fields(name)[window[0]][:, window[1]].astype(np.float32)
            return values

        arrays[f"obsm/{name}"] = _build_table((len(dataset), int(shape[0])), 2, read)


def _add_positions(arrays: Arrays, columns: list[FrameColumn], names: tuple[str, str]) -> None:
    import numpy as np

    by_name = {column.name: column for column in columns if column.dtype is not None and column.categories is None}
    if not all(name in by_name for name in names):
        return
    xy = [by_name[name] for name in names]

    def read(window: tuple[slice, ...]) -> npt.NDArray[np.float32]:
        with reading("/".join(names)):
            both = np.stack([np.asarray(column.read(window[0])) for column in xy], axis=1)
        return both[:, window[1]].astype(np.float32)

    arrays["obsm/spatial"] = _build_table((xy[0].n_rows, 2), 2, read)


def _add_matrices(groups: Groups, arrays: Arrays, file: h5py.File) -> None:
    import h5py

    matrix = open_matrix(file, "X")
    if matrix is not None:
        arrays["X"] = _build_table(matrix.shape, _count_genes(matrix.shape), matrix.read)
    groups["layers"] = dict(_DICT)
    with reading("layers"):
        layers = find_child(file, "layers")
        for name in list_children(layers) if isinstance(layers, h5py.Group) else []:
            layer = open_matrix(layers, name)
            if layer is not None:
                arrays[f"layers/{name}"] = _build_table(layer.shape, _count_genes(layer.shape), layer.read)


def _count_genes(shape: tuple[int, int]) -> int:
    """Genes per chunk: one request shows one gene, so a chunk stays around four megabytes."""
    return min(max(_VALUES_PER_CHUNK // max(shape[0], 1), 1), _MAX_GENES_PER_CHUNK, max(shape[1], 1))


def _build_table(shape: tuple[int, int], n_columns: int, read: Any) -> VirtualArray:
    return VirtualArray(
        shape=shape, chunk_shape=(shape[0], min(n_columns, shape[1])), dtype="float32", read=read, attrs=_ARRAY
    )
