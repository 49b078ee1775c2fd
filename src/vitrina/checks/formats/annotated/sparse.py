"""Sparse matrices: three arrays that must agree with each other and with the shape.

Source: https://anndata.readthedocs.io/en/latest/fileformat-prose.html#sparse-arrays, and
https://docs.scipy.org/doc/scipy/reference/generated/scipy.sparse.csr_array.html for what they mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.annotated.shapes import parse_shape
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.nodes.node import BLOCK_VALUES, MAX_BLOCKS, count_blocks, is_integer, read_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from vitrina.checks.formats.nodes.node import Node
    from vitrina.model.finding import Finding

MAX_POINTERS: Final = 20_000_000
"""Row pointers that are in memory at once, 8 bytes each; for more, order is not looked at."""

_PARTS: Final = ("data", "indices", "indptr")


def find_legacy_encoding(node: Node) -> str | None:
    """The encoding of a sparse matrix that was written before 2021; None for anything else."""
    stated = node.attrs.get("h5sparse_format")
    return {"csr": "csr_matrix", "csc": "csc_matrix"}.get(str(stated)[:3]) if stated is not None else None


def check_sparse(node: Node, encoding: str, *, is_deep: bool) -> Iterator[Finding]:
    """Lengths always, values of pointers and indices where they may be read."""
    attrs = node.attrs
    stated = attrs.get("shape", attrs.get("h5sparse_shape"))
    shape = parse_shape(stated)
    if shape is None or len(shape) != 2:
        message = f"{node.path} is a {encoding}, whose shape must be two whole numbers, but it is {stated!r}."
        yield build_finding("sparse-shape", f"{node.path}#/shape", message)
        shape = None
    parts = {name: node.find(name) for name in _PARTS}
    broken = [name for name, part in parts.items() if part is None or part.is_group or len(part.shape) != 1]
    for name in broken:
        message = f"{node.path} is a {encoding}, but it has no array {name!r} with one axis."
        yield build_finding("sparse-incomplete", f"{node.path}#/{name}", message)
    if broken or shape is None:
        return
    data, indices, indptr = (part for part in parts.values() if part is not None)
    is_sound = True
    for finding in _check_parts(node, (data, indices, indptr), shape[0 if encoding == "csr_matrix" else 1], encoding):
        is_sound = False
        yield finding
    if is_deep and is_sound:
        yield from _check_values(indices, indptr, shape[1 if encoding == "csr_matrix" else 0])


def _check_parts(node: Node, parts: tuple[Node, Node, Node], n_major: int, encoding: str) -> Iterator[Finding]:
    data, indices, indptr = parts
    if data.shape != indices.shape:
        message = f"{data.path} has {data.shape[0]:,} values, but {indices.path} has {indices.shape[0]:,}."
        yield build_finding("sparse-length-differs", f"{node.path}#/indices", message)
    if indptr.shape[0] != n_major + 1:
        what = "rows" if encoding == "csr_matrix" else "columns"
        message = (
            f"{indptr.path} has {indptr.shape[0]:,} values, but {node.path} has {n_major:,} {what}, so it must have "
            f"{n_major + 1:,}."
        )
        yield build_finding("sparse-indptr-length", f"{indptr.path}#", message)
    for part in (indices, indptr):
        if not is_integer(part.dtype):
            message = f"{part.path} must hold whole numbers, but it is {part.dtype}."
            yield build_finding("sparse-index-dtype", f"{part.path}#", message)


def _check_values(indices: Node, indptr: Node, n_minor: int) -> Iterator[Finding]:
    pointers, findings = _check_pointers(indptr, indices.shape[0])
    yield from findings
    if findings:
        pointers = None
    n_outside, first, is_sorted = 0, "", True
    for start, block in read_blocks(indices):
        outside = (block < 0) | (block >= n_minor)
        if outside.any():
            at = int(outside.argmax())
            n_outside += int(outside.sum())
            first = first or f"{block[at]} at {start + at:,}"
        elif is_sorted and pointers is not None:
            is_sorted = _is_sorted(block, start, pointers)
    if n_outside:
        message = f"{n_outside:,} values of {indices.path} lie outside 0 to {n_minor - 1:,}, such as {first}."
        yield build_finding("sparse-index-out-of-range", f"{indices.path}#", message)
    elif not is_sorted:
        message = f"Indices of {indices.path} are not sorted within rows or columns: valid, but slower to read."
        fix = "Call sort_indices() and write it again."
        yield build_finding("sparse-unsorted", f"{indices.path}#", message, fix=fix)
    if count_blocks(indices) > MAX_BLOCKS:
        message = f"Of {indices.shape[0]:,} values of {indices.path}, {MAX_BLOCKS * BLOCK_VALUES:,} or fewer were read."
        yield build_finding("values-sampled", f"{indices.path}#", message)


def _check_pointers(indptr: Node, n_values: int) -> tuple[npt.NDArray[Any] | None, list[Finding]]:
    """The pointers, None where they are too many to keep, and what is wrong with them."""
    import numpy as np

    where, kept, previous = f"{indptr.path}#", [], 0
    keep = indptr.shape[0] <= MAX_POINTERS
    for start, block in read_blocks(indptr):
        values = block.astype(np.int64)
        if start == 0 and values[0] != 0:
            message = f"{indptr.path} begins with {values[0]}, and must begin with 0."
            return None, [build_finding("sparse-indptr-values", where, message)]
        falls = np.flatnonzero(np.diff(values, prepend=previous) < 0)
        if falls.size:
            at = int(falls[0])
            message = f"{indptr.path} falls to {values[at]:,} at {start + at:,}; it must never fall."
            return None, [build_finding("sparse-indptr-values", where, message)]
        previous = int(values[-1])
        if keep:
            kept.append(values)
    last = int(indptr.read(indptr.shape[0] - 1, indptr.shape[0])[0])
    if last != n_values:
        message = f"{indptr.path} ends with {last:,}, but there are {n_values:,} indices; they must be equal."
        return None, [build_finding("sparse-indptr-values", where, message)]
    return (np.concatenate(kept) if kept else None), []


def _is_sorted(block: npt.NDArray[Any], start: int, pointers: npt.NDArray[Any]) -> bool:
    """Whether indices fall only where a row begins."""
    import numpy as np

    falls = np.flatnonzero(block[1:] <= block[:-1]) + start + 1
    if not falls.size:
        return True
    at = np.searchsorted(pointers, falls)
    return bool((pointers[np.minimum(at, len(pointers) - 1)] == falls).all())
