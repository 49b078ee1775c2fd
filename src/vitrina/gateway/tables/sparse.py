"""Genes out of sparse matrices, whatever their order: a matrix that is sorted by rows is sorted by columns once.

Up to some size that is done in memory, above in a file that nobody else sees and that goes with the matrix.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html#sparse-arrays
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.gateway.tables.limits import check_sparse
from vitrina.gateway.tables.scratch import using_scratch
from vitrina.gateway.tables.served import cast, choose_dtype
from vitrina.readers.column_spool import RowSorted, spool_columns
from vitrina.readers.hdf5 import reading

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_MEMORY_VALUES = 2**22
"""A matrix with more values is sorted on disk: in memory they take 8 bytes each."""

SORT_BYTES = 64 * 2**20


class SparseMatrix:
    """``data``, ``indices`` and ``indptr``, sorted by rows (CSR) or columns (CSC), as arrays or datasets of HDF5.

    Args:
        data: Values.
        indices: The column of each where rows are sorted, else the row.
        indptr: Where each row or column begins, and the end.
        shape: Rows and columns.
        is_csr: Whether it is sorted by rows.
        name: What it is, for messages.
    """

    def __init__(
        self, data: Any, indices: Any, indptr: Any, shape: tuple[int, int], *, is_csr: bool, name: str
    ) -> None:
        import numpy as np

        self.shape = shape
        self.dtype = choose_dtype(np.dtype(data.dtype))
        self._name = name
        self._is_csr = is_csr
        self._lock = Lock()
        self._stored: tuple[Any, Any, Any] | None = (data, indices, indptr)
        self._sorted: _ByColumns | None = None

    def read(self, window: tuple[slice, ...]) -> npt.NDArray[Any]:
        """The values inside a window of rows and columns; of a place that is stored twice, the sum."""
        rows, columns = window
        with reading(self._name):
            return self._sort().read(columns, self.shape[0], self.dtype, self._name)[rows]

    def _sort(self) -> _ByColumns:
        with self._lock:
            if self._sorted is None:
                self._sorted = self._sort_once()
                self._stored = None
            return self._sorted

    def _sort_once(self) -> _ByColumns:
        data, indices, indptr = self._stored or ((), (), ())
        offsets = self._check_offsets(indptr, min(len(data), len(indices)))
        if not self._is_csr:
            return _ByColumns(data, indices, offsets)
        if int(offsets[-1]) <= MAX_MEMORY_VALUES:
            return self._sort_in_memory(data, indices, offsets)
        return self._sort_on_disk(data, indices, offsets)

    def _check_offsets(self, indptr: Any, n_values: int) -> npt.NDArray[np.int64]:
        """``indptr``, which must rise from 0 to the number of values."""
        import numpy as np

        n_groups = self.shape[0] if self._is_csr else self.shape[1]
        check_sparse(self._name, n_groups, 0)
        if len(indptr) == n_groups + 1:
            offsets: npt.NDArray[np.int64] = np.asarray(indptr[:]).astype(np.int64)
            if offsets[0] == 0 and offsets[-1] <= n_values and bool((np.diff(offsets) >= 0).all()):
                return offsets
        raise _damaged(self._name, "indptr does not fit the shape and the number of values")

    def _sort_in_memory(self, data: Any, indices: Any, offsets: npt.NDArray[np.int64]) -> _ByColumns:
        import numpy as np
        from scipy.sparse import csr_matrix

        end = int(offsets[-1])
        columns = check_indices(np.asarray(indices[:end]), self.shape[1], self._name)
        values = cast(np.asarray(data[:end]), self.dtype)
        by_column = csr_matrix((values, columns, offsets), shape=self.shape).tocsc()
        return _ByColumns(by_column.data, by_column.indices, by_column.indptr)

    def _sort_on_disk(self, data: Any, indices: Any, offsets: npt.NDArray[np.int64]) -> _ByColumns:
        check_sparse(self._name, len(offsets) - 1, int(offsets[-1]))
        by_rows = RowSorted(data=data, indices=indices, indptr=offsets, shape=self.shape, name=self._name)
        with using_scratch(self._name) as folder:
            spool = spool_columns(by_rows, folder, SORT_BYTES)
        spool.close()  # the mapped arrays keep what is theirs
        return _ByColumns(spool.data, spool.indices, spool.indptr)


@dataclass(frozen=True, slots=True)
class _ByColumns:
    """A matrix sorted by columns, as arrays or datasets; ``indptr`` is checked."""

    data: Any
    indices: Any
    indptr: npt.NDArray[Any]

    def read(self, columns: slice, n_rows: int, dtype: str, name: str) -> npt.NDArray[Any]:
        import numpy as np
        from scipy.sparse import csc_matrix

        start, stop = int(self.indptr[columns.start]), int(self.indptr[columns.stop])
        rows = check_indices(np.asarray(self.indices[start:stop]), n_rows, name)
        values = cast(np.asarray(self.data[start:stop]), dtype)
        offsets = self.indptr[columns.start : columns.stop + 1] - start
        shape = (n_rows, columns.stop - columns.start)
        dense: npt.NDArray[Any] = csc_matrix((values, rows, offsets), shape=shape).toarray()
        return dense


def check_indices(indices: npt.NDArray[Any], limit: int, name: str) -> npt.NDArray[Any]:
    """The numbers of rows or columns, as whole numbers, when all of them lie in the matrix.

    Raises:
        UnreadableError: One lies outside, or has a fraction.
    """
    if len(indices) and not (indices.min() >= 0 and indices.max() < limit):
        raise _damaged(name, f"an index lies outside of 0 to {limit - 1}")
    if indices.dtype.kind != "f":
        return indices
    whole = indices.astype("int64")  # other writers than 10x Genomics store them so
    if (whole != indices).any():
        raise _damaged(name, "an index has a fraction")
    return whole


def _damaged(name: str, what: str) -> UnreadableError:
    return UnreadableError("sparse-matrix-damaged", f"The sparse matrix {name} is damaged: {what}.", where=name)
