"""Genes out of dense matrices.

Those in HDF5 are read in bands of genes that hold whole chunks, so that no part of the file is read again for the next
gene.
"""

from __future__ import annotations

import tempfile
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitrina.gateway.tables.limits import check_chunks
from vitrina.gateway.tables.scratch import using_scratch
from vitrina.gateway.tables.served import cast, choose_dtype
from vitrina.readers.column_spool import map_file
from vitrina.readers.hdf5 import reading
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    import h5py
    import numpy.typing as npt

    type Values = npt.NDArray[Any]

MIN_BAND_BYTES = 4 * 2**20
"""Genes are read together up to this size, which is what a served chunk has."""

MAX_BAND_BYTES = 64 * 2**20
"""A matrix whose chunks, or whose rows, are wider is sorted by genes on disk before the first gene is read."""

MAX_SORTED_BYTES = 4 * 2**30
"""A matrix that is larger still is not sorted: each gene is read where it lies, which takes seconds."""


class MemoryMatrix:
    """A matrix in memory."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.shape: tuple[int, int] = (int(values.shape[0]), int(values.shape[1]))
        self.dtype = choose_dtype(values.dtype)

    def read(self, window: tuple[slice, ...]) -> Values:
        """The values inside a window of rows and columns."""
        return cast(self._values[window], self.dtype)


class DenseMatrix:
    """A two-dimensional dataset of HDF5.

    Args:
        dataset: Of numbers.
        is_transposed: Whether its rows are the genes, as in loom files.
    """

    def __init__(self, dataset: h5py.Dataset, *, is_transposed: bool = False) -> None:
        sizes = (int(dataset.shape[0]), int(dataset.shape[1]))
        self.shape: tuple[int, int] = sizes[::-1] if is_transposed else sizes
        self.dtype = choose_dtype(dataset.dtype)
        self._dataset = dataset
        self._is_transposed = is_transposed
        self._bands = DecodedCache(MAX_BAND_BYTES)
        self._lock = Lock()
        self._sorted: Values | None = None
        self._value_bytes = int(dataset.dtype.itemsize)
        self._gene_bytes = max(self.shape[0] * self._value_bytes, 1)
        self._n_together = self._count_together()

    def read(self, window: tuple[slice, ...]) -> Values:
        """The values inside a window of rows and columns."""
        import numpy as np

        rows, genes = window
        check_chunks(self._dataset)
        with reading(str(self._dataset.name)):
            n_together = self._n_together
            if n_together * self._gene_bytes > MAX_BAND_BYTES:
                return self._read_wide(rows, genes)
            out = np.empty((rows.stop - rows.start, genes.stop - genes.start), self.dtype)
            for band in range(genes.start // n_together, -(-genes.stop // n_together)):
                start = band * n_together
                values = self._bands.get(band, partial(self._load, start, start + n_together))
                first, last = max(genes.start, start), min(genes.stop, start + n_together)
                out[:, first - genes.start : last - genes.start] = values[first - start : last - start, rows].T
        return out

    def _count_together(self) -> int:
        """Genes of a band: those that lie in the same chunks, and no fewer than make a few megabytes."""
        n_genes = max(self.shape[1], 1)
        chunks = self._dataset.chunks
        if chunks is None:  # rows one behind the other
            n_chunk = 1 if self._is_transposed else n_genes
        else:
            n_chunk = int(chunks[0 if self._is_transposed else 1])
        n_wanted = max(MIN_BAND_BYTES // self._gene_bytes, 1)
        return min(max(n_wanted // n_chunk, 1) * n_chunk, n_genes)

    def _load(self, start: int, stop: int) -> Values:
        """Genes x observations."""
        import numpy as np

        values = self._dataset[start:stop] if self._is_transposed else self._dataset[:, start:stop].T
        return np.ascontiguousarray(cast(values, self.dtype))

    def _read_wide(self, rows: slice, genes: slice) -> Values:
        if self.shape[1] * self._gene_bytes > MAX_SORTED_BYTES:
            values = self._dataset[genes, rows].T if self._is_transposed else self._dataset[rows, genes]
            return cast(values, self.dtype)
        with self._lock:
            if self._sorted is None:
                self._sorted = self._sort_on_disk()
        return self._sorted[genes, rows].T

    def _sort_on_disk(self) -> Values:
        """All of it as genes x observations in a file without a name, read once."""
        import numpy as np

        n_obs, n_genes = self.shape
        with using_scratch(str(self._dataset.name)) as folder, tempfile.TemporaryFile(dir=folder) as file:
            out = map_file(file, np.dtype(self.dtype), (n_genes, n_obs))
        step = self._count_rows()
        for start in range(0, n_obs, step):
            rows = slice(start, start + step)
            values = self._dataset[:, rows] if self._is_transposed else self._dataset[rows].T
            out[:, rows] = cast(values, self.dtype)
        return out

    def _count_rows(self) -> int:
        """Observations that are read at once: whole chunks."""
        chunks = self._dataset.chunks
        n_chunk = 1 if chunks is None else int(chunks[1 if self._is_transposed else 0])
        row_bytes = max(self.shape[1] * self._value_bytes, 1)
        return max(MAX_BAND_BYTES // row_bytes // n_chunk, 1) * n_chunk
