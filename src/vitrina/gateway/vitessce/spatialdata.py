"""Views of SpatialData: images, the elements that its main table annotates, and transcripts.

The viewer reads SpatialData itself; from a zip file it reads it through the gateway.
Source: https://vitessce.io/docs/data-file-types/#spatialdatazarr.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.gateway.completion import find_incomplete
from vitrina.gateway.leveled_tree import find_unready
from vitrina.gateway.placing import find_placement, transform_extent
from vitrina.gateway.point_sample import find_sampled
from vitrina.gateway.vitessce.anndata import build_spot_layer
from vitrina.gateway.vitessce.columns import choose_embeddings, choose_genes, fits_heatmap
from vitrina.gateway.vitessce.extent import join_extents, measure_pixels
from vitrina.gateway.vitessce.image import (
    MAX_IMAGES,
    build_image_layer,
    build_segmentation_layer,
    compute_outline_width,
    describe_left_out,
    draws_as_rgb,
)
from vitrina.gateway.vitessce.plan import FEATURE_TYPE, OBS_TYPE, File, Layer, Urls, ViewPlan
from vitrina.gateway.vitessce.points import PointsPlan
from vitrina.gateway.vitessce.table import build_matrix_options, build_set_options, choose_table_sets, has_genes
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.ngff_image import find_middle_plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.gateway.vitessce.plan import CellSet
    from vitrina.model.content import Content, Element, ExtentXY

MAX_SHAPES = 500_000
"""More polygons do not fit into a browser tab: each is parsed into an array of its own."""

N_POINT_GENES = 3

type Spatial = ImageElement | LabelsElement | PointsElement | ShapesElement
type Region = LabelsElement | ShapesElement


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of a SpatialData object is shown.

    Attributes:
        region: The labels or shapes drawn as cells.
        is_linked: Whether ``table`` annotates exactly the region.
    """

    coordinate_system: str
    images: tuple[ImageElement, ...]
    table: TableElement | None
    region: Region | None
    is_linked: bool
    points: PointsElement | None


def plan_spatialdata(content: Content, urls: Urls) -> ViewPlan:
    """Choose, then describe; what is left out is said as a finding."""
    choice = choose_elements(content)
    url = urls.zarr if content.is_zipped or find_incomplete(content) or find_unready(content) else urls.data
    sets, findings = choose_table_sets(choice.table, shows_codes=True) if choice.table else ((), ())
    points = PointsPlan(choice.points, choice.table, choice.coordinate_system, find_sampled(content))
    is_tiled = points.has_tiles and not content.is_zipped  # tiles are parts of files, which the gateway does not serve
    points_files = points.build_files(urls.zarr if points.is_sampled else url, urls.data if is_tiled else None)
    files = [_build_cells_file(choice, url, sets), *_build_image_files(choice, url), *points_files]
    table = choice.table
    genes = choose_genes(table, N_POINT_GENES if choice.points else 1) if table and has_genes(table) else ()
    return ViewPlan(
        files=tuple(file for file in files if file is not None),
        layers=(*_build_layers(choice, content.container), *points.build_layers(genes, has_all=is_tiled)),
        extent_xy=_measure(choice),
        embeddings=tuple(title for title, _ in choose_embeddings(table)) if table else (),
        sets=sets,
        genes=genes,
        has_matrix=table is not None and has_genes(table),
        has_heatmap=table is not None and fits_heatmap(table),
        target_z=(find_middle_plane(choice.images[0]) or None) if choice.images else None,
        findings=(*findings, *points.find_samples(has_all=is_tiled), *_find_omissions(content, choice)),
    )


def choose_elements(content: Content) -> Choice:
    """Images, one table with the element it annotates, and one set of points, all in one coordinate system."""
    system = _choose_coordinate_system(content)
    placed = [e for e in content.elements if not isinstance(e, TableElement) and find_placement(e.placements, system)]
    tables = [e for e in content.elements if isinstance(e, TableElement)]
    regions = {e.name: e for e in placed if isinstance(e, LabelsElement | ShapesElement) and _is_drawable(e)}
    links = [(table, regions[table.region[0]]) for table in tables if _is_linkable(table, regions)]
    table, region = max(links, key=lambda link: (link[0].n_obs, link[0].n_vars), default=(None, None))
    if table is None:
        table = max(tables, key=lambda e: e.n_obs, default=None)
    points = [e for e in placed if isinstance(e, PointsElement) and _has_drawable_points(e)]
    return Choice(
        coordinate_system=system,
        images=_choose_images(placed),
        table=table,
        region=region or next((e for e in regions.values()), None),
        is_linked=region is not None,
        points=points[0] if points and table is not None and has_genes(table) else None,
    )


def _choose_images(placed: Sequence[Element]) -> tuple[ImageElement, ...]:
    """Colour images first, since the first one is visible: histology is what people recognise the section by."""
    images = [element for element in placed if isinstance(element, ImageElement)]
    return tuple(sorted(images, key=lambda image: not draws_as_rgb(image))[:MAX_IMAGES])


def _choose_coordinate_system(content: Content) -> str:
    names = content.coordinate_systems
    return "global" if "global" in names or not names else names[0]


def _is_drawable(element: Region) -> bool:
    if isinstance(element, LabelsElement):
        return True
    return element.geometry in ("polygon", "circle") and element.n_shapes <= MAX_SHAPES


