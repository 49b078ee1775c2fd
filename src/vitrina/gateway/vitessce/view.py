"""From content to plan: which kind of view a format gets, and why there may be none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.gateway.vitessce.anndata import plan_anndata
from vitrina.gateway.vitessce.image import plan_image
from vitrina.gateway.vitessce.plan import ViewPlan
from vitrina.gateway.vitessce.spatialdata import plan_spatialdata
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.gateway.vitessce.plan import Urls
    from vitrina.model.content import Content

_PLANNERS = {"spatialdata": plan_spatialdata, "anndata": plan_anndata}
"""Of any other format the images are shown, which the gateway serves as OME-Zarr."""


def plan_view(content: Content, urls: Urls) -> ViewPlan:
    """What the automatic view shows; with an ``error`` finding when there is nothing that the viewer can show."""
    planner = _PLANNERS.get(content.format)
    if planner is None:
        if content.format != "ome-zarr" and not any(
            isinstance(e, ImageElement | LabelsElement) for e in content.elements
        ):
            return ViewPlan(findings=(_describe_unsupported(content.format),))
        planner = plan_image
    plan = planner(content, urls)
    if plan.files or any(finding.severity == "error" for finding in plan.findings):
        return plan
    return replace(plan, findings=(_NOTHING, *plan.findings))


def _describe_unsupported(data_format: str) -> Finding:
    return Finding(
        code="view-format-unsupported",
        severity="error",
        path="",
        message=f"The viewer shows images, SpatialData and AnnData; it cannot show {data_format!r}.",
        fix="Convert it with `vitrina convert`, and add the result.",
    )


_NOTHING = Finding(
    code="view-no-image-or-table",
    severity="error",
    path="",
    message="There is no image, table, labels or shapes in it that the viewer could draw.",
    fix="Check with `vitrina show` what was found; a plate or collection has its images one level deeper.",
)
