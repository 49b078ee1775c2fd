"""Write parts of a table anew, as the viewer reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.zarr_tree import get_zarr_tree
from vitrina.storage.removing import remove

if TYPE_CHECKING:
    from pathlib import Path

    import zarr

    from vitrina.checks.fix.plan import TableJob
    from vitrina.readers.source import Source

VARS_PER_CHUNK = 10
"""Source: https://vitessce.io/docs/data-troubleshooting/, chunking strategy of the matrix"""

MAX_BLOCK_BYTES = 256 * 2**20
"""What is in memory of a matrix at a time."""

_MAX_EXACT_INTEGER = 2**53
"""Larger whole numbers are not exact as float64. Source: IEEE 754, binary64"""


def write_table(job: TableJob, source: Source, root: Path, scratch: Path) -> None:
    """Write a column or a matrix into a hierarchy.

    Args:
        job: What to write.
        source: The hierarchy as it is.
        root: Its repaired copy.
        scratch: A folder for what is not complete; made.

    Raises:
        UnreadableError: Values are damaged.
        OSError: The disk refuses.
    """
    import zarr
    from anndata.io import read_elem, write_elem

    zarr_tree = get_zarr_tree(source)
    with without_format_warnings():
        stored = zarr_tree.open_group()[job.path]
        made = zarr.open_group(scratch, mode="w", zarr_format=zarr_tree.format)
        if isinstance(stored, zarr.Array):
            _write_matrix(stored, made)
        else:
            value: Any = read_elem(stored)
            write_elem(made, "made", value.tocsc() if job.change == "matrix" else _flatten(value, job))
    remove(root / job.path)
    (scratch / "made").rename(root / job.path)


def _flatten(value: Any, job: TableJob) -> Any:
    if job.change == "text-categories":
        return value.rename_categories([str(category) for category in value.categories])
    return flatten_nullable(value)


def flatten_nullable(value: Any) -> Any:
    """A column of values and a mask as a plain one: numbers with NaN, or text where that would lose something.

    Args:
        value: A nullable array of pandas: whole numbers, or true and false.
    """
    import pandas as pd

    mask = value.isna()
    is_bool = pd.api.types.is_bool_dtype(value.dtype)
    if not mask.any():
        return value.to_numpy(dtype=value.dtype.numpy_dtype)
    if is_bool:
        return pd.Categorical([None if missing else str(one) for one, missing in zip(value, mask, strict=True)])
    known = value[~mask].to_numpy(dtype=value.dtype.numpy_dtype)
    if pd.api.types.is_float_dtype(value.dtype) or not (abs(known.astype(object)) > _MAX_EXACT_INTEGER).any():
        return value.to_numpy(dtype="float64", na_value=float("nan"))
    return pd.Categorical([None if missing else str(one) for one, missing in zip(value, mask, strict=True)])


def _write_matrix(stored: zarr.Array[Any], made: zarr.Group) -> None:
    """The same matrix in chunks of all observations and few variables."""
    if stored.ndim != 2:
        raise UnsupportedError(
            "matrix-shape", f"A matrix of {stored.ndim} dimensions cannot be written in other chunks."
        )
    n_obs, n_vars = stored.shape
    array = made.create_array(
        "made", shape=stored.shape, dtype=stored.dtype, chunks=(n_obs, min(VARS_PER_CHUNK, n_vars))
    )
    array.attrs.update(dict(stored.attrs))
    column_bytes = n_obs * stored.dtype.itemsize * VARS_PER_CHUNK
    step = VARS_PER_CHUNK * max(1, MAX_BLOCK_BYTES // max(1, column_bytes))
    for start in range(0, n_vars, step):
        array[:, start : start + step] = stored[:, start : start + step]
