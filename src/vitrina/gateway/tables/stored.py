"""AnnData in HDF5 as a table to serve: nothing but metadata is read before a client asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.gateway.tables.dense import DenseMatrix
from vitrina.gateway.tables.limits import check_chunks
from vitrina.gateway.tables.served import (
    INDEX,
    NUMBERS,
    FrameColumn,
    ServedTable,
    StackedColumns,
    add_positions,
    number_rows,
)
from vitrina.gateway.tables.sparse import SparseMatrix
from vitrina.gateway.tables.stored_frame import find_columns, find_group_columns, open_vector
from vitrina.readers.hdf5 import find_child, get_attribute, list_children, reading

if TYPE_CHECKING:
    import h5py
    import numpy.typing as npt

    from vitrina.gateway.tables.served import Matrix


def serve_stored(group: h5py.Group, positions: tuple[str, str] | None) -> ServedTable:
    """The table in a group, which is read as long as the table lives.

    Args:
        group: AnnData of any age.
        positions: Columns of ``obs`` that hold x and y.

    Raises:
        UnreadableError: The file is damaged, or refers to other files.
    """
    matrix = open_matrix(group, "X")
    obs, var = (find_columns(group, axis) for axis in ("obs", "var"))
    n_obs, n_vars = matrix.shape if matrix is not None else (_count_rows(obs), _count_rows(var))
    return ServedTable(
        obs=_with_index(obs, n_obs),
        var=_with_index(var, n_vars),
        matrix=matrix,
        layers=dict(_iterate_matrices(group, "layers")),
        obsm=add_positions(open_obsm(group), obs, positions),
    )


def open_obsm(group: h5py.Group, name: str = "obsm") -> dict[str, Matrix | FrameColumn]:
    """``obsm`` of AnnData or MuData: embeddings, and vectors; of data frames the columns that are numbers."""
    import h5py

    with reading(name):
        node = find_child(group, name)
        if node is None:
            return {}
        if isinstance(node, h5py.Dataset):
            return dict(_open_compound(node))
        found = {child: _open_entry(node, child) for child in list_children(node)}
    return {child: entry for child, entry in found.items() if entry is not None}


def open_matrix(parent: h5py.Group, name: str) -> Matrix | None:
    """The matrix of that name, None when there is none, or it does not hold numbers in two dimensions.

    Raises:
        UnreadableError: It is damaged, or lies in another file.
    """
    import h5py

    with reading(name):
        node = find_child(parent, name)
        if isinstance(node, h5py.Dataset):
            return DenseMatrix(node) if node.ndim == 2 and node.dtype.kind in NUMBERS else None
        if node is None:
            return None
        encoding = str(get_attribute(node, "encoding-type") or get_attribute(node, "h5sparse_format") or "")
        shape = get_attribute(node, "shape") if "shape" in node.attrs else get_attribute(node, "h5sparse_shape")
        if not encoding.startswith(("csr", "csc")) or shape is None or len(shape) != 2:
            return None
        return open_sparse(node, (int(shape[0]), int(shape[1])), is_csr=encoding.startswith("csr"))


def open_sparse(group: h5py.Group, shape: tuple[int, int], *, is_csr: bool) -> SparseMatrix | None:
    """The matrix whose ``data``, ``indices`` and ``indptr`` are in a group, None when it does not hold numbers.

    Raises:
        UnreadableError: One of them is missing, or lies in another file.
    """
    data, indices, indptr = (_get_vector(group, name) for name in ("data", "indices", "indptr"))
    for vector in (data, indices, indptr):
        if vector.dtype.kind not in NUMBERS:
            return None
        check_chunks(vector)
    return SparseMatrix(data, indices, indptr, shape, is_csr=is_csr, name=str(group.name))


def _iterate_matrices(group: h5py.Group, name: str) -> Any:
    import h5py

    with reading(name):
        node = find_child(group, name)
        for child in list_children(node) if isinstance(node, h5py.Group) else []:
            matrix = open_matrix(node, child)
            if matrix is not None:
                yield child, matrix


def _open_entry(group: h5py.Group, name: str) -> Matrix | FrameColumn | None:
    import h5py

    node = find_child(group, name)
    if isinstance(node, h5py.Dataset) and node.ndim == 1:
        return open_vector(node, name)
    if isinstance(node, h5py.Group) and get_attribute(node, "encoding-type") == "dataframe":
        numbers = [one for one in find_group_columns(node) if one.dtype is not None and one.categories is None]
        return StackedColumns(tuple(numbers)) if numbers else None
    return open_matrix(group, name)


def _open_compound(dataset: h5py.Dataset) -> Any:
    """All embeddings in one dataset, as anndata wrote them before version 0.7."""
    for name in dataset.dtype.names or ():
        shape = dataset.dtype[name].shape
        if len(shape) == 1 and dataset.dtype[name].base.kind in NUMBERS:
            yield name, _FieldMatrix(dataset, name)


class _FieldMatrix:
    """One embedding of such a dataset."""

    dtype = "float32"

    def __init__(self, dataset: h5py.Dataset, name: str) -> None:
        self._dataset = dataset
        self._name = name
        self.shape: tuple[int, int] = (len(dataset), int(dataset.dtype[name].shape[0]))

    def read(self, window: tuple[slice, ...]) -> npt.NDArray[Any]:
        rows, columns = window
        with reading(f"obsm/{self._name}"):
            values: npt.NDArray[Any] = self._dataset.fields(self._name)[rows][:, columns].astype(self.dtype)
        return values


def _with_index(columns: list[FrameColumn], n_rows: int) -> list[FrameColumn]:
    """The columns with an index, which the oldest files and damaged ones lack."""
    has_index = bool(columns) and columns[0].name == INDEX
    return columns if has_index else [number_rows(n_rows), *columns]


def _count_rows(columns: list[FrameColumn]) -> int:
    return columns[0].n_rows if columns else 0


def _get_vector(group: h5py.Group, name: str) -> h5py.Dataset:
    import h5py

    vector = find_child(group, name)
    if not isinstance(vector, h5py.Dataset) or vector.ndim != 1:
        raise UnreadableError(
            "sparse-matrix-damaged",
            f"The sparse matrix {group.name} is damaged: {name} is missing or not one-dimensional.",
            where=str(group.name),
        )
    return vector
