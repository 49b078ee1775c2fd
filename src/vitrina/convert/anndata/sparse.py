"""Matrices that are sparse by columns to Zarr, block by block.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html#sparse-arrays
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csc_matrix

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import zarr

    from vitrina.convert.anndata.columns import ColumnSource
    from vitrina.convert.anndata.options import AnnDataOptions
    from vitrina.convert.anndata.plan import SparsePlan

    type Progress = Callable[[int, int], None]


def write_sparse(
    source: ColumnSource,
    parent: zarr.Group,
    path: str,
    *,
    dtype: np.dtype[Any],
    plan: SparsePlan,
    options: AnnDataOptions,
    progress: Progress | None = None,
) -> None:
    """Write a matrix.

    Args:
        source: Its columns.
        parent: The group that it goes into.
        path: Of the matrix in it.
        dtype: In which its values are written.
        plan: How it is laid out.
        options: Codec and memory.
        progress: Called with variables done and variables in all.
    """
    n_obs, n_vars = source.shape
    group = parent.create_group(path)
    index_type = np.dtype(np.int32 if max(n_obs, source.n_stored) < 2**31 else np.int64)
    data, indices = (
        _Appender(_create_vector(group, name, kind, source.n_stored, plan=plan, options=options), plan)
        for name, kind in (("data", dtype), ("indices", index_type))
    )
    indptr = np.zeros(n_vars + 1, index_type)
    n_columns = _count_columns(source, options)
    for start in range(0, n_vars, n_columns):
        stop = min(start + n_columns, n_vars)
        block = source.read_columns(start, stop)
        columns = block if isinstance(block, csc_matrix) else csc_matrix(block)
        data.append(columns.data.astype(dtype))
        indices.append(columns.indices.astype(index_type))
        indptr[start + 1 : stop + 1] = indptr[start] + columns.indptr[1:]
        if progress is not None:
            progress(stop, n_vars)
    for appender in (data, indices):
        appender.finish()
    from anndata.io import write_elem

    write_elem(group, "indptr", indptr, dataset_kwargs={"chunks": (len(indptr),)})
    group.attrs.update({"encoding-type": "csc_matrix", "encoding-version": "0.1.0", "shape": [n_obs, n_vars]})


class _Appender:
    """A vector that grows by whole files, so that none is written twice."""

    def __init__(self, array: zarr.Array[Any], plan: SparsePlan) -> None:
        self._array = array
        self._step = plan.chunk_size * (plan.n_shard_chunks or 1)
        self._waiting: list[npt.NDArray[Any]] = []
        self._n_waiting = 0
        self._end = 0

    def append(self, values: npt.NDArray[Any]) -> None:
        self._waiting.append(values)
        self._n_waiting += len(values)
        if self._n_waiting >= self._step:
            whole = np.concatenate(self._waiting)
            n_whole = len(whole) // self._step * self._step
            self._write(whole[:n_whole])
            self._waiting, self._n_waiting = [whole[n_whole:]], len(whole) - n_whole

    def finish(self) -> None:
        """Write the rest; what duplicates made too many is cut off."""
        if self._n_waiting:
            self._write(np.concatenate(self._waiting))
        if self._end < self._array.shape[0]:
            self._array.resize((self._end,))

    def _write(self, values: npt.NDArray[Any]) -> None:
        self._array[self._end : self._end + len(values)] = values
        self._end += len(values)


def _create_vector(
    group: zarr.Group, name: str, dtype: np.dtype[Any], size: int, *, plan: SparsePlan, options: AnnDataOptions
) -> zarr.Array[Any]:
    n_chunks = plan.n_shard_chunks
    array = group.create_array(
        name,
        shape=(size,),
        dtype=dtype,
        chunks=(plan.chunk_size,),
        shards=None if n_chunks is None else (plan.chunk_size * n_chunks,),
        compressors=_build_compressor(dtype, options),
        fill_value=0,
    )
    array.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    return array


def _build_compressor(dtype: np.dtype[Any], options: AnnDataOptions) -> Any:
    """The codec as zarr-python knows it."""
    if options.zarr_format == 2:
        import numcodecs

        config = options.codec.build_v2()
        return None if config is None else numcodecs.get_codec(config)
    _, *compressors = options.codec.build_v3(dtype)
    return compressors or None


def _count_columns(source: ColumnSource, options: AnnDataOptions) -> int:
    """Columns of a block: as many as fit into memory, where all are as full as on average."""
    n_values = max(source.n_stored // max(source.shape[1], 1), 1)
    return max(options.max_memory_bytes // (n_values * (source.dtype.itemsize + 8) * 4), 1)