def _is_linkable(table: TableElement, regions: dict[str, Region]) -> bool:
    """Exactly one region: the viewer compares ids alone, and those of several regions may be the same."""
    return len(table.region) == 1 and table.region[0] in regions


def _has_drawable_points(element: PointsElement) -> bool:
    return element.feature_key is not None


def _build_cells_file(choice: Choice, url: str, sets: tuple[CellSet, ...]) -> File | None:
    options: dict[str, object] = {}
    if choice.region is not None:
        key = "obsSpots" if _draws_as_spots(choice.region) else "obsSegmentations"
        link = {"tablePath": choice.table.path} if choice.table and _needs_table_path(choice) else {}
        options[key] = {"path": choice.region.path, "coordinateSystem": choice.coordinate_system, **link}
    if choice.table is not None:
        options |= build_matrix_options(choice.table, f"{choice.table.path}/")
        if sets:
            options["obsSets"] = {
                "tablePath": choice.table.path,
                "obsSets": build_set_options(sets, f"{choice.table.path}/"),
            }
    values = {"fileUid": "cells", "obsType": OBS_TYPE, "featureType": FEATURE_TYPE}
    return File(file_type="spatialdata.zarr", url=url, options=options, coordination_values=values) if options else None


def _needs_table_path(choice: Choice) -> bool:
    """Whether the viewer pairs the region with rows by id when it knows the table.

    It does for labels. Shapes it would then pair by order, which is wrong whenever the orders differ; without the
    table's path it takes the ids of the shapes themselves.
    """
    return choice.is_linked and isinstance(choice.region, LabelsElement)


def _build_image_files(choice: Choice, url: str) -> list[File]:
    return [
        File(
            file_type="spatialdata.zarr",
            url=url,
            options={"image": {"path": image.path, "coordinateSystem": choice.coordinate_system}},
            coordination_values={"fileUid": f"image-{index}", "featureType": "channel"},
        )
        for index, image in enumerate(choice.images)
    ]


def _build_layers(choice: Choice, container: str) -> list[Layer]:
    layers = [
        build_image_layer(image, f"image-{index}", is_visible=index == 0) for index, image in enumerate(choice.images)
    ]
    region = choice.region
    if region is not None and isinstance(region, ShapesElement) and _draws_as_spots(region):
        extent = _place(region, choice.coordinate_system)
        layers.append(build_spot_layer(region.name, extent, region.n_shapes, has_image=bool(choice.images)))
    elif region is not None:
        backdrop = choice.images[0] if choice.images else None
        layers.append(
            build_segmentation_layer(
                "cells",
                region.name,
                is_linked=choice.is_linked,
                backdrop=backdrop,
                n_shapes=region.n_shapes if isinstance(region, ShapesElement) else None,
                outline_width=compute_outline_width(region, container) if isinstance(region, LabelsElement) else 1.0,
            )
        )
    return layers


def _draws_as_spots(region: Region) -> bool:
    return isinstance(region, ShapesElement) and region.geometry == "circle"


def _measure(choice: Choice) -> ExtentXY | None:
    shown: list[Spatial | None] = [*choice.images, choice.region, choice.points]
    return join_extents(_place(element, choice.coordinate_system) for element in shown if element is not None)


def _place(element: Spatial, coordinate_system: str) -> ExtentXY | None:
    affine = find_placement(element.placements, coordinate_system)
    if isinstance(element, ImageElement | LabelsElement):
        extent = measure_pixels(element.axes, element.levels[0])
    else:
        extent = element.extent_xy
    return transform_extent(extent, affine) if extent and affine else None


def _find_omissions(content: Content, choice: Choice) -> list[Finding]:
    shown = {id(e) for e in (*choice.images, choice.table, choice.region, choice.points)}
    left_out = [element for element in content.elements if id(element) not in shown]
    findings = [finding for element in left_out for finding in _explain(element)]
    explained = {finding.path for finding in findings}
    others = [element.name for element in left_out if element.path not in explained]
    if choice.table is not None and choice.region is not None and not choice.is_linked:
        findings.append(
            Finding(
                code="view-table-unlinked",
                severity="info",
                path=choice.table.path,
                message=f"Table {choice.table.name} does not annotate exactly one element that can be drawn, so its "
                "colours are not on the picture.",
                fix="Split the table so that each annotates one element.",
            )
        )
    return [*findings, describe_left_out(others)] if others else findings


def _explain(element: object) -> list[Finding]:
    """Why one element cannot be drawn, when that is a limit of the viewer."""
    if isinstance(element, PointsElement) and element.feature_key is None:
        what = f"Points {element.name} names no gene column (feature_key), which the viewer needs to draw points."
        return [_limit("view-points-without-feature", element.path, what)]
    if isinstance(element, ShapesElement) and element.n_shapes > MAX_SHAPES:
        what = f"Shapes {element.name} has {element.n_shapes:,} shapes, the viewer draws at most {MAX_SHAPES:,}."
        return [_limit("view-too-many-shapes", element.path, what)]
    if isinstance(element, ShapesElement) and element.geometry not in ("polygon", "circle"):
        what = f"Shapes {element.name} mixes kinds of geometry; the viewer draws either polygons or circles."
        return [_limit("view-mixed-shapes", element.path, what)]
    return []


def _limit(code: str, path: str, message: str) -> Finding:
    return Finding(code=code, severity="info", path=path, message=message, fix=None)
