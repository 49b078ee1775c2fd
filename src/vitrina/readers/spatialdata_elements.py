"""The elements of a SpatialData hierarchy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.model.finding import Finding
from vitrina.ngff.detect import parse_image
from vitrina.readers.anndata_group import find_node, read_scalar, read_texts
from vitrina.readers.anndata_table import read_table_element
from vitrina.readers.ngff_element import read_ngff_element
from vitrina.readers.spatialdata_placement import parse_placements
from vitrina.readers.spatialdata_vectors import read_points, read_shapes

if TYPE_CHECKING:
    from vitrina.model.content import Element, PointsElement, TableElement
    from vitrina.readers.anndata_group import Node
    from vitrina.readers.zarr_tree import ZarrTree

type Found = tuple[Element, tuple[Finding, ...]]


def read_elements(zarr_tree: ZarrTree) -> tuple[tuple[Element, ...], tuple[Finding, ...]]:
    """All elements: images, labels, shapes, points, tables, each kind by name.

    Raises:
        UnreadableError: An element is damaged.
        DataError: The metadata of an element is malformed.
    """
    found: list[Found] = []
    found += [_read_raster(zarr_tree, f"images/{name}", is_labels=False) for name in zarr_tree.list_groups("images")]
    found += [_read_raster(zarr_tree, f"labels/{name}", is_labels=True) for name in zarr_tree.list_groups("labels")]
    found += [_read_shapes(zarr_tree, f"shapes/{name}") for name in zarr_tree.list_groups("shapes")]
    found += [_read_points(zarr_tree, f"points/{name}") for name in zarr_tree.list_groups("points")]
    for folder in ("tables", "table"):  # ``table`` held the only table before 0.1
        found += [(_read_table(zarr_tree, f"{folder}/{name}"), ()) for name in zarr_tree.list_groups(folder)]
    elements = tuple(element for element, _ in found)
    return elements, tuple(finding for _, findings in found for finding in findings)


def _read_raster(zarr_tree: ZarrTree, path: str, *, is_labels: bool) -> Found:
    image = replace(parse_image(zarr_tree.read_attrs(path)), is_labels=is_labels)
    axes = [axis.name for axis in image.axes]
    placements, findings = parse_placements(image.named_transforms, axes, path)
    name = path.rsplit("/", 1)[-1]
    found = read_ngff_element(zarr_tree, path, image, name, may_guess=False)
    return replace(found.element, placements=placements), (*found.findings, *findings)


def _read_shapes(zarr_tree: ZarrTree, path: str) -> Found:
    attrs = zarr_tree.read_attrs(path)
    placements, findings = _read_placements(attrs, path)
    return read_shapes(zarr_tree, path, placements), findings


def _read_points(zarr_tree: ZarrTree, path: str) -> Found:
    attrs = zarr_tree.read_attrs(path)
    placements, findings = _read_placements(attrs, path)
    points = read_points(zarr_tree, path, attrs, placements)
    if points.feature_key is not None and points.feature_key != attrs.get("spatialdata_attrs", {}).get("feature_key"):
        findings = (*findings, _feature_key_guessed(points))
    return points, findings


def _read_placements(attrs: dict[str, Any], path: str) -> Any:
    return parse_placements(attrs.get("coordinateTransformations") or (), attrs.get("axes") or ("x", "y"), path)


def _read_table(zarr_tree: ZarrTree, path: str) -> TableElement:
    group = zarr_tree.open_group(path)
    table = read_table_element(group, name=path.rsplit("/", 1)[-1], path=path)
    attrs = zarr_tree.read_attrs(path)
    keys = find_node(group, "uns", "spatialdata_attrs")
    return replace(
        table,
        region=_parse_region(attrs.get("region")) or _read_region(find_node(keys, "region")),
        region_key=attrs.get("region_key") or read_scalar(find_node(keys, "region_key")),
        instance_key=attrs.get("instance_key") or read_scalar(find_node(keys, "instance_key")),
    )


def _parse_region(region: object) -> tuple[str, ...]:
    if isinstance(region, str):
        return (region,)
    return tuple(str(name) for name in region) if isinstance(region, list) else ()


def _read_region(node: Node | None) -> tuple[str, ...]:
    return () if node is None else tuple(read_texts(node))


def _feature_key_guessed(points: PointsElement) -> Finding:
    return Finding(
        code="feature-key-guessed",
        severity="info",
        path=f"{points.path}#/spatialdata_attrs",
        message=f"The metadata of the points does not name the column of the genes; {points.feature_key!r} is taken.",
        fix="Set feature_key when the points are made with PointsModel.parse.",
    )
