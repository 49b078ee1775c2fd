"""The plan written down as a Vitessce configuration, plain JSON.

Source: https://vitessce.io/docs/view-config-json/, schema version 1.0.18 as read by Vitessce 4.0.8.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.gateway.colors import choose_group_color
from vitrina.gateway.vitessce.extent import HALF_VIEW_PX, WIDE_VIEW_PX, compute_target, compute_zoom, pad_extent
from vitrina.gateway.vitessce.layout import plan_layout
from vitrina.gateway.vitessce.plan import FEATURE_TYPE, OBS_TYPE, Urls
from vitrina.gateway.vitessce.space import CoordinationSpace, Scope
from vitrina.gateway.vitessce.view import plan_view

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.layout import Panel
    from vitrina.gateway.vitessce.plan import File, Layer, ViewPlan
    from vitrina.model.artifact import Artifact

SCHEMA_VERSION = "1.0.18"
DATASET_UID = "A"

_SPATIAL = ("spatialBeta", "layerControllerBeta")


def build_config(artifact: Artifact, *, data_url: str, zarr_url: str) -> dict[str, Any]:
    """The automatic view of an artifact, from its content alone.

    Args:
        artifact: What to show.
        data_url: Absolute URL of the stored artifact, ``.../data/{uid}/{basename}``.
        zarr_url: Absolute URL of the gateway's tree, ``.../zarr/{uid}``.

    Raises:
        UnsupportedError: There is nothing that the viewer can show; the code is ``view-unavailable``.
    """
    plan = plan_view(artifact.content, Urls(data=data_url.rstrip("/"), zarr=zarr_url.rstrip("/")))
    problem = next((finding for finding in plan.findings if finding.severity == "error"), None)
    if problem is not None:
        raise UnsupportedError("view-unavailable", problem.message, hint=problem.fix, where=artifact.key)
    space = CoordinationSpace()
    shared = _add_shared(space, plan)
    metas = [
        space.add_layers(kind, [_share(layer, shared) for layer in plan.layers if layer.kind == kind])
        for kind in dict.fromkeys(layer.kind for layer in plan.layers)
    ]
    return {
        "version": SCHEMA_VERSION,
        "name": artifact.key,
        "description": artifact.description or "",
        "datasets": [{"uid": DATASET_UID, "name": artifact.key, "files": [_build_file(file) for file in plan.files]}],
        "layout": [_build_panel(panel, shared, metas) for panel in plan_layout(plan)],
        "initStrategy": "auto",
        "coordinationSpace": space.build(),
    }


def _add_shared(space: CoordinationSpace, plan: ViewPlan) -> dict[str, Scope]:
    """The values that views share: dataset, observation type, colouring, selection, camera."""
    values: dict[str, object] = {"dataset": DATASET_UID}
    has_table = plan.has_matrix or bool(plan.sets)
    if has_table:
        values |= {
            "obsType": OBS_TYPE,
            "featureType": FEATURE_TYPE,
            "obsColorEncoding": "cellSetSelection" if plan.sets else "geneSelection",
            "featureSelection": None if plan.sets else list(plan.genes) or None,  # a selected gene hides the sets
        }
    if plan.sets:
        values |= {"obsSetExpansion": [[plan.sets[0].name]], "obsSetColor": _build_set_colors(plan)}
    if plan.embeddings:
        values["embeddingType"] = plan.embeddings[0]
    if plan.layers and plan.extent_xy is not None:
        x, y = compute_target(plan.extent_xy)
        view_px = HALF_VIEW_PX if has_table else WIDE_VIEW_PX
        zoom = compute_zoom(pad_extent(plan.extent_xy, _find_spot_radius(plan)), view_px)
        values |= {"spatialZoom": zoom, "spatialTargetX": x, "spatialTargetY": y}
    if plan.layers and plan.target_z is not None:
        values["spatialTargetZ"] = plan.target_z
    return {name: space.add(name, value) for name, value in values.items()}


def _find_spot_radius(plan: ViewPlan) -> float:
    """How far spots reach beyond their middles, which are what an extent is known of; on an image they do not."""
    if any(layer.kind == "imageLayer" for layer in plan.layers):
        return 0.0
    radii = (layer.values.get("spatialSpotRadius") for layer in plan.layers)
    return max((radius for radius in radii if isinstance(radius, float)), default=0.0)


def _build_set_colors(plan: ViewPlan) -> list[dict[str, object]]:
    """One colour per category: the viewer's own palette has fewer than most datasets have cell types."""
    return [
        {"path": [cell_set.name, category], "color": list(choose_group_color(index))}
        for cell_set in plan.sets
        for index, category in enumerate(cell_set.categories)
    ]


def _share(layer: Layer, shared: dict[str, Scope]) -> Layer:
    """Let a linked layer take colouring and gene selection from the views."""
    if not layer.is_linked:
        return layer
    links: dict[str, object] = {
        name: shared[name] for name in ("obsColorEncoding", "featureSelection") if name in shared
    }
    if layer.channels:
        return replace(layer, channels=tuple({**links, **channel} for channel in layer.channels))
    return replace(layer, values={**links, **layer.values})


def _build_file(file: File) -> dict[str, Any]:
    built: dict[str, Any] = {"fileType": file.file_type, "url": file.url}
    if file.options:
        built["options"] = file.options
    if file.coordination_values:
        built["coordinationValues"] = file.coordination_values
    return built


def _build_panel(panel: Panel, shared: dict[str, Scope], metas: list[str]) -> dict[str, Any]:
    is_spatial = panel.component in _SPATIAL
    scopes: dict[str, Any] = {
        name: scope.name
        for name, scope in shared.items()
        if (is_spatial or not name.startswith("spatial"))
        and (name != "embeddingType" or panel.component == "scatterplot")
    }
    if is_spatial:
        scopes |= {"metaCoordinationScopes": metas, "metaCoordinationScopesBy": metas}
    return {
        "component": panel.component,
        "coordinationScopes": scopes,
        "x": panel.x,
        "y": panel.y,
        "w": panel.w,
        "h": panel.h,
    }
