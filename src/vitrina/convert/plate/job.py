"""A plate that is written as OME-Zarr: every field of view an image of its own, below its well."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from vitrina.convert.image import open_image
from vitrina.convert.levels import plan_image, shift_progress
from vitrina.convert.ome_zarr import plan_arrays, write_image
from vitrina.convert.plate.groups import write_plate_groups
from vitrina.convert.plate.reopened import ReopenedPixels
from vitrina.convert.raster_job import plan_rasters
from vitrina.convert.verify import verify_levels
from vitrina.errors import InputError, UnsupportedError
from vitrina.readers.elements import open_pixels, read_plate
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.convert.image import ConvertedImage
    from vitrina.convert.levels import LevelsPlan
    from vitrina.convert.ome_zarr import OmeZarrOptions
    from vitrina.convert.target import Planned, Progress, Task
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content, ImageElement
    from vitrina.model.finding import Finding
    from vitrina.model.plate import Plate
    from vitrina.pyramid.journal import Journal
    from vitrina.readers.source import Source


def plan_plate(task: Task[OmeZarrOptions], plate: Plate) -> PlateJob:
    """Plan all fields of a plate.

    Args:
        task: What is converted; its series are numbers of fields, in the plate's order.
        plate: What its reader found.

    Raises:
        InputError: There is no such field.
        UnreadableError: A field is damaged.
        UnsupportedError: A field has no place in OME-Zarr.
    """
    chosen = _choose_fields(task, plate)
    options = task.options
    images = {field.element.path: _open_field(task, field.element) for field in chosen.fields}
    if options.has_all_axes:
        images = {path: image.with_all_axes() for path, image in images.items()}
    plans = {path: plan_image(image, options.pyramid) for path, image in images.items()}
    for path, image in images.items():
        plan_arrays(path, image, plans[path], options)
    planned = replace(plan_rasters(images, plans), settled=frozenset({"plate-first-field"}))
    return PlateJob(plate=chosen, images=images, plans=plans, planned=planned, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateJob:
    """A plate that is written as OME-Zarr."""

    plate: Plate
    images: Mapping[str, ConvertedImage]
    plans: Mapping[str, LevelsPlan]
    planned: Planned
    options: OmeZarrOptions
    resumes: bool = True

    def write(self, place: Unfinished, progress: Progress | None) -> tuple[Finding, ...]:
        n_before = 0
        for path, image in self.images.items():
            journals: list[Journal] = []
            write_image(
                path,
                image,
                place.path,
                self.plans[path],
                self.options,
                open_journal=partial(_open_journal, place, journals),
                progress=shift_progress(progress, n_before, self.planned.n_steps),
            )
            image.close()
            for journal in journals:
                journal.close()
            n_before += self.plans[path].n_nodes
        write_plate_groups(place.path, self.plate, self.options.version)
        return ()

    def verify(self, path: Path, progress: Progress | None) -> None:
        source = open_source(path)
        content, fields = _read_result(source)
        n_before = 0
        for name, image in self.images.items():
            with ExitStack() as stack:
                stack.callback(image.close)
                written = [open_pixels(source, content, fields[name], i) for i in range(len(fields[name].levels))]
                for one in written:
                    stack.callback(one.close)
                shifted = shift_progress(progress, n_before, self.planned.n_steps)
                verify_levels(image, written, self.plans[name], progress=shifted)
            n_before += self.plans[name].n_nodes

    def list_companions(self, path: Path) -> list[Path]:
        del path
        return []


def _choose_fields(task: Task[OmeZarrOptions], plate: Plate) -> Plate:
    missing = [number for number in task.series if not 0 <= number < len(plate.fields)]
    if missing:
        raise InputError(
            "series-missing", f"{task.source.path} has {len(plate.fields)} fields of view; there is no {missing[0]}."
        )
    if not task.series:
        return plate
    fields = tuple(field for number, field in enumerate(plate.fields) if number in task.series)
    return replace(
        plate,
        fields=fields,
        rows=tuple(row for row in plate.rows if any(field.row == row for field in fields)),
        columns=tuple(column for column in plate.columns if any(field.column == column for field in fields)),
        acquisitions=tuple(one for one in plate.acquisitions if any(f.acquisition == one.number for f in fields)),
    )


def _open_field(task: Task[OmeZarrOptions], element: ImageElement) -> ConvertedImage:
    source, content = task.source, task.content
    opened = open_image(source, content, element, uses_levels=task.options.pyramid.uses_levels)
    opened.close()
    levels = range(len(opened.sources))
    reopened = [ReopenedPixels(partial(open_pixels, source, content, element, level)) for level in levels]
    image = replace(opened, sources=tuple(reopened))
    task.stack.callback(image.close)
    return image


def _open_journal(place: Unfinished, opened: list[Journal], name: str) -> Journal:
    journal = place.open_journal(name)
    opened.append(journal)
    return journal


def _read_result(source: Source) -> tuple[Content, dict[str, ImageElement]]:
    reader = find_reader(source)
    content = reader.read_content(source) if reader is not None else None
    plate = read_plate(source, content) if content is not None else None
    if content is None or plate is None:
        raise UnsupportedError("verify-unreadable", f"{source.path} cannot be read back as a plate.")
    return content, {field.element.path: field.element for field in plate.fields}
