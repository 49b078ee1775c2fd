"""What views of AnnData and SpatialData share: file options, cell sets and findings of one table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from vitrina.gateway.vitessce.columns import choose_embeddings, choose_sets, has_misleading_codes
from vitrina.model.finding import Finding
from vitrina.readers.zarr_names import make_names_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

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
            {"path": f"{prefix}obsm/{encode_name(name)}", "embeddingType": title} for title, name in embeddings
        ]
    return options


def build_set_options(
    sets: tuple[CellSet, ...], prefix: str, keys: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """File options for cell sets.

    Args:
        sets: Columns.
        prefix: The table's path with a slash, or empty.
        keys: Of the columns, where those are not their names.
    """
    return [
        {"name": one.name, "path": f"{prefix}obs/{encode_name((keys or {}).get(one.name, one.name))}"} for one in sets
    ]


def name_columns(table: TableElement) -> dict[str, str]:
    """The key under which the gateway serves each column of ``obs``."""
    names = [column.name for column in table.obs_columns]
    return dict(zip(names, make_names_safe(names), strict=True))


def encode_name(name: str) -> str:
    """A name as a part of a path that the viewer puts behind an address as it is."""
    return re.sub("[%?#]", lambda found: quote(found[0]), name)


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
