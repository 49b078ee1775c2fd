"""SpatialData: every element in itself, where it lies, and what annotates it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.curate.codes import build_finding
from vitrina.curate.data.anndata import check_anndata
from vitrina.curate.data.annotation import check_annotation
from vitrina.curate.data.image import check_image
from vitrina.curate.data.transformations import check_transformations
from vitrina.curate.data.vectors import check_points, check_shapes

if TYPE_CHECKING:
    from vitrina.model.finding import Finding


def check_spatialdata(dataset: Any) -> list[Finding]:
    """What is wrong with a SpatialData in itself."""
    elements = list(dataset.gen_elements())
    findings = []
    for element_type, name, element in elements:
        found = _check_element(dataset, element_type, name, element)
        if not any(finding.severity == "error" for finding in found):
            found += _check_model(element, f"{element_type}/{name}")
        findings += found
    return findings + check_transformations(elements)


def _check_element(dataset: Any, element_type: str, name: str, element: Any) -> list[Finding]:
    node = f"{element_type}/{name}"
    if element_type == "tables":
        return [*check_anndata(element, f"{node}/"), *check_annotation(dataset, name, element)]
    if element_type == "points":
        return check_points(element, node)
    if element_type == "shapes":
        return check_shapes(element, node)
    return check_image(element, node, is_labels=element_type == "labels")


def _check_model(element: Any, node: str) -> list[Finding]:
    """What the spatialdata library itself has against an element, where we have found no error."""
    import warnings

    from spatialdata.models import get_model

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            get_model(element)().validate(element)
    except Exception as err:  # noqa: BLE001 - the library raises many classes for what it refuses
        message = f"{node} is refused by spatialdata: {err}"
        return [build_finding("spatialdata-invalid", f"{node}#", message)]
    return []
