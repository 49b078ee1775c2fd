"""OME-Zarr as a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.convert.levels import plan_image
from vitrina.convert.ome_zarr import OmeZarrOptions, arrange_images, plan_arrays, write_ome_zarr
from vitrina.convert.open_images import open_images
from vitrina.convert.plate.job import plan_plate
from vitrina.convert.raster_job import check_images, find_by_path, plan_rasters, verify_rasters
from vitrina.readers.elements import read_plate
from vitrina.readers.ome_metadata import find_ome_xml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.convert.plate.job import PlateJob
    from vitrina.convert.target import Planned, Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source


class OmeZarrTarget:
    """Images and label images."""

    name = OmeZarrOptions.format
    label = "OME-Zarr"
    options_type = OmeZarrOptions

    def check_content(self, source: Source, content: Content) -> None:
        check_images(source, content)

    def plan(self, task: Task[OmeZarrOptions]) -> OmeZarrJob | PlateJob:
        plate = read_plate(task.source, task.content)
        if plate is not None:
            return plan_plate(task, plate)
        options = task.options
        opened = open_images(
            task.source, task.content, task.series, uses_levels=options.pyramid.uses_levels, stack=task.stack
        )
        images = arrange_images(opened, options)
        plans = {path: plan_image(image, options.pyramid) for path, image in images.items()}
        for path, image in images.items():
            plan_arrays(path, image, plans[path], options)
        return OmeZarrJob(
            images=images,
            plans=plans,
            planned=plan_rasters(images, plans),
            options=options,
            ome_xml=find_ome_xml(task.source, task.content) if task.keeps_ome_xml else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeZarrJob:
    """Images that are written as OME-Zarr."""

    images: Mapping[str, ConvertedImage]
    plans: Mapping[str, LevelsPlan]
    planned: Planned
    options: OmeZarrOptions
    ome_xml: str | None
    resumes: bool = True

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        write_ome_zarr(
            self.images,
            place.path,
            self.options,
            ome_xml=self.ome_xml,
            open_journal=place.open_journal,
            progress=progress,
        )
        return ()

    def verify(self, path: Path, progress: Progress | None) -> None:
        verify_rasters(self.images, self.plans, path, find_by_path, progress)

    def list_companions(self, path: Path) -> list[Path]:
        del path
        return []
