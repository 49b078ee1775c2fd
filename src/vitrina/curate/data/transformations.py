"""Where elements lie: every transformation finite and invertible, every element in some coordinate system."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.image_fields import SPACE, list_levels
from vitrina.curate.nearest import join_some

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.model.finding import Finding

MIN_RELATIVE_DETERMINANT: Final = 1e-12
"""Of the determinant to the product of the lengths of the columns: below it the axes coincide in double precision."""


def check_transformations(elements: Iterable[tuple[str, str, Any]]) -> list[Finding]:
    """What is wrong with where the elements lie, and which coordinate systems there are.

    Args:
        elements: Type (``images``), name and object of each; tables lie nowhere and are passed over.
    """
    findings: list[Finding] = []
    systems: dict[str, list[str]] = {}
    for element_type, name, element in elements:
        if element_type == "tables":
            continue
        node = f"{element_type}/{name}"
        described = _describe(element_type, element)
        transforms = described.attrs.get("transform") or {}
        if not transforms:
            message = f"{node} maps to no coordinate system, so that nobody knows where it lies."
            fix = "Give it one: spatialdata.transformations.set_transformation(element, Identity(), 'global')."
            findings.append(build_finding("coordinate-system-missing", f"{node}#", message, fix=fix))
        for system, transform in transforms.items():
            systems.setdefault(system, []).append(node)
            findings += _check_transformation(transform, _list_axes(element_type, described), node, system)
    if systems:
        told = "; ".join(f"{system!r} has {join_some(nodes, 5)}" for system, nodes in systems.items())
        findings.append(build_finding("coordinate-systems", "#/coordinate_systems", f"{told}."))
    return findings


def _describe(element_type: str, element: Any) -> Any:
    """What carries the transformations: the finest level of an image, else the element."""
    levels = list_levels(element) if element_type in ("images", "labels") else [element]
    return levels[0] if levels else element


def _list_axes(element_type: str, element: Any) -> tuple[str, ...]:
    if element_type in ("images", "labels"):
        return tuple(axis for axis in SPACE if axis in element.dims)
    if element_type == "points":
        return tuple(axis for axis in SPACE if axis in element.columns)
    has_z = len(element) > 0 and bool(element.geometry.has_z.any())
    return SPACE if has_z else SPACE[:2]


def _check_transformation(transform: Any, axes: tuple[str, ...], node: str, system: str) -> list[Finding]:
    import numpy as np

    path = f"{node}#/transform/{system.replace('~', '~0').replace('/', '~1')}"
    try:
        matrix = np.asarray(transform.to_affine_matrix(input_axes=axes, output_axes=axes), dtype=float)
    except Exception as err:  # noqa: BLE001 - whatever the library says of a transformation that it cannot use is told
        message = f"The transformation of {node} to {system!r} cannot be put as a matrix: {err}"
        return [build_finding("transformation-unreadable", path, message)]
    linear = matrix[:-1, :-1]
    if np.isfinite(matrix).all():
        lengths = np.prod(np.linalg.norm(linear, axis=0))
        if lengths > 0 and abs(np.linalg.det(linear)) > MIN_RELATIVE_DETERMINANT * lengths:
            return []
    message = (
        f"The transformation of {node} to {system!r} cannot be inverted: its matrix along {', '.join(axes)} is "
        f"{matrix.round(6).tolist()}."
    )
    return [build_finding("transformation-not-invertible", path, message, fix="Set the transformation anew.")]
