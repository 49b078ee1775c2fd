"""OME-TIFF as a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.convert.ome_tiff import OmeTiffOptions, get_offsets_path, plan_ome_tiff, write_ome_tiff
from vitrina.convert.open_images import open_images
from vitrina.convert.raster_job import check_images, plan_rasters, verify_rasters
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.convert.raster_job import Rasters
    from vitrina.convert.target import Planned, Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source


class OmeTiffTarget:
    """Images and label images in one file."""

    name = OmeTiffOptions.format
    label = "OME-TIFF"
    options_type = OmeTiffOptions

    def check_content(self, source: Source, content: Content) -> None:
        check_images(source, content)

    def plan(self, task: Task[OmeTiffOptions]) -> OmeTiffJob:
        options = task.options
        opened = open_images(
            task.source, task.content, task.series, uses_levels=options.pyramid.uses_levels, stack=task.stack
        )
        images = {name: image.join_colors() for name, image in opened.items()}
        plans = dict(zip(images, plan_ome_tiff(list(images.values()), options)[0], strict=True))
        return OmeTiffJob(images=images, plans=plans, planned=plan_rasters(images, plans), options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeTiffJob:
    """Images that are written as OME-TIFF."""

    images: Mapping[str, ConvertedImage]
    plans: Mapping[str, LevelsPlan]
    planned: Planned
    options: OmeTiffOptions

    @property
    def resumes(self) -> bool:
        """What was compressed with loss cannot be read back as it was, so it is not gone on with."""
        return self.options.codec.is_lossless

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        write_ome_tiff(
            list(self.images.values()),
            place.path,
            self.options,
            is_resumed=place.is_resumed,
            open_journal=place.open_journal,
            progress=progress,
        )
        return ()

    def verify(self, path: Path, progress: Progress | None) -> None:
        codec = self.options.codec
        if not codec.is_lossless:
            raise InputError(
                "verify-lossy", f"{codec.name} loses details, so pixels cannot be compared.", hint="Omit --verify."
            )
        numbers = {name: number for number, name in enumerate(self.images)}

        def find(elements: Rasters, name: str) -> ImageElement | LabelsElement:
            return elements[numbers[name]]

        verify_rasters(self.images, self.plans, path, find, progress)

    def list_companions(self, path: Path) -> list[Path]:
        offsets = get_offsets_path(path)
        return [offsets] if offsets.exists() else []
