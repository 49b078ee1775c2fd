"""Views of datasets with images and tables, such as the folders of instruments: spots of a table on the images."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.gateway.vitessce.anndata import build_spot_layer, choose_table, plan_table
from vitrina.gateway.vitessce.extent import find_placement, join_extents, measure_pixels, transform_extent
from vitrina.gateway.vitessce.image import describe_left_out, plan_image
from vitrina.gateway.vitessce.plan import ViewPlan
from vitrina.model.content import IDENTITY_XY, ImageElement, PointsElement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.standard_axes import arrange_axes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.gateway.vitessce.plan import Urls
    from vitrina.model.content import AffineXY, Content, Element

_GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the positions of a table are.

    Attributes:
        system: The coordinate system that the images are placed in too.
        affine_xy: From the positions to that system.
    """

    system: str
    affine_xy: AffineXY = IDENTITY_XY


def plan_bundle(content: Content, urls: Urls) -> ViewPlan:
    """Images below the spots of the table that shows most; without spots, images and table side by side."""
    choice = choose_table(content, [table.name for table in _iterate_tables(content) if _list_images(content, table)])
    cells = ViewPlan() if choice is None else plan_table(content, urls, choice)
    if choice is None or not cells.layers:
        rasters = tuple(element for element in content.elements if not isinstance(element, TableElement))
        pictures = plan_image(replace(content, elements=rasters), urls)
        names = () if choice is None else choice.others
        return _merge(pictures, cells, (describe_left_out(list(names)),) if names else ())
    frame = _find_frame(content, choice.table)
    images = _list_images(content, choice.table)
    pictures = _place(plan_image(replace(content, elements=tuple(images)), urls), images, frame)
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
    frame = _find_frame(content, table)
    return [e for e in content.elements if isinstance(e, ImageElement) and _find_map(e, frame) is not None]


def _find_frame(content: Content, table: TableElement) -> _Frame:
    """Positions are in the coordinates of the shapes that the table annotates, or placed as those are."""
    systems = content.coordinate_systems
    default = _GLOBAL if _GLOBAL in systems or not systems else systems[0]
    region = next((e for e in content.elements if not isinstance(e, TableElement) and e.name in table.region), None)
    if region is None or not region.placements:
        return _Frame(default)
    placement = region.placements[0]
    if not isinstance(region, ShapesElement) or _are_placed(table, region, placement.affine_xy):
        return _Frame(placement.coordinate_system)
    return _Frame(placement.coordinate_system, placement.affine_xy)


def _are_placed(table: TableElement, region: ShapesElement, affine: AffineXY) -> bool:
    """Whether the extent of positions is that of the shapes after they are placed, rather than before."""
    if table.extent_xy is None or region.extent_xy is None:
        return False
    own, placed = region.extent_xy, transform_extent(region.extent_xy, affine)
    return math.dist(table.extent_xy, placed) < math.dist(table.extent_xy, own)


def _find_map(image: ImageElement, frame: _Frame) -> AffineXY | None:
    """From pixels to the positions of the table, None where that is no scale and shift, or the image lies elsewhere."""
    placed = find_placement(image.placements, frame.system) if image.placements else IDENTITY_XY
    a, b, c, d, e, f = frame.affine_xy
    if placed is None or any((b, d, placed[1], placed[3])) or not a or not e:
        return None
    return (placed[0] / a, 0.0, (placed[2] - c) / a, 0.0, placed[4] / e, (placed[5] - f) / e)


def _place(pictures: ViewPlan, images: Sequence[ImageElement], frame: _Frame) -> ViewPlan:
    """The images where the positions are, by a transformation beside the one that they are served with."""
    files, extents = [], []
    for file, image in zip(pictures.files, images, strict=False):
        affine = _find_map(image, frame) or IDENTITY_XY
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
