"""Dense matrices to Zarr: a chunk for each variable or a few, compressed by several threads."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from vitrina.convert.zarr.arrays import ArraySpec, build_json_bytes
from vitrina.convert.zarr.writer import ZarrWriter
from vitrina.pyramid.writer import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import numpy.typing as npt

    from vitrina.convert.anndata.columns import ColumnSource
    from vitrina.convert.anndata.options import AnnDataOptions
    from vitrina.convert.anndata.plan import DensePlan

    type Progress = Callable[[int, int], None]

ARRAY = {"encoding-type": "array", "encoding-version": "0.2.0"}
"""Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html#dense-arrays"""


def write_dense(
    source: ColumnSource,
    root: Path,
    path: str,
    *,
    dtype: np.dtype[Any],
    plan: DensePlan,
    options: AnnDataOptions,
    progress: Progress | None = None,
) -> None:
    """Write a matrix.

    Args:
        source: Its columns.
        root: Folder of the hierarchy.
        path: Of the array in it.
        dtype: In which its values are written.
        plan: How it is laid out.
        options: Codec, threads and memory.
        progress: Called with variables done and variables in all.
    """
    spec = _build_spec(path, source.shape, dtype, plan, options)
    writer = ZarrWriter(root, [spec])
    _describe(root / path, options.zarr_format)
    try:
        with ThreadPoolExecutor(options.choose_n_threads()) as pool:
            for start, block in _iterate_blocks(source, dtype, plan.chunk_shape[1], options):
                places = [
                    (_get_place(y, start // plan.chunk_shape[1] + x), pixels)
                    for x, y, pixels in _cut_chunks(block, plan.chunk_shape)
                ]
                for encoded in pool.map(lambda one: writer.encode(*one), places):
                    for chunk in encoded:
                        writer.store(chunk, writer.reserve(chunk))
                if progress is not None:
                    progress(start + block.shape[1], source.shape[1])
        writer.finish()
    except BaseException:
        writer.abort()
        raise


def _build_spec(
    path: str, shape: tuple[int, int], dtype: np.dtype[Any], plan: DensePlan, options: AnnDataOptions
) -> ArraySpec:
    n_rows, n_columns = plan.chunk_shape
    return ArraySpec(
        path=path,
        axes="yx",
        shape_tczyx=(1, 1, 1, *shape),
        chunk_tczyx=(1, 1, 1, n_rows, n_columns),
        shard_tczyx=None if plan.n_shard_chunks is None else (1, 1, 1, 1, plan.n_shard_chunks),
        dtype=dtype,
        codec=options.codec,
        zarr_format=options.zarr_format,
    )


def _describe(folder: Path, zarr_format: int) -> None:
    """Say that the array is one of AnnData, whose axes are not those of an image."""
    if zarr_format == 2:
        (folder / ".zattrs").write_bytes(build_json_bytes(ARRAY))
        return
    document = json.loads((folder / "zarr.json").read_bytes())
    del document["dimension_names"]
    (folder / "zarr.json").write_bytes(build_json_bytes({**document, "attributes": ARRAY}))


def _iterate_blocks(
    source: ColumnSource, dtype: np.dtype[Any], n_together: int, options: AnnDataOptions
) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """First column and values of blocks, which hold whole chunks and fit into the memory that may be taken."""
    n_obs, n_vars = source.shape
    # once as it is read, once as it is written
    n_bytes = max(n_obs, 1) * (source.dtype.itemsize + dtype.itemsize)
    step = n_together * source.n_best
    n_columns = options.max_memory_bytes // (2 * n_bytes)
    if n_columns < step:
        step = n_together
    n_columns = max(n_columns // step, 1) * step
    for start in range(0, n_vars, n_columns):
        block: Any = source.read_columns(start, min(start + n_columns, n_vars))
        values = block.astype(dtype).toarray(order="F") if issparse(block) else block
        yield start, np.asarray(values, dtype=dtype, order="F")


def _cut_chunks(block: npt.NDArray[Any], chunk_shape: tuple[int, int]) -> Iterator[tuple[int, int, npt.NDArray[Any]]]:
    """Column, row and values of the chunks of a block, in the order of a shard; those at an edge are filled up."""
    n_rows, n_columns = chunk_shape
    for x in range(-(-block.shape[1] // n_columns)):
        for y in range(-(-block.shape[0] // n_rows)):
            part = block[y * n_rows : (y + 1) * n_rows, x * n_columns : (x + 1) * n_columns]
            if part.shape != chunk_shape:
                filled = np.zeros(chunk_shape, block.dtype)
                filled[: part.shape[0], : part.shape[1]] = part
                part = filled
            yield x, y, part[np.newaxis, np.newaxis]


def _get_place(y: int, x: int) -> Place:
    return Place(level=0, t=0, c=0, z=0, y=y, x=x)
