"""Plates of ImageXpress microscopes (MetaXpress): a TIFF per plane, named by well, site and wavelength.

``TimePoint_1/ZStep_2/NAME_B07_s3_w1UUID.tif``; what lies outside of ``ZStep_`` folders of a plate that has them are
projections, which become an acquisition of their own. Thumbnails are left out.
Source: the folders in https://github.com/fmi-faim/faim-ipa/tree/main/resources/ImageXpress
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from vitrina.model.content import Channel
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader
from vitrina.readers.planes.folder import MAX_LOOKED_AT, TIFF_SUFFIXES, iterate_files, list_files
from vitrina.readers.planes.stack import PlaneName
from vitrina.readers.plates.files import FieldFacts, FilesPlate, PlateFiles, WellPlane, with_name
from vitrina.readers.plates.htd import read_htd
from vitrina.readers.plates.metaseries import read_metaseries
from vitrina.readers.plates.wells import parse_well

if TYPE_CHECKING:
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.model.plate import Plate
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.open_plate import OpenPlate
    from vitrina.readers.plates.files import FieldKey
    from vitrina.readers.plates.htd import Htd
    from vitrina.readers.plates.metaseries import Metaseries
    from vitrina.readers.source import Source

_NAME = re.compile(
    r"(?P<name>[^/]{1,200})_(?P<well>[A-Z]{1,2}\d{2})(?:_s(?P<site>\d{1,5}))?(?:_w(?P<wave>\d{1,3}))?"
    r"(?P<thumb>_thumb)?(?P<uuid>[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})?\.tiff?",
    re.IGNORECASE,
)
_STEP = re.compile(r"(TimePoint|ZStep)_(\d{1,6})", re.IGNORECASE)
_DAMAGE = "plate-damaged", "an ImageXpress plate"

PROJECTION, STACK = "projection", "stack"


class ImageXpressReader(PixelReader):
    """Reads folders of ImageXpress microscopes."""

    format = "imagexpress"

    def detect(self, source: Source) -> bool:
        if not source.is_folder or source.options.pattern is not None:
            return False
        suffixes = (*TIFF_SUFFIXES, ".htd")
        has_table = has_plane = False
        for number, path in enumerate(iterate_files(source.path, suffixes)):
            if number > MAX_LOOKED_AT:
                return False
            name = PurePosixPath(path).name
            has_table = has_table or name.lower().endswith(".htd")
            match = _NAME.fullmatch(name)
            is_plane = match is not None and (match["site"] or match["wave"]) is not None
            has_plane = has_plane or is_plane
            if (has_table and has_plane) or (is_plane and match is not None and match["uuid"] is not None):
                return True
        return False

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
    if "imagexpress" not in source.found:
        source.found["imagexpress"] = FilesPlate(_Folder(source).list_files())
    opened: FilesPlate = source.found["imagexpress"]
    return opened


class _Folder:
    """One folder with the plate in it, perhaps several folders down, and perhaps several times."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parsed = [found for found in map(_parse, list_files(source)) if found is not None]
        with_z = {root for root, _, is_step, _ in self._parsed if is_step}
        several = len({root for root, *_ in self._parsed}) > 1
        self._planes = [
            WellPlane(
                row=well[0],
                column=well[1],
                site=plane_site,
                acquisition=_name_acquisition(root, several=several, has_z=root in with_z, is_step=is_step),
                plane=plane,
            )
            for root, well, is_step, (plane_site, plane) in self._parsed
        ]

    def list_files(self) -> PlateFiles:
        return PlateFiles(
            source=self._source,
            name=self._find_name(),
            format="imagexpress",
            planes=self._planes,
            find_facts=self._find_facts,
            channels=self._name_channels(),
            acquisition_order=sorted({one.acquisition for one in self._planes}, key=_order_stacks_first),
            n_z={name: self._htd.n_z for name in self._stacks if self._htd and self._htd.n_z},
            findings=tuple(self._check_steps()),
        )

    @cached_property
    def _htd(self) -> Htd | None:
        paths = list(iterate_files(self._source.path, (".htd",)))
        return read_htd(self._source.path / paths[0]) if len(paths) == 1 else None

    @cached_property
    def _stacks(self) -> set[str]:
        """Acquisitions with several planes, or with the only one of a stack."""
        stacked = {name for name in self._samples if name.endswith(STACK)}
        return stacked | {one.acquisition for one in self._planes if one.plane.z > 1}

    @cached_property
    def _samples(self) -> dict[str, dict[str, str]]:
        """The first file of each channel of each acquisition."""
        samples: dict[str, dict[str, str]] = defaultdict(dict)
        for one in self._planes:
            samples[one.acquisition].setdefault(one.plane.channel, one.plane.path)
        return samples

    @cached_property
    def _spacing_um(self) -> dict[str, float | None]:
        """Between the planes of a stack: between two of them, else as their projection says it."""
        stated = [
            self._read(path).find_number("Z Projection Step Size")
            for own in self._samples.values()
            for path in own.values()
        ]
        known = next((size for size in stated if size), None)
        return {name: self._measure_spacing(name) or known for name in self._stacks}

    def _measure_spacing(self, acquisition: str) -> float | None:
        own = [one for one in self._planes if one.acquisition == acquisition]
        first = min(own, key=lambda one: one.plane.z)
        series = first.field_key, first.plane.channel, first.plane.t
        others = [one for one in own if (one.field_key, one.plane.channel, one.plane.t) == series]
        last = max(others, key=lambda one: one.plane.z)
        low, high = (self._read(one.plane.path).find_number("z-position") for one in (first, last))
        if low is None or high is None or last.plane.z == first.plane.z or low == high:
            return None
        return abs(high - low) / (last.plane.z - first.plane.z)

    def _find_facts(self, key: FieldKey, path: str) -> FieldFacts:
        known = self._read(path)
        y, x = known.pixel_size_yx_um
        z = self._spacing_um.get(key[0])
        return FieldFacts(pixel_size_zyx=(z, y, x), origin_yx_um=known.stage_yx_um if y else None)

    def _name_channels(self) -> dict[tuple[str, str], Channel]:
        channels = {}
        for acquisition, samples in self._samples.items():
            own: list[Channel] = []
            for wave, path in sorted(samples.items(), key=lambda item: int(item[0] or 0)):
                stated = self._htd.wave_names.get(int(wave or 0)) if self._htd else None
                name = stated or self._read(path).channel_name or f"w{wave}"
                own.append(with_name(Channel(name=name), own, f"w{wave}"))
                channels[acquisition, wave] = own[-1]
        return channels

    def _find_name(self) -> str:
        """What the names of all files begin with, else the folder's."""
        stated = {
            match["name"]
            for one in self._planes[:MAX_LOOKED_AT]
            if (match := _NAME.fullmatch(PurePosixPath(one.plane.path).name))
        }
        return stated.pop() if len(stated) == 1 else self._source.path.name

    def _read(self, path: str) -> Metaseries:
        from vitrina.readers.plates.metaseries import Metaseries as Known

        return read_metaseries(self._source.path / path) or Known(properties={})

    def _check_steps(self) -> list[Finding]:
        return [*self._check_spacing(), *self._check_thickness()]

    def _check_thickness(self) -> list[Finding]:
        """Whether a stack has as many planes as its projection says that it was made of."""
        known = [self._read(path) for own in self._samples.values() for path in own.values()]
        made = next((one for one in known if one.is_projection), None)
        thickness = made.find_number("Z Thickness") if made is not None else None
        step = made.find_number("Z Projection Step Size") if made is not None else None
        steps = {one.plane.z for one in self._planes if one.acquisition in self._stacks}
        if not thickness or not step or not steps or len(steps) >= round(thickness / step):
            return []
        return [
            Finding(
                code="stack-incomplete",
                severity="warning",
                path="#/plate",
                message=f"The projections were made of stacks of {thickness:g} micrometers in steps of {step:g}, but "
                f"each stack has {len(steps)} plane{'s' if len(steps) > 1 else ''} here.",
                fix="Copy the missing ZStep folders, where they exist.",
            )
        ]

    def _check_spacing(self) -> list[Finding]:
        unknown = [name for name, size in self._spacing_um.items() if size is None]
        if not unknown:
            return []
        return [
            Finding(
                code="z-spacing-missing",
                severity="warning",
                path="#/plate",
                message="The files do not say how far apart the planes of stacks are, so depth is given in planes.",
            )
        ]


type _Parsed = tuple[str, tuple[str, str], bool, tuple[int, PlaneName]]


def _parse(path: str) -> _Parsed | None:
    """Root of the acquisition, well, whether it is a plane of a stack, site and plane; None for other files."""
    *folders, name = path.split("/")
    match = _NAME.fullmatch(name)
    well = parse_well(match["well"]) if match is not None else None
    if match is None or match["thumb"] or well is None:
        return None
    steps = {}
    while folders and (step := _STEP.fullmatch(folders[-1])):
        steps[step[1].lower()] = int(step[2])
        folders.pop()
    plane = PlaneName(path=path, t=steps.get("timepoint", 1), channel=match["wave"] or "1", z=steps.get("zstep", 1))
    return "/".join(folders), well, "zstep" in steps, (int(match["site"] or 1), plane)


def _order_stacks_first(acquisition: str) -> tuple[str, bool]:
    root, _, kind = acquisition.rpartition(": ")
    return root, kind == PROJECTION


def _name_acquisition(root: str, *, several: bool, has_z: bool, is_step: bool) -> str:
    kind = (STACK if is_step else PROJECTION) if has_z else ""
    return ": ".join(part for part in (root if several else "", kind) if part)
