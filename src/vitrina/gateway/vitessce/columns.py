"""What of a table is worth showing first: cell sets, embeddings, genes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vitrina.gateway.vitessce.plan import CellSet

if TYPE_CHECKING:
    from vitrina.model.content import Column, Embedding, TableElement

MAX_SETS = 8
MAX_HEATMAP_VALUES = 2_000_000
"""A heatmap loads the whole matrix at once: 8 MB of float32."""

_SET_SIZES = range(2, 101)
_GOOD_SETS = re.compile(
    r"cell.?(type|class|ontology)|pheno.?type|annot|bulk.?label|subclass|leiden|louvain|cluster|domain|niche|zone",
    re.IGNORECASE,
)
_DULL_SETS = re.compile(
    r"batch|sample|donor|image|fov|phase|patient|plate|slide|suspension|assay|ethnic|self_report", re.IGNORECASE
)
_CONTROL_GENES = re.compile(
    r"^(mt-|rp[ls]\d|blank|neg|control|unassigned|deprecated|antisense|ercc|ensg0|hla-a$)", re.IGNORECASE
)
_EMBEDDING_TITLES = (("umap", "UMAP"), ("tsne", "t-SNE"), ("pca", "PCA"))
_SPATIAL_NAMES = ("spatial", "X_spatial", "spatial_xy")


def choose_sets(table: TableElement, *, shows_codes: bool) -> tuple[CellSet, ...]:
    """Columns that make good cell sets, best first.

    Args:
        table: The table.
        shows_codes: Whether the viewer reads the stored categories itself; it shows integer ones as their codes.
    """
    dull = {table.region_key, table.instance_key}
    fitting = [
        column
        for column in table.obs_columns
        if column.name not in dull and _is_set(column) and not (shows_codes and has_misleading_codes(column))
    ]
    return tuple(CellSet(column.name, column.categories) for column in sorted(fitting, key=_rank_set)[:MAX_SETS])


def _is_set(column: Column) -> bool:
    if column.dtype == "category":
        return column.n_categories in _SET_SIZES
    return column.dtype == "string" and _GOOD_SETS.search(column.name) is not None


def _rank_set(column: Column) -> tuple[int, int]:
    """Cell types before clusters before bookkeeping; among equals those with more classes, up to 40."""
    match = _GOOD_SETS.search(column.name)
    is_type = match is not None and re.search(r"type|class|annot|label", match.group(), re.IGNORECASE) is not None
    rank = 0 if is_type else 1 if match else 3 if _DULL_SETS.search(column.name) else 2
    return rank, -min(column.n_categories or 0, 40)


def has_misleading_codes(column: Column) -> bool:
    """Whether the categories may be integers other than their own codes, which the viewer would show wrongly.

    Text categories ``0, 1, 10, 2`` are in text order, so they cannot be integers; ``0, 1, 2`` equal their codes.
    """
    if column.dtype != "category" or not column.categories:
        return False
    if not all(re.fullmatch(r"-?\d{1,15}", text) for text in column.categories):
        return False
    numbers = [int(text) for text in column.categories]
    return numbers == sorted(numbers) and numbers != list(range(len(numbers)))


def choose_embeddings(table: TableElement) -> tuple[tuple[str, str], ...]:
    """``(title, obsm name)`` of at most three embeddings, best first."""
    found: dict[str, str] = {}
    for pattern, title in _EMBEDDING_TITLES:
        for embedding in table.embeddings:
            if pattern in embedding.name.lower().replace("-", "") and embedding.n_dims >= 2:
                found.setdefault(title, embedding.name)
    others = {
        embedding.name.removeprefix("X_"): embedding.name
        for embedding in table.embeddings
        if embedding.n_dims == 2 and embedding.name not in (*_SPATIAL_NAMES, *found.values())
    }
    pca = {"PCA": found.pop("PCA")} if "PCA" in found else {}
    return tuple({**found, **others, **pca}.items())[:3]


def find_positions(table: TableElement) -> Embedding | None:
    """The ``obsm`` entry that holds positions in space."""
    by_name = {embedding.name: embedding for embedding in table.embeddings if embedding.n_dims >= 2}
    return next((by_name[name] for name in _SPATIAL_NAMES if name in by_name), None)


def choose_genes(table: TableElement, n_genes: int = 1) -> tuple[str, ...]:
    """The first variables that are not controls, mitochondrial or ribosomal; any when there are no others."""
    telling = [name for name in table.var_names if not _CONTROL_GENES.search(name)]
    return tuple((telling or list(table.var_names))[:n_genes])


def fits_heatmap(table: TableElement) -> bool:
    """Whether the whole matrix is small enough to draw at once."""
    return table.matrix is not None and 0 < table.n_obs * table.n_vars <= MAX_HEATMAP_VALUES
