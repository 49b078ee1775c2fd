"""Views of AnnData: positions in space, embedding, cell sets, genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.gateway.vitessce.columns import choose_embeddings, choose_genes, find_positions, fits_heatmap
from vitrina.gateway.vitessce.extent import estimate_spacing
from vitrina.gateway.vitessce.plan import FEATURE_TYPE, OBS_TYPE, File, Layer, Urls, ViewPlan
from vitrina.gateway.vitessce.table import build_matrix_options, build_set_options, choose_table_sets, has_genes
from vitrina.model.content import TableElement
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.model.content import Content, ExtentXY

SPOT_RADIUS_PER_SPACING = 0.4
DEFAULT_SPOT_RADIUS = 10.0

GATEWAY_POSITIONS = "obsm/spatial"
"""Where the gateway serves positions that are stored as columns."""


def plan_anndata(content: Content, urls: Urls) -> ViewPlan:
    """The largest table: stored Zarr is read directly, HDF5 and zip files through the gateway."""
    table = max((e for e in content.elements if isinstance(e, TableElement)), key=lambda e: e.n_obs, default=None)
    if table is None:
        return ViewPlan()
    is_stored_zarr = content.container in ("zarr2", "zarr3")
    url = urls.data if is_stored_zarr and not content.is_zipped else urls.zarr
    sets, findings = choose_table_sets(table, shows_codes=is_stored_zarr)
    options = build_matrix_options(table, "")
    if sets:
        options["obsSets"] = build_set_options(sets, "")
    positions = _find_positions_path(table, has_gateway=not is_stored_zarr)
    if positions:
        options["obsSpots"] = {"path": positions}
    if not (positions or "obsEmbedding" in options or sets or has_genes(table)):
        return ViewPlan(findings=(*findings, _NOTHING))
    values = {"obsType": OBS_TYPE, "featureType": FEATURE_TYPE}
    return ViewPlan(
        files=(File(file_type="anndata.zarr", url=url, options=options, coordination_values=values),),
        layers=(build_spot_layer("Observations", table.extent_xy, table.n_obs),) if positions else (),
        extent_xy=table.extent_xy if positions else None,
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


def _find_positions_path(table: TableElement, *, has_gateway: bool) -> str | None:
    stored = find_positions(table)
    if stored is not None:
        return f"obsm/{stored.name}"
    return GATEWAY_POSITIONS if has_gateway and table.position_columns is not None else None


_NOTHING = Finding(
    code="view-no-image-or-table",
    severity="error",
    path="",
    message="The table has no positions, embedding, cell sets or values, so there is nothing to draw.",
    fix="Add an embedding (obsm['X_umap']) or positions (obsm['spatial']) and add it again.",
)
