"""A sparse matrix sorted by rows into one sorted by columns, on disk: two passes, with the memory of one block.

The first pass counts the values of each column, which says where each column will lie. The second takes a block of rows
at a time, sorts it by columns in memory, and puts each column's part behind what is there of that column.
"""

from __future__ import annotations

import math
import os
import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSorted:
    """A matrix that is sparse by rows.

    Attributes:
        data: Values, as an array or dataset.
        indices: The column of each.
        indptr: Where each row begins, and the end; checked.
        shape: Rows and columns.
        name: Of the matrix, for messages.
    """

    data: Any
    indices: Any
    indptr: npt.NDArray[np.int64]
    shape: tuple[int, int]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spool:
    """The sorted matrix, in files that nobody else sees and that vanish when they are closed.

    Attributes:
        data: Its values.
        indices: The row of each.
        indptr: Where each column begins, and the end.
        shape: Rows and columns.
        files: What is open.
    """

    data: npt.NDArray[Any]
    indices: npt.NDArray[np.int32] | npt.NDArray[np.int64]
    indptr: npt.NDArray[np.int64]
    shape: tuple[int, int]
    files: tuple[Any, ...]

    def close(self) -> None:
        """Give the space back."""
        for file in self.files:
            file.close()


def spool_columns(matrix: RowSorted, folder: Path, block_bytes: int) -> Spool:
    """Sort by columns.

    Args:
        matrix: Sorted by rows.
        folder: Where the files are made.
        block_bytes: Memory of one block.

    Raises:
        UnreadableError: An index lies outside of the matrix.
    """
    ends = _count_columns(matrix, block_bytes)
    n_values = int(ends[-1])
    index_type = np.dtype(np.int32 if matrix.shape[0] < 2**31 else np.int64)
    files = tuple(tempfile.TemporaryFile(dir=folder) for _ in range(2))  # noqa: SIM115 closed with the spool
    try:
        out_data, out_rows = (
            map_file(file, dtype, (n_values,))
            for file, dtype in zip(files, (matrix.data.dtype, index_type), strict=True)
        )
        place = ends[:-1].copy()
        for start, block in _iterate_rows(matrix, block_bytes):
            columns = block.tocsc()
            counts = np.diff(columns.indptr)
            # the part of each column begins where its last one ended
            targets = np.repeat(place - columns.indptr[:-1], counts) + np.arange(columns.nnz)
            out_data[targets] = columns.data
            out_rows[targets] = columns.indices + start
            place += counts
    except BaseException:
        for file in files:
            file.close()
        raise
    return Spool(data=out_data, indices=out_rows, indptr=ends, shape=matrix.shape, files=files)


def check_indptr(indptr: npt.NDArray[np.int64], n_groups: int, n_values: int, name: str) -> None:
    """Whether it rises from 0 to no more than the number of values.

    Raises:
        UnreadableError: It does not.
    """
    is_sound = len(indptr) == n_groups + 1 and indptr[0] == 0 and bool((np.diff(indptr) >= 0).all())
    if not is_sound or indptr[-1] > n_values:
        raise UnreadableError(
            "sparse-matrix-damaged",
            f"The sparse matrix {name} is damaged: indptr does not fit the shape and the number of values.",
            where=name,
        )


def _count_columns(matrix: RowSorted, block_bytes: int) -> npt.NDArray[np.int64]:
    counts = np.zeros(matrix.shape[1], np.int64)
    for _, block in _iterate_rows(matrix, block_bytes):
        counts += np.bincount(block.indices, minlength=matrix.shape[1])
    return np.concatenate([[0], np.cumsum(counts)])


def _iterate_rows(matrix: RowSorted, block_bytes: int) -> Iterator[tuple[int, csr_matrix]]:
    """The first row, and the rows, of each block; each value once, sorted."""
    indptr, shape = matrix.indptr, matrix.shape
    n_values = max(block_bytes // (np.dtype(matrix.data.dtype).itemsize + 24), 1)  # the block, and it sorted by columns
    start = 0
    while start < shape[0]:
        stop = max(int(np.searchsorted(indptr, indptr[start] + n_values, side="right")) - 1, start + 1)
        first, last = int(indptr[start]), int(indptr[stop])
        columns = np.asarray(matrix.indices[first:last])
        if len(columns) and (columns.min() < 0 or columns.max() >= shape[1]):
            raise UnreadableError(
                "sparse-matrix-damaged",
                f"The sparse matrix {matrix.name} is damaged: an index lies outside of 0 to {shape[1] - 1}.",
                where=matrix.name,
            )
        parts = np.array(matrix.data[first:last]), np.array(columns), indptr[start : stop + 1] - first
        block = csr_matrix(parts, (stop - start, shape[1]))
        block.sum_duplicates()
        yield start, block
        start = stop


def map_file(file: Any, dtype: np.dtype[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    """An array in a new file, which may be closed before the array is given up.

    Raises:
        OSError: There is no room for it; without asking for all of it first, the process would die while it writes.
    """
    n_bytes = math.prod(shape) * dtype.itemsize
    if n_bytes == 0:
        return np.zeros(shape, dtype)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, n_bytes)
    return np.memmap(file, dtype, "w+", shape=shape)
