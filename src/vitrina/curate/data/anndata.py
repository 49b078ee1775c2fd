"""AnnData: everything along obs and var has their length, also when someone changed a frame in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.codes import build_finding
from vitrina.curate.data.matrix import check_finite, check_sparse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding


def check_anndata(table: Any, prefix: str = "") -> list[Finding]:
    """What is wrong with an AnnData in itself.

    Args:
        table: In memory or backed; a frame that was changed in place is found out.
        prefix: Node of the table in its dataset, such as ``tables/table/``.
    """
    findings = check_lengths(table, prefix)
    for axis in ("obs", "var"):
        findings += _check_frame(getattr(table, axis), axis, prefix)
    for node, matrix in _list_matrices(table):
        findings += check_sparse(matrix, prefix + node)
    for name, array in _get(table, "obsm").items():
        findings += _check_embedding(array, f"{prefix}obsm/{name}")
    return findings


def check_lengths(table: Any, prefix: str = "") -> list[Finding]:
    """Whether X, layers, obsm, obsp, raw and so on have as many rows and columns as obs and var.

    Source: https://anndata.readthedocs.io/en/stable/generated/anndata.AnnData.html
    """
    n_obs, n_var = len(table.obs), len(table.var)
    findings = []
    for node, shape, expected in _list_shapes(table, n_obs, n_var):
        for axis, size, length in zip(("obs", "var"), _pad(shape), _pad(expected), strict=True):
            if length is not None and size is not None and size != length:
                findings.append(_build_length(prefix, node, axis, size, length))
    return findings


def _list_shapes(table: Any, n_obs: int, n_var: int) -> Iterator[tuple[str, tuple[Any, ...], tuple[Any, ...]]]:
    """For each array its node, its shape along obs and var, and what that must be."""
    matrix = table.X
    if matrix is not None:
        yield "X", matrix.shape, (n_obs, n_var)
    for name, layer in _get(table, "layers").items():
        yield f"layers/{name}", layer.shape, (n_obs, n_var)
    for name, array in _get(table, "obsm").items():
        yield f"obsm/{name}", array.shape[:1], (n_obs,)
    for name, array in _get(table, "varm").items():
        yield f"varm/{name}", (None, array.shape[0]), (None, n_var)
    for name, array in _get(table, "obsp").items():
        yield f"obsp/{name}", array.shape[:1], (n_obs,)
    for name, array in _get(table, "varp").items():
        yield f"varp/{name}", (None, array.shape[0]), (None, n_var)
    raw = getattr(table, "raw", None)
    if raw is not None:
        yield "raw/X", raw.X.shape[:1], (n_obs,)
        if raw.X.shape[1] != len(raw.var):
            yield "raw/var", (None, len(raw.var)), (None, raw.X.shape[1])


def _get(table: Any, name: str) -> dict[Any, Any]:
    """The arrays of a mapping such as ``obsm``; ``layers`` also holds X, under None, which is left out."""
    return {key: array for key, array in (getattr(table, name, None) or {}).items() if key is not None}


def _pad(shape: tuple[Any, ...]) -> tuple[Any, Any]:
    return (*shape, None, None)[:2]


def _build_length(prefix: str, node: str, axis: str, size: int, length: int) -> Finding:
    what = "observations" if axis == "obs" else "variables"
    path = f"{prefix}{axis}#"
    message = f"{prefix}{axis} has {length:,} rows, and {prefix}{node} has {size:,} {what}; they must be equal."
    fix = (
        f"Do not change {axis} in place (drop, append): subset the whole object, "
        f"as in adata[{'keep' if axis == 'obs' else ':, keep'}].copy()."
    )
    return build_finding(f"{axis}-length-differs", path, message, fix=fix)


def _check_frame(frame: Any, axis: str, prefix: str) -> list[Finding]:
    import pandas as pd

    findings = []
    if not frame.index.is_unique:
        n_repeated = int(frame.index.duplicated().sum())
        example = str(frame.index[frame.index.duplicated()][0])
        message = f"{n_repeated:,} names of {prefix}{axis} repeat an earlier one, such as {example!r}."
        fix = f"Call {axis}_names_make_unique()."
        findings.append(build_finding(f"{axis}-names-repeated", f"{prefix}{axis}#", message, fix=fix))
    for name in frame.columns:
        column = frame[name]
        if isinstance(getattr(column, "dtype", None), pd.CategoricalDtype):
            findings += _check_categories(column, f"{prefix}{axis}#/{name}")
    return findings


def _check_categories(column: Any, path: str) -> list[Finding]:
    import numpy as np

    categories = column.cat.categories
    used = np.bincount(column.cat.codes.to_numpy().astype(np.intp) + 1, minlength=len(categories) + 1)[1:]
    unused = categories[used == 0]
    if not len(unused):
        return []
    shown = ", ".join(repr(str(category)) for category in unused[:5]) + (", ..." if len(unused) > 5 else "")
    message = f"{len(unused)} of {len(categories)} categories occur in no row: {shown}."
    return [build_finding("categories-unused", path, message, fix="Call .cat.remove_unused_categories().")]


def _list_matrices(table: Any) -> Iterator[tuple[str, Any]]:
    yield "X", table.X
    yield from (
        (f"{where}/{name}", array) for where in ("layers", "obsp", "varp") for name, array in _get(table, where).items()
    )
    raw = getattr(table, "raw", None)
    if raw is not None:
        yield "raw/X", raw.X


def _check_embedding(array: Any, node: str) -> list[Finding]:
    kind = getattr(getattr(array, "dtype", None), "kind", None)
    if kind == "f":
        return check_finite(array, node, code="embedding-not-finite")
    return []
