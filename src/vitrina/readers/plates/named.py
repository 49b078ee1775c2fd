"""Plates whose files are named by a pattern that a person gives."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from vitrina.errors import InputError, UnreadableError
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader
from vitrina.readers.planes.folder import list_files
from vitrina.readers.planes.pattern import check_cost, compile_pattern
from vitrina.readers.planes.sizes import read_pixel_size_zyx_um
from vitrina.readers.plates.files import FieldFacts, FilesPlate, PlateFiles, WellPlane

if TYPE_CHECKING:
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.model.plate import Plate
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.open_plate import OpenPlate
    from vitrina.readers.plates.files import FieldKey
    from vitrina.readers.source import Source

_DAMAGE = "plate-damaged", "a plate"


class NamedPlateReader(PixelReader):
    """Reads folders of TIFF files whose names tell wells, by ``ReadOptions.pattern``."""

    format = "plate-folder"

    def detect(self, source: Source) -> bool:
        pattern = source.options.pattern
        return source.is_folder and pattern is not None and compile_pattern(pattern).has_wells

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            return _open(source).describe(self)

    def read_plate(self, source: Source) -> Plate | None:
        with reading(source, *_DAMAGE):
            return _open(source).plate

    def open_plate(self, source: Source) -> OpenPlate | None:
        with reading(source, *_DAMAGE):
            return _open(source).open()

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:  # noqa: ARG002 there is one
        return _open(source).open_pixels(element)


def _open(source: Source) -> FilesPlate:
    if "plate-folder" not in source.found:
        source.found["plate-folder"] = FilesPlate(_list_files(source))
    opened: FilesPlate = source.found["plate-folder"]
    return opened


def _list_files(source: Source) -> PlateFiles:
    if source.options.pattern is None:
        raise UnreadableError("pattern-missing", f"{source.path} can be read only with the pattern of its names.")
    pattern = compile_pattern(source.options.pattern)
    paths = list_files(source)
    check_cost(pattern, paths)
    matched = [found for found in map(pattern.match, paths) if found is not None]
    if not matched:
        raise InputError(
            "pattern-unmatched",
            f"None of the {len(paths):,} TIFF files in {source.path} fits the pattern {pattern.text!r}.",
            hint=f"The first file is {paths[0]!r}." if paths else "There is no TIFF file in it.",
            where=str(source.path),
        )
    facts = FieldFacts(pixel_size_zyx=read_pixel_size_zyx_um(source.path / matched[0].plane.path))
    return PlateFiles(
        source=source,
        name=source.path.name,
        format="plate-folder",
        planes=[
            WellPlane(row=one.well[0], column=one.well[1], site=one.field, acquisition="", plane=one.plane)
            for one in matched
            if one.well is not None
        ],
        find_facts=partial(_repeat_facts, facts),
        findings=tuple(tell_left_out(len(paths) - len(matched), len(paths), pattern.text)),
    )


def _repeat_facts(facts: FieldFacts, key: FieldKey, path: str) -> FieldFacts:
    """What the first file says of sizes holds for all."""
    del key, path
    return facts


def tell_left_out(n_left_out: int, n_all: int, pattern: str) -> list[Finding]:
    """What to tell of files that do not fit."""
    if not n_left_out:
        return []
    return [
        Finding(
            code="files-left-out",
            severity="info",
            path="#",
            message=f"{n_left_out:,} of {n_all:,} TIFF files do not fit the pattern {pattern!r}; they are left out.",
        )
    ]
