"""Views of tables: positions in space, embedding, cell sets, genes; whatever they are stored in, as AnnData."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from vitrina.gateway.placing import transform_extent
from vitrina.gateway.tables.places import place_tables
from vitrina.gateway.tables.served import POSITIONS
from vitrina.gateway.vitessce.columns import choose_embeddings, choose_genes, find_positions, fits_heatmap
from vitrina.gateway.vitessce.extent import estimate_spacing
from vitrina.gateway.vitessce.image import describe_left_out
from vitrina.gateway.vitessce.plan import FEATURE_TYPE, OBS_TYPE, File, Layer, Urls, ViewPlan
from vitrina.gateway.vitessce.table import (
    build_matrix_options,
    build_set_options,
    choose_table_sets,
    encode_name,
    has_genes,
    name_columns,
)
from vitrina.model.content import TableElement
from vitrina.model.finding import Finding
from vitrina.readers.cell_columns import is_of_molecules
from vitrina.readers.cell_table import describe_cells

if TYPE_CHECKING:
    from collections.abc import Collection

    from vitrina.gateway.placing import Frame
    from vitrina.model.content import Content, ExtentXY

SPOT_RADIUS_PER_SPACING = 0.4
DEFAULT_SPOT_RADIUS = 10.0

MAX_OBSERVATIONS = 1_000_000
"""Of several tables one with no more observations is shown: a browser tab holds no more spots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoice:
    """The table that is shown.

    Attributes:
        table: As AnnData.
        path: In the tree of the gateway, or in the stored Zarr.
        others: Names of the tables that are not shown.
    """

    table: TableElement
    path: str
    others: tuple[str, ...] = ()


def plan_anndata(content: Content, urls: Urls) -> ViewPlan:
    """The table that shows most: stored Zarr is read directly, all else through the gateway."""
    if content.format == "table" and _has_molecules(content):
        return ViewPlan(findings=(_MOLECULES,))
    choice = choose_table(content)
    if choice is None:
        return ViewPlan()
    plan = plan_table(content, urls, choice)
    if not plan.files or not choice.others:
        return plan
    return replace(plan, findings=(*plan.findings, describe_left_out(list(choice.others))))


def choose_table(content: Content, preferred: Collection[str] = ()) -> TableChoice | None:
    """Of several tables, one that can be drawn and has genes, and of those the largest.

    Args:
        content: Of the dataset.
        preferred: Names of tables that are chosen before larger ones.
    """
    is_plain = content.format == "table"
    tables = {path: describe_cells(e) if is_plain else e for path, e in place_tables(content).items()}
    if not tables:
        return None
    path = max(tables, key=lambda path: (*_rate(tables[path]), tables[path].name in preferred, tables[path].n_obs))
    others = tuple(table.name for own, table in tables.items() if own != path)
    return TableChoice(table=tables[path], path=path, others=others)


def plan_table(content: Content, urls: Urls, choice: TableChoice, frame: Frame | None = None) -> ViewPlan:
    """The view of one table.

    Args:
        content: Of the dataset.
        urls: Of it.
        choice: The table.
        frame: Where its positions are drawn; None for where they are.
    """
    table = choice.table
    is_stored_zarr = content.container in ("zarr2", "zarr3")
    base = urls.data if is_stored_zarr and not content.is_zipped else urls.zarr
    sets, findings = choose_table_sets(table, shows_codes=is_stored_zarr)
    options = build_matrix_options(table, "")
    if sets:
        options["obsSets"] = build_set_options(sets, "", None if is_stored_zarr else name_columns(table))
    positions = _find_positions_path(table, frame, has_gateway=not is_stored_zarr)
    extent = table.extent_xy
    if extent is not None and frame is not None:
        extent = transform_extent(extent, frame.affine_xy)
    if positions:
        options["obsSpots"] = {"path": positions}
    if not (positions or "obsEmbedding" in options or sets or has_genes(table)):
        return ViewPlan(findings=(*findings, _NOTHING))
    values = {"obsType": OBS_TYPE, "featureType": FEATURE_TYPE}
    url = f"{base}/{quote(choice.path)}" if choice.path else base
    return ViewPlan(
        files=(File(file_type="anndata.zarr", url=url, options=options, coordination_values=values),),
        layers=(build_spot_layer("Observations", extent, table.n_obs),) if positions else (),
        extent_xy=extent if positions else None,
        embeddings=tuple(title for title, _ in choose_embeddings(table)),
        sets=sets,
        genes=choose_genes(table) if has_genes(table) else (),
        has_matrix=has_genes(table),
        has_heatmap=fits_heatmap(table),
        findings=findings,
    )


def build_spot_layer(name: str, extent_xy: ExtentXY | None, n_spots: int, *, has_image: bool = False) -> Layer:
    """Spots just small enough not to cover each other; an image below shines through."""
    radius = DEFAULT_SPOT_RADIUS
    if extent_xy is not None:
        radius = estimate_spacing(extent_xy, n_spots) * SPOT_RADIUS_PER_SPACING
    values = {
        "obsType": OBS_TYPE,
        "spatialLayerLabel": name,
        "spatialLayerVisible": True,
        "spatialLayerOpacity": 0.7 if has_image else 1.0,
        "spatialSpotRadius": radius,
    }
    return Layer(kind="spotLayer", values=values, is_linked=True)


def _rate(table: TableElement) -> tuple[bool, bool, bool]:
    is_placed = find_positions(table) is not None or table.position_columns is not None
    is_drawn = is_placed or bool(choose_embeddings(table))
    return table.n_obs <= MAX_OBSERVATIONS, is_drawn, has_genes(table)


def _has_molecules(content: Content) -> bool:
    return any(isinstance(e, TableElement) and is_of_molecules(e.obs_columns) for e in content.elements)


def _find_positions_path(table: TableElement, frame: Frame | None, *, has_gateway: bool) -> str | None:
    stored = find_positions(table)
    if stored is None and not (has_gateway and table.position_columns is not None):
        return None
    name = POSITIONS if stored is None else stored.name
    return f"obsm/{encode_name(name if frame is None else frame.name_positions(name))}"


_NOTHING = Finding(
    code="view-no-image-or-table",
    severity="error",
    path="",
    message="The table has no positions, embedding, cell sets or values, so there is nothing to draw.",
    fix="Add an embedding (obsm['X_umap']) or positions (obsm['spatial']) and add it again.",
)

_MOLECULES = Finding(
    code="view-table-of-molecules",
    severity="error",
    path="",
    message="Each row of the table is a molecule of some gene at a position, and the viewer shows tables of cells.",
    fix="Convert it with `vitrina convert --format points`, and add the result.",
)
