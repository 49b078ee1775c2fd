"""How a matrix of observations x variables is laid out, so that one variable costs one small request. Pure.

The figures behind the numbers are in ``docs/decisions/gene-columns.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vitrina.convert.anndata.options import AnnDataOptions

MAX_DENSE_BYTES = 4 * 2**30
"""A dense matrix above this size does not fit into the memory of a laptop when a notebook loads it whole."""

MAX_SPARSE_DENSITY = 0.3
"""Above this part of stored values, a sparse matrix saves little memory: each of its values has a number beside it."""

MIN_CHUNK_BYTES = 64 * 2**10
"""Variables share a chunk up to this size, before compression: a request of less costs as much."""

MAX_VARS_PER_CHUNK = 10
"""What the viewer's authors recommend. Source: https://vitessce.io/docs/data-troubleshooting/"""

MAX_CHUNK_BYTES = 2**30
"""Blosc compresses no more than 2 GB at once."""

VARS_PER_SHARD = 256
"""The index of a shard is read with its first variable: 4 KB."""

MIN_SPARSE_CHUNK, MAX_SPARSE_CHUNK = 2**13, 2**17


@dataclass(frozen=True, slots=True, kw_only=True)
class DensePlan:
    """A dense matrix.

    Attributes:
        chunk_shape: Observations and variables of a chunk.
        n_shard_chunks: Chunks along the variables in a shard; None where each chunk is a file.
    """

    chunk_shape: tuple[int, int]
    n_shard_chunks: int | None
    encoding: Literal["dense"] = "dense"


@dataclass(frozen=True, slots=True, kw_only=True)
class SparsePlan:
    """A matrix that is sparse by columns.

    Attributes:
        chunk_size: Values in a chunk.
        n_shard_chunks: Chunks in a shard; None where each chunk is a file.
    """

    chunk_size: int
    n_shard_chunks: int | None
    encoding: Literal["csc"] = "csc"


def plan_matrix(
    shape: tuple[int, int], itemsize: int, n_stored: int, options: AnnDataOptions
) -> DensePlan | SparsePlan:
    """The layout of a matrix.

    Args:
        shape: Observations and variables.
        itemsize: Bytes of a value, as it will be written.
        n_stored: Values that are not known to be zero.
        options: The user's choices.
    """
    n_obs, n_vars = shape
    size = n_obs * n_vars
    is_too_large = size * itemsize > MAX_DENSE_BYTES and n_stored <= size * MAX_SPARSE_DENSITY
    if options.layout == "csc" or (options.layout == "auto" and is_too_large):
        return _plan_sparse(n_vars, n_stored, options)
    return _plan_dense(n_obs, n_vars, itemsize, options)


def _plan_dense(n_obs: int, n_vars: int, itemsize: int, options: AnnDataOptions) -> DensePlan:
    n_rows = max(min(n_obs, MAX_CHUNK_BYTES // itemsize), 1)
    n_row_chunks = max(-(-n_obs // n_rows), 1)
    together = min(max(MIN_CHUNK_BYTES // (n_rows * itemsize), 1), MAX_VARS_PER_CHUNK, max(n_vars, 1))
    n_chunks = -(-n_vars // together) * n_row_chunks
    if n_chunks <= options.max_files:
        return DensePlan(chunk_shape=(n_rows, together), n_shard_chunks=None)
    if options.zarr_format == 3:
        return DensePlan(chunk_shape=(n_rows, together), n_shard_chunks=VARS_PER_SHARD)
    needed = -(-n_vars * n_row_chunks // options.max_files)
    return DensePlan(chunk_shape=(n_rows, min(max(needed, together), MAX_VARS_PER_CHUNK)), n_shard_chunks=None)


def _plan_sparse(n_vars: int, n_stored: int, options: AnnDataOptions) -> SparsePlan:
    """Chunks about as large as one variable, of which two are read for most variables."""
    chunk = min(max(n_stored // max(n_vars, 1), MIN_SPARSE_CHUNK), MAX_SPARSE_CHUNK)
    n_files = max(options.max_files // 2, 1)  # of the values, and as many of their rows
    if n_stored <= chunk * n_files or options.zarr_format == 2:
        needed = -(-n_stored // n_files)
        return SparsePlan(chunk_size=max(chunk, min(needed, MAX_SPARSE_CHUNK)), n_shard_chunks=None)
    return SparsePlan(chunk_size=chunk, n_shard_chunks=VARS_PER_SHARD)
