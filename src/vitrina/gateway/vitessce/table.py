"""What views of AnnData and SpatialData share: file options, cell sets and findings of one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.gateway.vitessce.columns import choose_embeddings, choose_sets, has_misleading_codes
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.plan import CellSet
    from vitrina.model.content import TableElement


def has_genes(table: TableElement) -> bool:
    """Whether there are values to list genes for."""
    return table.matrix is not None and table.n_vars > 0


def build_matrix_options(table: TableElement, prefix: str) -> dict[str, object]:
    """File options for genes and embeddings; ``prefix`` is the table's path with a slash, or empty."""
    options: dict[str, object] = {}
    if has_genes(table):
        options["obsFeatureMatrix"] = {"path": f"{prefix}X"}
    embeddings = choose_embeddings(table)
    if embeddings:
        options["obsEmbedding"] = [
            {"path": f"{prefix}obsm/{name}", "embeddingType": title} for title, name in embeddings
        ]
    return options


def build_set_options(sets: tuple[CellSet, ...], prefix: str) -> list[dict[str, str]]:
    """File options for cell sets."""
    return [{"name": cell_set.name, "path": f"{prefix}obs/{cell_set.name}"} for cell_set in sets]


def choose_table_sets(table: TableElement, *, shows_codes: bool) -> tuple[tuple[CellSet, ...], tuple[Finding, ...]]:
    """Cell sets, and a finding for the columns that the viewer would show wrongly."""
    findings: tuple[Finding, ...] = ()
    misleading = [column.name for column in table.obs_columns if has_misleading_codes(column)] if shows_codes else []
    if misleading:
        findings = (
            Finding(
                code="view-integer-categories",
                severity="info",
                path=f"{table.path}#/obs",
                message=(
                    f"The viewer may show the integer categories of {', '.join(misleading)} as their codes, so the "
                    "automatic view does not offer them as cell sets."
                ),
                fix="Store the categories as text, for example with .astype(str).astype('category').",
            ),
        )
    return choose_sets(table, shows_codes=shows_codes), findings
