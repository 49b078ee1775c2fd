"""Rules for AnnData in Zarr, also inside SpatialData and MuData: paths, chunks, types, columns."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from vitrina.checks.viewer.codes import build_finding
from vitrina.checks.viewer.limits import MAX_GENE_BYTES, MAX_GENE_REQUESTS, SPECIFIED_GENES_PER_CHUNK
from vitrina.checks.viewer.zarr_arrays import check_codecs, check_dtype, check_text
from vitrina.checks.viewer.zarr_facts import read_array_facts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.checks.viewer.zarr_facts import ArrayFacts
    from vitrina.model.content import Column, TableElement
    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ZarrTree

_CHUNK_FIX = "Write it with adata.write_zarr(path, chunks=(adata.n_obs, 10)), or sparse in columns: adata.X.tocsc()."


def check_table(zarr_tree: ZarrTree, table: TableElement) -> Iterator[Finding]:
    """All rules for one table."""
    prefix = f"{table.path}/" if table.path else ""
    yield from check_drawable(table)
    yield from _check_matrix(zarr_tree, table, f"{prefix}X")
    for embedding in table.embeddings:
        facts = read_array_facts(zarr_tree, f"{prefix}obsm/{embedding.name}")
        if facts is not None and not facts.is_group:
            yield from check_dtype(facts, "positions")
            yield from check_codecs(facts)
    for axis in ("obs", "var"):
        yield from _check_frame(zarr_tree, f"{prefix}{axis}", table.obs_columns if axis == "obs" else ())


def check_drawable(table: TableElement) -> Iterator[Finding]:
    """Whether there is anything to draw or to colour by."""
    has_columns = any(column.dtype in {"category", "string"} for column in table.obs_columns)
    if table.embeddings or table.matrix is not None or has_columns or table.position_columns is not None:
        return
    yield build_finding(
        "anndata-path-missing",
        f"{table.path}#",
        f"The table {table.name!r} has no values (X), embedding (obsm) or text column (obs), so the viewer has no path "
        "to read from.",
        fix="Add an embedding such as obsm['X_umap'], or positions as obsm['spatial'].",
        severity="error",
    )


def _check_matrix(zarr_tree: ZarrTree, table: TableElement, path: str) -> Iterator[Finding]:
    if table.matrix is None:
        return
    if table.matrix.encoding == "dense":
        facts = read_array_facts(zarr_tree, path)
        if facts is not None:
            yield from check_dtype(facts, "genes")
            yield from check_codecs(facts)
            yield from check_chunks(facts)
        return
    data = read_array_facts(zarr_tree, f"{path}/data")
    if data is not None:
        yield from check_dtype(data, "genes")
        yield from check_codecs(data)
        if table.matrix.encoding == "csr":
            yield from check_rows(data, path)


def check_chunks(facts: ArrayFacts) -> Iterator[Finding]:
    """Whether one gene of a dense matrix, observations x variables, takes few bytes and few requests."""
    if len(facts.shape) != 2 or facts.chunk_shape is None or 0 in (*facts.shape, *facts.chunk_shape):
        return
    n_obs, n_vars = facts.shape
    rows, genes = facts.chunk_shape
    n_requests = math.ceil(n_obs / rows)
    n_bytes = n_requests * rows * genes * _get_item_bytes(facts.dtype)
    if n_bytes > MAX_GENE_BYTES and genes > SPECIFIED_GENES_PER_CHUNK:
        yield build_finding(
            "anndata-chunk-vars",
            facts.path,
            f"A chunk of {facts.path} holds {min(genes, n_vars):,} variables, so the viewer reads "
            f"{n_bytes / 1e6:,.0f} MB (before compression) to show one.",
            fix=_CHUNK_FIX,
        )
    if n_requests > MAX_GENE_REQUESTS:
        yield build_finding(
            "anndata-chunk-obs",
            facts.path,
            f"A chunk of {facts.path} holds {rows:,} of {n_obs:,} observations, so the viewer makes {n_requests:,} "
            "requests to show one variable.",
            fix=_CHUNK_FIX,
        )


def check_rows(data: ArrayFacts, path: str) -> Iterator[Finding]:
    """Whether a matrix that is sorted by rows, of which one gene needs everything, is small."""
    n_bytes = math.prod(data.shape) * (_get_item_bytes(data.dtype) + 4)  # values and their column numbers
    if n_bytes > MAX_GENE_BYTES:
        yield build_finding(
            "anndata-chunk-vars",
            path,
            f"{path} is sorted by observations (CSR), so the viewer reads all {n_bytes / 1e6:,.0f} MB of it (before "
            "compression) to show one variable.",
            fix=_CHUNK_FIX,
        )


def _check_frame(zarr_tree: ZarrTree, path: str, columns: tuple[Column, ...]) -> Iterator[Finding]:
    attrs = zarr_tree.read_attrs(path)
    yield from check_paths(attrs, path, set(zarr_tree.tree.list_children(path)))
    index = attrs.get("_index", "_index")
    facts = _read_text_facts(zarr_tree, f"{path}/{index}")
    if facts is not None:
        yield from check_text(facts)
        yield from check_codecs(facts)
    for column in columns:
        yield from _check_column(zarr_tree, f"{path}/{column.name}", column)


def check_paths(attrs: Mapping[str, object], path: str, names: set[str]) -> Iterator[Finding]:
    """Whether the columns that a frame lists are there.

    Args:
        attrs: Of the frame's group.
        path: Of the frame.
        names: Of what lies below it.
    """
    order = attrs.get("column-order")
    index = attrs.get("_index")
    listed = [*(order if isinstance(order, list) else ()), *((index,) if isinstance(index, str) else ())]
    # a column whose name has a slash lies in a folder
    for name in (str(one) for one in listed):
        if name.split("/")[0] not in names:
            yield build_finding(
                "anndata-path-missing",
                f"{path}#/{'_index' if name == index else 'column-order'}",
                f"{path} lists {name!r}, and nothing lies at {path}/{name}, where the viewer would look for it.",
                fix="Write the table again with anndata.",
            )


def _check_column(zarr_tree: ZarrTree, path: str, column: Column) -> Iterator[Finding]:
    node = read_array_facts(zarr_tree, path)
    if node is None:
        return
    if not node.is_group:
        yield from check_text(node)
        return
    encoding = str(zarr_tree.read_attrs(path).get("encoding-type", ""))
    if encoding.startswith("nullable-"):
        yield from check_nullable(encoding, path)
    elif column.dtype == "category":
        categories = _read_text_facts(zarr_tree, f"{path}/categories")
        if categories is not None:
            yield from check_text(categories)
            yield from check_codecs(categories)
            yield from check_categories(column, categories, path)


def check_nullable(encoding: str, path: str) -> Iterator[Finding]:
    """Columns that are stored as values and a mask."""
    if encoding == "nullable-string-array":
        return
    yield build_finding(
        "anndata-nullable-column",
        path,
        f"{path} is stored as values and a mask ({encoding}), which the viewer cannot read as a column.",
        fix="Store it as plain numbers with NaN, or as text: adata.obs[name].astype(object).astype(str).",
    )


def check_categories(column: Column, categories: ArrayFacts, path: str) -> Iterator[Finding]:
    """Whether categories are text; numbers are shown as their codes, 0, 1, 2."""
    if categories.text is not None:
        return
    numbers = [int(text) for text in column.categories if re.fullmatch(r"-?\d{1,15}", text)]
    if len(numbers) == len(column.categories) and numbers == list(range(len(numbers))):
        return
    yield build_finding(
        "anndata-integer-categories",
        path,
        f"The categories of {path} are numbers ({', '.join(column.categories[:4])}), and the viewer shows their codes "
        "(0, 1, 2) in their place.",
        fix="Store them as text: .astype(str).astype('category').",
    )


def _read_text_facts(zarr_tree: ZarrTree, path: str) -> ArrayFacts | None:
    """Of an array, or of the values of a nullable one."""
    facts = read_array_facts(zarr_tree, path)
    return read_array_facts(zarr_tree, f"{path}/values") if facts is not None and facts.is_group else facts


def _get_item_bytes(dtype: str) -> int:
    try:
        return np.dtype(dtype).itemsize
    except TypeError:
        return 8
