"""SpatialData as a target."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.convert.image import open_image
from vitrina.convert.levels import plan_image
from vitrina.convert.ome_zarr import plan_arrays
from vitrina.convert.open_images import list_rasters
from vitrina.convert.raster_job import find_by_path, plan_rasters, verify_rasters
from vitrina.convert.spatialdata.options import SpatialDataOptions
from vitrina.convert.spatialdata.rasters import fit_image
from vitrina.convert.spatialdata.store import Store
from vitrina.convert.target import ConvertedPart
from vitrina.errors import InputError, UnsupportedError
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.readers.spatialdata_names import choose_names, choose_paths

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.target import Planned, Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content, Element
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source


class SpatialDataTarget:
    """All elements of a dataset."""

    name = SpatialDataOptions.format
    label = "SpatialData"
    options_type = SpatialDataOptions

    def check_content(self, source: Source, content: Content) -> None:
        if not content.elements:
            raise UnsupportedError(
                "elements-missing",
                f"{source.path} holds nothing that SpatialData has: no images, points, shapes or tables.",
                where=str(source.path),
            )

    def plan(self, task: Task[SpatialDataOptions]) -> SpatialDataJob:
        content = _choose_series(task)
        options = task.options
        raster_options = options.build_raster_options()
        names, findings = choose_names(content.elements)
        paths = choose_paths(content.elements, names)
        images: dict[str, ConvertedImage] = {}
        for element, name, path in zip(content.elements, names, paths, strict=True):
            if isinstance(element, ImageElement | LabelsElement):
                opened = open_image(task.source, content, element, uses_levels=options.pyramid.uses_levels)
                task.stack.callback(opened.close)
                images[path], told = fit_image(opened, name, element.path)
                findings += told
        plans = {path: plan_image(image, options.pyramid) for path, image in images.items()}
        for path, image in images.items():
            plan_arrays(path, image, plans[path], raster_options)
        store = Store(
            source=task.source, content=content, paths=tuple(paths), images=images, plans=plans, options=options
        )
        parts = [
            ConvertedPart(path=path, name=name, kind=element.kind, size=describe_size(element))
            for element, name, path in zip(content.elements, names, paths, strict=True)
            if path not in images
        ]
        rasters = plan_rasters(images, plans)
        planned = replace(rasters, parts=tuple(parts), n_steps=store.n_steps, findings=tuple(findings))
        return SpatialDataJob(store=store, planned=planned)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpatialDataJob:
    """A store that is written."""

    store: Store
    planned: Planned
    resumes: bool = True

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        from vitrina.convert.spatialdata.write import write_spatialdata

        return write_spatialdata(self.store, place, progress)

    def verify(self, path: Path, progress: Progress | None) -> None:
        verify_rasters(self.store.images, self.store.plans, path, find_by_path, progress)

    def list_companions(self, path: Path) -> list[Path]:
        del path
        return []


def describe_size(element: Element) -> str:
    """How much an element is, in words.

    >>> describe_size(ShapesElement(name="cells", path="", n_shapes=1200, geometry="polygon"))
    '1,200 polygons'
    """
    match element:
        case PointsElement(n_points=n_points):
            return "points" if n_points is None else f"{n_points:,} points"
        case ShapesElement():
            kinds = {"polygon": "polygons", "circle": "circles"}
            return f"{element.n_shapes:,} {kinds.get(element.geometry, 'shapes')}"
        case TableElement():
            return f"{element.n_obs:,} observations of {element.n_vars:,} variables"
    return element.kind


def _choose_series(task: Task[SpatialDataOptions]) -> Content:
    """The content with only those of its images that are asked for."""
    if not task.series:
        return task.content
    rasters = list_rasters(task.content)
    missing = [number for number in task.series if not 0 <= number < len(rasters)]
    if missing:
        raise InputError("series-missing", f"{task.source.path} has {len(rasters)} images; there is no {missing[0]}.")
    chosen = [rasters[number] for number in task.series]
    kept = [one for one in task.content.elements if one in chosen or not isinstance(one, ImageElement | LabelsElement)]
    return replace(task.content, elements=tuple(kept))
