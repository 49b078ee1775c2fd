"""Genes out of a matrix in HDF5: a window of columns as dense float32, whatever the storage order."""

from __future__ import annotations

from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.hdf5 import find_child, get_attribute, reading

if TYPE_CHECKING:
    import h5py
    import numpy as np
    import numpy.typing as npt

    type Dense = npt.NDArray[np.float32]

MAX_RESORTED_VALUES = 30_000_000
"""Row-sorted matrices up to this size are kept column-sorted in memory: 8 bytes a value, 240 MB."""

_BLOCK_VALUES = 4_000_000


class DenseMatrix:
    """Rows and columns as a two-dimensional dataset."""

    def __init__(self, dataset: h5py.Dataset) -> None:
        self._dataset = dataset
        self.shape: tuple[int, int] = (int(dataset.shape[0]), int(dataset.shape[1]))

    def read(self, window: tuple[slice, ...]) -> Dense:
        """The values inside a window of rows and columns."""
        import numpy as np

        with reading(self._dataset.name):
            values: Dense = self._dataset[window].astype(np.float32)
        return values


class SparseMatrix:
    """``data``, ``indices`` and ``indptr``, sorted by rows (CSR) or columns (CSC).

    Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html#sparse-arrays
    """

    def __init__(self, group: h5py.Group, shape: tuple[int, int], *, is_csr: bool) -> None:
        self.shape = shape
        self._is_csr = is_csr
        self._lock = Lock()
        self._data, self._indices, self._indptr = (_get_vector(group, name) for name in ("data", "indices", "indptr"))
        self._name = str(group.name)

    def read(self, window: tuple[slice, ...]) -> Dense:
        """The values inside a window of rows and columns."""
        rows, columns = window
        with reading(self._name):
            if not self._is_csr:
                values = self._read_columns(columns)
            elif len(self._data) <= MAX_RESORTED_VALUES:
                with self._lock:
                    by_column = self._by_column
                values = by_column[:, columns].toarray()
            else:
                values = self._scan_rows(columns)
        return values[rows]

    @cached_property
    def _offsets(self) -> npt.NDArray[np.int64]:
        """``indptr``, checked: it must rise from 0 to the number of values."""
        import numpy as np

        offsets: npt.NDArray[np.int64] = self._indptr[:].astype(np.int64)
        n_groups = self.shape[0] if self._is_csr else self.shape[1]
        is_sound = len(offsets) == n_groups + 1 and offsets[0] == 0 and bool((np.diff(offsets) >= 0).all())
        if not is_sound or offsets[-1] > min(len(self._data), len(self._indices)):
            raise _damaged(self._name, "indptr does not fit the shape and the number of values")
        return offsets

    @cached_property
    def _by_column(self) -> Any:
        """The whole matrix, sorted by columns once."""
        import numpy as np
        from scipy.sparse import csr_matrix

        end = int(self._offsets[-1])
        indices = self._check(self._indices[:end], self.shape[1])
        data = self._data[:end].astype(np.float32)
        return csr_matrix((data, indices, self._offsets), shape=self.shape).tocsc()

    def _read_columns(self, columns: slice) -> Dense:
        import numpy as np

        start, stop = int(self._offsets[columns.start]), int(self._offsets[columns.stop])
        rows = self._check(self._indices[start:stop], self.shape[0])
        counts = np.diff(self._offsets[columns.start : columns.stop + 1])
        dense = np.zeros((self.shape[0], columns.stop - columns.start), np.float32)
        dense[rows, np.repeat(np.arange(len(counts)), counts)] = self._data[start:stop]
        return dense

    def _scan_rows(self, columns: slice) -> Dense:
        """Pass over a matrix that is too large for memory, block by block."""
        import numpy as np

        dense = np.zeros((self.shape[0], columns.stop - columns.start), np.float32)
        for start in range(0, int(self._offsets[-1]), _BLOCK_VALUES):
            stop = min(start + _BLOCK_VALUES, int(self._offsets[-1]))
            indices = self._check(self._indices[start:stop], self.shape[1])
            hits = np.flatnonzero((indices >= columns.start) & (indices < columns.stop))
            rows = np.searchsorted(self._offsets, hits + start, side="right") - 1
            dense[rows, indices[hits] - columns.start] = self._data[start:stop][hits]
        return dense

    def _check(self, indices: npt.NDArray[Any], limit: int) -> npt.NDArray[Any]:
        if len(indices) and (indices.min() < 0 or indices.max() >= limit):
            raise _damaged(self._name, f"an index lies outside of 0 to {limit - 1}")
        return indices


def open_matrix(parent: h5py.Group, name: str) -> DenseMatrix | SparseMatrix | None:
    """The matrix of that name, None when there is none or it has no two dimensions.

    Raises:
        UnreadableError: It is damaged, or lies in another file.
    """
    import h5py

    with reading(name):
        node = find_child(parent, name)
        if isinstance(node, h5py.Dataset):
            return DenseMatrix(node) if node.ndim == 2 and node.dtype.kind in "biuf" else None
        if node is None:
            return None
        encoding = str(get_attribute(node, "encoding-type") or get_attribute(node, "h5sparse_format") or "")
        shape = get_attribute(node, "shape") if "shape" in node.attrs else get_attribute(node, "h5sparse_shape")
        if not encoding.startswith(("csr", "csc")) or shape is None or len(shape) != 2:
            return None
        return SparseMatrix(node, (int(shape[0]), int(shape[1])), is_csr=encoding.startswith("csr"))


def _get_vector(group: h5py.Group, name: str) -> h5py.Dataset:
    import h5py

    vector = find_child(group, name)
    if not isinstance(vector, h5py.Dataset) or vector.ndim != 1:
        raise _damaged(str(group.name), f"{name} is missing or not one-dimensional")
    return vector


def _damaged(name: str, what: str) -> UnreadableError:
    return UnreadableError("sparse-matrix-damaged", f"The sparse matrix {name} is damaged: {what}.", where=name)
