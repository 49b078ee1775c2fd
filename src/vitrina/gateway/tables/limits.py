"""What a few bytes of a hostile file may cost: HDF5 declares sizes of its own, and unpacks what it is asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitrina.errors import UnsupportedError
from vitrina.gateway.tree import MAX_VALUE_BYTES

if TYPE_CHECKING:
    import h5py

MAX_GROUPS = 2**27
"""Rows or columns of a sparse matrix: where each begins is held in memory, 8 bytes each."""

MAX_SORTED_VALUES = 2**30
"""Values of a sparse matrix that are sorted on disk, 8 bytes each."""


def check_chunks(dataset: h5py.Dataset) -> None:
    """Refuse a dataset of which any part takes much memory to unpack.

    Raises:
        UnsupportedError: Its chunks are larger than what is served at once.
    """
    if not has_small_chunks(dataset):
        sizes = " x ".join(f"{size:,}" for size in dataset.chunks)
        raise build_too_large(str(dataset.name), f"it is stored in chunks of {sizes} values")


def has_small_chunks(dataset: h5py.Dataset) -> bool:
    """Whether any part of a dataset can be unpacked with little memory."""
    chunks = dataset.chunks
    return chunks is None or math.prod(chunks) * dataset.dtype.itemsize <= MAX_VALUE_BYTES


def check_sparse(name: str, n_groups: int, n_values: int) -> None:
    """Refuse a sparse matrix that is too large to be sorted while one waits.

    Raises:
        UnsupportedError: It has too many rows, columns or values.
    """
    if n_groups > MAX_GROUPS or n_values > MAX_SORTED_VALUES:
        raise build_too_large(name, f"it has {n_groups:,} rows or columns and {n_values:,} values")


def build_too_large(name: str, why: str) -> UnsupportedError:
    """The error for a matrix that is not served as it lies."""
    return UnsupportedError(
        "gateway-matrix-too-large",
        f"{name} is too large to be shown as it is: {why}.",
        hint="Convert it with `vitrina convert`, and add the result.",
        where=name,
    )
