"""Matrices: their shapes, and whether sparse ones hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding, Severity

BLOCK_VALUES: Final = 1 << 22
"""Values looked at in one go."""


def check_sparse(matrix: Any, node: str) -> list[Finding]:
    """Whether pointers and indices of a compressed sparse matrix in memory agree with its shape and values.

    Source: https://docs.scipy.org/doc/scipy/reference/generated/scipy.sparse.csr_matrix.html (indptr and indices)
    """
    import numpy as np

    if not isinstance(getattr(matrix, "indptr", None), np.ndarray):
        return []
    rows, columns = matrix.shape if matrix.format == "csr" else matrix.shape[::-1]
    wrong = _find_contradiction(matrix.indptr, matrix.indices, matrix.data, rows, columns)
    if wrong is not None:
        fix = "Build the matrix anew from its source; the values cannot be told from each other."
        return [build_finding("sparse-invalid", f"{node}#", f"The {matrix.format} matrix {node}: {wrong}.", fix=fix)]
    if not matrix.has_sorted_indices:
        message = f"The indices of the {matrix.format} matrix {node} are not sorted."
        return [build_finding("sparse-unsorted", f"{node}#", message, fix="Call its sort_indices().")]
    return []


def _find_contradiction(indptr: Any, indices: Any, data: Any, rows: int, columns: int) -> str | None:
    import numpy as np

    if len(indptr) != rows + 1:
        return f"{len(indptr)} pointers for {rows} rows, which need {rows + 1}"
    if len(indices) != len(data):
        return f"{len(indices):,} indices for {len(data):,} values"
    if indptr[0] != 0 or indptr[-1] > len(data) or (np.diff(indptr) < 0).any():
        return f"its pointers do not ascend from 0 to {len(data):,}"
    if len(indices) and (indices.min() < 0 or indices.max() >= columns):
        return f"indices from {indices.min()} to {indices.max()} where 0 to {columns - 1} are possible"
    return None


def check_finite(matrix: Any, node: str, *, code: str = "values-not-finite") -> list[Finding]:
    """NaN and infinite values of a matrix or array."""
    n_wrong = count_not_finite(matrix)
    if not n_wrong:
        return []
    message = f"{n_wrong:,} values of {node} are NaN or infinite."
    return [build_finding(code, f"{node}#", message, fix="Remove the rows, or compute the values anew.")]


def count_not_finite(matrix: Any) -> int:
    """How many values are NaN or infinite; a matrix on disk is read a block at a time."""
    import numpy as np

    return sum(int((~np.isfinite(block)).sum()) for block in list_blocks(matrix) if block.dtype.kind in "fc")


def check_counts(matrix: Any, node: str, *, severity: Severity = "error") -> list[Finding]:
    """Whether all values are whole and not negative, whatever type they are stored in."""
    import numpy as np

    for block in list_blocks(matrix):
        if block.dtype.kind in "ub":
            continue
        wrong = block < 0 if block.dtype.kind == "i" else (block < 0) | (block != np.floor(block)) | ~np.isfinite(block)
        if wrong.any():
            example = block[wrong].flat[0]
            message = f"{node} must hold counts, and has values such as {float(example):g}."
            fix = "Store raw counts there, and normalised values in a layer."
            return [build_finding("counts-not-integral", f"{node}#", message, fix=fix, severity=severity)]
    return []


def list_blocks(matrix: Any) -> Iterator[Any]:
    """The stored values of a dense or sparse matrix, in memory or on disk, a block at a time, as NumPy arrays."""
    import numpy as np

    values = getattr(matrix, "data", None) if hasattr(matrix, "indptr") else matrix
    if isinstance(values, np.ndarray):
        flat = values.reshape(-1) if values.flags.c_contiguous else values.ravel(order="K")
        yield from (flat[start : start + BLOCK_VALUES] for start in range(0, flat.size, BLOCK_VALUES))
        return
    if not getattr(matrix, "ndim", len(getattr(matrix, "shape", ()))):
        return
    step = max(1, BLOCK_VALUES // max(1, int(np.prod(matrix.shape[1:]))))
    for start in range(0, matrix.shape[0], step):
        block = matrix[start : start + step]
        block = block.compute() if hasattr(block, "compute") else block
        yield np.asarray(block.data if hasattr(block, "indptr") else block)
