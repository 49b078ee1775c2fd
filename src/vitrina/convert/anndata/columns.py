"""Variables out of a matrix, a block of columns at a time: in memory, or in HDF5 or Zarr and larger than memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy.sparse import csc_matrix, issparse

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.column_spool import RowSorted, Spool, check_indptr, spool_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

    type Block = npt.NDArray[Any] | csc_matrix


class ColumnSource(Protocol):
    """A matrix of observations x variables.

    Attributes:
        shape: Its size.
        dtype: Of its values.
        n_stored: Values that are not known to be zero.
        n_best: Columns to read together, or a multiple.
    """

    shape: tuple[int, int]
    dtype: np.dtype[Any]
    n_stored: int
    n_best: int

    def read_columns(self, start: int, stop: int) -> Block:
        """Some columns: an array, or sparse by columns with each value once."""

    def iterate_values(self) -> Iterator[npt.NDArray[Any]]:
        """All stored values in blocks, in any order and shape."""

    def close(self) -> None:
        """Give up what was needed for reading; the matrix itself stays as it is."""


class DenseColumns:
    """A dense matrix: an array, or a dataset that is sliced like one."""

    def __init__(self, values: Any, block_bytes: int) -> None:
        self._values = values
        self.shape = _get_shape(values.shape)
        self.dtype = np.dtype(values.dtype)
        self.n_stored = self.shape[0] * self.shape[1]
        chunks = getattr(values, "chunks", None) or (1, 1)
        self.n_best = int(chunks[1])
        rows = int(chunks[0])
        self._n_rows = max(block_bytes // max(self.shape[1] * self.dtype.itemsize * rows, 1), 1) * rows

    def read_columns(self, start: int, stop: int) -> Block:
        return np.asarray(self._values[:, start:stop])

    def iterate_values(self) -> Iterator[npt.NDArray[Any]]:
        for start in range(0, self.shape[0], self._n_rows):
            yield np.asarray(self._values[start : start + self._n_rows])

    def close(self) -> None:
        """Nothing was opened."""


class SparseColumns:
    """A matrix that is sparse by columns: ``data``, ``indices`` and ``indptr``, as arrays or datasets."""

    def __init__(
        self, data: Any, indices: Any, indptr: npt.NDArray[np.int64], shape: tuple[int, int], block_bytes: int
    ) -> None:
        self._data, self._indices, self._indptr = data, indices, indptr
        self.shape = _get_shape(shape)
        self.dtype = np.dtype(data.dtype)
        self.n_stored = int(indptr[-1])
        self.n_best = 1
        self._n_values = max(block_bytes // (self.dtype.itemsize + 8), 1)

    def read_columns(self, start: int, stop: int) -> Block:
        first, last = int(self._indptr[start]), int(self._indptr[stop])
        rows = np.asarray(self._indices[first:last])
        if len(rows) and (rows.min() < 0 or rows.max() >= self.shape[0]):
            raise UnreadableError(
                "sparse-matrix-damaged", f"An index of the sparse matrix lies outside of 0 to {self.shape[0] - 1}."
            )
        indptr = self._indptr[start : stop + 1] - first
        # a copy, since it is sorted in place
        block = csc_matrix((np.array(self._data[first:last]), np.array(rows), indptr), (self.shape[0], stop - start))
        block.sum_duplicates()
        return block

    def iterate_values(self) -> Iterator[npt.NDArray[Any]]:
        start = 0
        while start < self.shape[1]:
            limit = self._indptr[start] + self._n_values
            stop = max(int(np.searchsorted(self._indptr, limit, side="right")) - 1, start + 1)
            block: Any = self.read_columns(start, min(stop, self.shape[1]))
            yield block.data
            start = stop

    def close(self) -> None:
        """Nothing was opened."""


class SpooledColumns(SparseColumns):
    """A matrix that is sparse by rows and larger than memory, sorted by columns in a file without a name."""

    def __init__(self, spool: Spool, block_bytes: int) -> None:
        super().__init__(spool.data, spool.indices, spool.indptr, spool.shape, block_bytes)
        self._spool = spool

    def close(self) -> None:
        self._spool.close()


def open_columns(matrix: Any, name: str, *, scratch: Path, max_memory_bytes: int) -> ColumnSource:
    """The columns of whatever AnnData has as a matrix.

    Args:
        matrix: NumPy, SciPy, Dask, or a dataset of HDF5 or Zarr, dense or sparse.
        name: What it is, for messages.
        scratch: Folder where a file is made, where a matrix that is larger than memory must be sorted.
        max_memory_bytes: What blocks may take.

    Raises:
        UnreadableError: It is damaged.
        UnsupportedError: It holds no numbers.
    """
    block_bytes = max(max_memory_bytes // 4, 1)
    if hasattr(matrix, "dask"):
        matrix = matrix.compute()
    if np.dtype(matrix.dtype).kind not in "biuf":
        raise UnsupportedError(
            "matrix-dtype", f"{name} holds {matrix.dtype}; only whole and decimal numbers can be written.", where=name
        )
    if issparse(matrix):
        columns = matrix.tocsc()
        if not columns.has_canonical_format:
            columns = columns.copy()
            columns.sum_duplicates()
        return SparseColumns(columns.data, columns.indices, columns.indptr.astype(np.int64), matrix.shape, block_bytes)
    if not hasattr(matrix, "group"):  # a dataset, which is sliced as an array is
        return DenseColumns(matrix, block_bytes)
    return _open_stored(matrix, name, scratch, block_bytes)


def _open_stored(matrix: Any, name: str, scratch: Path, block_bytes: int) -> ColumnSource:
    """A sparse matrix in HDF5 or Zarr, as anndata hands it out."""
    group, shape = matrix.group, _get_shape(matrix.shape)
    data, indices = group["data"], group["indices"]
    indptr = np.asarray(group["indptr"][:]).astype(np.int64)
    n_groups = shape[0] if matrix.format == "csr" else shape[1]
    check_indptr(indptr, n_groups, min(len(data), len(indices)), name)
    if matrix.format == "csc":
        return SparseColumns(data, indices, indptr, shape, block_bytes)
    by_rows = RowSorted(data=data, indices=indices, indptr=indptr, shape=shape, name=name)
    return SpooledColumns(spool_columns(by_rows, scratch, block_bytes), block_bytes)


def _get_shape(shape: Any) -> tuple[int, int]:
    n_obs, n_vars = shape
    return int(n_obs), int(n_vars)
