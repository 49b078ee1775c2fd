"""From content to plan: which kind of view a dataset gets, and why there may be none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.gateway.plates.known import is_plate
from vitrina.gateway.vitessce.anndata import plan_anndata
from vitrina.gateway.vitessce.bundle import plan_bundle
from vitrina.gateway.vitessce.image import plan_image
from vitrina.gateway.vitessce.plan import ViewPlan
from vitrina.gateway.vitessce.plate import plan_plate
from vitrina.gateway.vitessce.spatialdata import plan_spatialdata
from vitrina.model.content import ImageElement, LabelsElement, TableElement
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.gateway.vitessce.plan import Urls
    from vitrina.model.content import Content

    type Planner = Callable[[Content, Urls], ViewPlan]

_PLANNERS: dict[str, Planner] = {"spatialdata": plan_spatialdata, "ome-zarr": plan_image}
"""Of any other format, the images and tables are shown, which the gateway serves as OME-Zarr and AnnData."""


def plan_view(content: Content, urls: Urls) -> ViewPlan:
    """What the automatic view shows; with an ``error`` finding when there is nothing that the viewer can show."""
    planner = plan_plate if is_plate(content) else _PLANNERS.get(content.format) or _choose_planner(content)
    if planner is None:
        return ViewPlan(findings=(_describe_unsupported(content.format),))
    plan = planner(content, urls)
    if plan.files or any(finding.severity == "error" for finding in plan.findings):
        return plan
    return replace(plan, findings=(_NOTHING, *plan.findings))


def _choose_planner(content: Content) -> Planner | None:
    has_images = any(isinstance(element, ImageElement | LabelsElement) for element in content.elements)
    has_tables = any(isinstance(element, TableElement) for element in content.elements)
    if has_tables:
        return plan_bundle if has_images else plan_anndata
    return plan_image if has_images else None


def _describe_unsupported(data_format: str) -> Finding:
    return Finding(
        code="view-format-unsupported",
        severity="error",
        path="",
        message=f"The viewer shows images and tables of cells; it cannot show {data_format!r}.",
        fix="Convert it with `vitrina convert`, and add the result.",
    )


_NOTHING = Finding(
    code="view-no-image-or-table",
    severity="error",
    path="",
    message="There is no image, table, labels or shapes in it that the viewer could draw.",
    fix="Check with `vitrina show` what was found; a plate or collection has its images one level deeper.",
)
