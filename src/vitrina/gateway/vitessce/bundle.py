"""Views of datasets with images and tables, such as the folders of instruments: spots of a table on the images."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.gateway.placing import find_frame, find_placement, transform_extent
from vitrina.gateway.vitessce.anndata import build_spot_layer, choose_table, plan_table
from vitrina.gateway.vitessce.extent import join_extents, measure_pixels
from vitrina.gateway.vitessce.image import describe_left_out, plan_image
from vitrina.gateway.vitessce.plan import ViewPlan
from vitrina.model.content import IDENTITY_XY, ImageElement, PointsElement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.standard_axes import arrange_axes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.gateway.vitessce.plan import Urls
    from vitrina.model.content import AffineXY, Content, Element


def plan_bundle(content: Content, urls: Urls) -> ViewPlan:
    """Images below the spots of the table that shows most; without spots, images and table side by side."""
    choice = choose_table(content, [table.name for table in _iterate_tables(content) if _list_images(content, table)])
    frame = None if choice is None else find_frame(content, choice.table)
    cells = ViewPlan() if choice is None else plan_table(content, urls, choice, frame)
    if choice is None or frame is None or not cells.layers:
        rasters = tuple(element for element in content.elements if not isinstance(element, TableElement))
        pictures = plan_image(replace(content, elements=rasters), urls)
        names = () if choice is None else choice.others
        return _merge(pictures, cells, (describe_left_out(list(names)),) if names else ())
    images = _list_images(content, choice.table)
    pictures = _place(plan_image(replace(content, elements=tuple(images)), urls), images, frame.system)
    layer = build_spot_layer(choice.table.name, cells.extent_xy, choice.table.n_obs, has_image=bool(pictures.files))
    plan = _merge(pictures, replace(cells, layers=(layer,)), ())
    shown: list[Element] = [*images[: len(pictures.files)], choice.table]
    return replace(plan, findings=(*plan.findings, *_tell_left_out(content, shown)))


def _merge(pictures: ViewPlan, cells: ViewPlan, findings: Sequence[Finding]) -> ViewPlan:
    """Both as one view; what keeps the images from being drawn does not keep the table from it."""
    told = pictures.findings
    if cells.files:
        told = tuple(replace(one, severity="warning") if one.severity == "error" else one for one in told)
    missing = tuple(one for one in cells.findings if one.severity != "error" or not pictures.files)
    return replace(
        cells,
        files=(*pictures.files, *cells.files),
        layers=(*pictures.layers, *cells.layers),
        extent_xy=join_extents([pictures.extent_xy, cells.extent_xy]),
        target_z=pictures.target_z,
        findings=(*told, *missing, *findings),
    )


def _iterate_tables(content: Content) -> Iterator[TableElement]:
    return (element for element in content.elements if isinstance(element, TableElement))


def _list_images(content: Content, table: TableElement) -> list[ImageElement]:
    """The images on which the positions of a table can be drawn."""
    system = find_frame(content, table).system
    return [e for e in content.elements if isinstance(e, ImageElement) and _find_map(e, system) is not None]


def _find_map(image: ImageElement, system: str) -> AffineXY | None:
    """From pixels to a coordinate system, None where that is no scale and shift, or the image lies elsewhere."""
    placed = find_placement(image.placements, system) if image.placements else IDENTITY_XY
    return None if placed is None or placed[1] or placed[3] else placed


def _place(pictures: ViewPlan, images: Sequence[ImageElement], system: str) -> ViewPlan:
    """The images where the system has them, by a transformation beside the one that they are served with."""
    files, extents = [], []
    for file, image in zip(pictures.files, images, strict=False):
        affine = _find_map(image, system) or IDENTITY_XY
        pixels = measure_pixels(image.axes, image.levels[0])
        extents.append(None if pixels is None else transform_extent(pixels, affine))
        options = _build_transformations(image, affine)
        files.append(replace(file, options={"coordinateTransformations": options}) if options else file)
    return replace(pictures, files=tuple(files), extent_xy=join_extents(extents))


def _build_transformations(image: ImageElement, affine: AffineXY) -> list[dict[str, object]]:
    """What has to follow the image's own scale and translation; nothing where those are right already."""
    sizes = dict(zip([axis.name for axis in image.axes], image.levels[0].scale, strict=True))
    starts = dict(zip([axis.name for axis in image.axes], image.levels[0].translation, strict=True))
    scale = {"x": affine[0] / sizes["x"], "y": affine[4] / sizes["y"]}
    shift = {"x": affine[2] - scale["x"] * starts["x"], "y": affine[5] - scale["y"] * starts["y"]}
    tolerance = 1e-3 * min(abs(affine[0]), abs(affine[4]))
    is_right = all(math.isclose(one, 1.0, rel_tol=1e-6) for one in scale.values())
    if is_right and all(abs(one) <= tolerance for one in shift.values()):
        return []
    names = [axis.name for axis in arrange_axes(image, image.path).axes]
    return [
        {"type": "scale", "scale": [scale.get(name, 1.0) for name in names]},
        {"type": "translation", "translation": [shift.get(name, 0.0) for name in names]},
    ]


def _tell_left_out(content: Content, shown: Sequence[Element]) -> Iterator[Finding]:
    left_out = [element for element in content.elements if element not in shown]
    vectors = [element.name for element in left_out if isinstance(element, ShapesElement | PointsElement)]
    others = [element.name for element in left_out if element.name not in vectors]
    if vectors:
        yield Finding(
            code="view-vectors-unserved",
            severity="info",
            path="",
            message=f"Shapes and points of {content.format!r} are drawn after a conversion only: "
            f"{', '.join(vectors[:12])}{', ...' if len(vectors) > 12 else ''}.",
            fix="Convert it to SpatialData with `vitrina convert`, and add the result.",
        )
    if others:
        yield describe_left_out(others)
