"""Plates of Operetta and Opera Phenix microscopes (Harmony): an index, and a TIFF per plane."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Channel
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader
from vitrina.readers.planes.stack import PlaneName
from vitrina.readers.plates.files import FieldFacts, FilesPlate, PlateFiles, WellPlane, with_name
from vitrina.readers.plates.harmony import read_index
from vitrina.readers.plates.wells import name_row

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.model.plate import Plate
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.open_plate import OpenPlate
    from vitrina.readers.plates.files import FieldKey
    from vitrina.readers.plates.harmony import HarmonyImage, HarmonyIndex
    from vitrina.readers.source import Source

INDEXES = ("Images/Index.idx.xml", "Images/Index.xml", "Index.idx.xml", "Index.xml")
UM_PER_M = 1e6
_DAMAGE = "plate-damaged", "an Operetta plate"
_MARK = b"EvaluationInputData"


class OperettaReader(PixelReader):
    """Reads folders that Harmony exports."""

    format = "operetta"

    def detect(self, source: Source) -> bool:
        index = _find_index(source)
        if index is None or source.options.pattern is not None:
            return False
        try:
            with (source.path / index).open("rb") as file:
                return _MARK in file.read(4096)
        except OSError:
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


def _find_index(source: Source) -> str | None:
    if not source.is_folder:
        return None
    root = source.path.resolve()
    paths = ((name, source.path / name) for name in INDEXES)
    return next((name for name, path in paths if path.is_file() and path.resolve().is_relative_to(root)), None)


def _open(source: Source) -> FilesPlate:
    if "operetta" not in source.found:
        source.found["operetta"] = FilesPlate(_Measurement(source).list_files())
    opened: FilesPlate = source.found["operetta"]
    return opened


class _Measurement:
    """One folder with an index."""

    def __init__(self, source: Source) -> None:
        path = _find_index(source)
        if path is None:
            raise UnreadableError("index-missing", f"{source.path} has no index of a plate.", where=str(source.path))
        self._source = source
        self._folder = path.rpartition("/")[0]
        self._index: HarmonyIndex = read_index(source.path / path)
        self._images: dict[str, HarmonyImage] = {}
        self._planes: list[WellPlane] = []
        for image in self._index.images:
            parsed = self._parse(image)
            if parsed is not None:
                self._planes.append(parsed)
                self._images[parsed.plane.path] = image

    def list_files(self) -> PlateFiles:
        there = _list_names(self._source.path / self._folder)
        absent = frozenset(path for path in self._images if path.rpartition("/")[2] not in there)
        return PlateFiles(
            source=self._source,
            name=self._index.name or self._source.path.name,
            format="operetta",
            planes=self._planes,
            find_facts=self._find_facts,
            channels=self._name_channels(),
            absent=absent,
            findings=tuple(self._check_index()),
        )

    def _parse(self, image: HarmonyImage) -> WellPlane | None:
        """What an element says, None where its well or file makes no sense or lies outside of the folder."""
        url, row, column = image.texts.get("URL", ""), image.find_count("Row"), image.find_count("Col")
        if not url or "/" in url or "\\" in url or url.startswith(".") or not 1 <= row <= 702 or not 1 <= column <= 99:
            return None
        return WellPlane(
            row=name_row(row),
            column=str(column),
            site=image.find_count("FieldID"),
            acquisition="",
            plane=PlaneName(
                path=f"{self._folder}/{url}".lstrip("/"),
                t=image.find_count("TimepointID"),
                channel=str(image.find_count("ChannelID")),
                z=image.find_count("PlaneID"),
            ),
        )

    def _find_facts(self, key: FieldKey, path: str) -> FieldFacts:
        """Positions are those of the middle of a field, and y points up."""
        del key
        image = self._images[path]
        y, x = (self._measure(image, f"ImageResolution{axis}") for axis in "YX")
        return FieldFacts(
            pixel_size_zyx=(self._spacing_um, y, x), interval_s=self._interval_s, origin_yx_um=self._locate(image, y, x)
        )

    def _measure(self, image: HarmonyImage, name: str) -> float | None:
        size = self._index.find_number(image, name)
        return size * UM_PER_M if size is not None and size > 0 else None

    def _locate(self, image: HarmonyImage, y_um: float | None, x_um: float | None) -> tuple[float, float] | None:
        y, x = (self._index.find_number(image, f"Position{axis}") for axis in "YX")
        height, width = (self._index.find_number(image, f"ImageSize{axis}") for axis in "YX")
        if y is None or x is None or not height or not width or y_um is None or x_um is None:
            return None
        return -y * UM_PER_M - (height - 1) / 2 * y_um, x * UM_PER_M - (width - 1) / 2 * x_um

    @cached_property
    def _spacing_um(self) -> float | None:
        """Between the planes of the first stack."""
        positions = self._collect("PlaneID", "PositionZ")
        span = (max(positions) - min(positions)) if len(positions) > 1 else 0
        step = abs(positions[max(positions)] - positions[min(positions)]) / span if span else 0
        return step * UM_PER_M or None

    @cached_property
    def _interval_s(self) -> float | None:
        """Between the time points of the first field."""
        times = self._collect("TimepointID", "MeasurementTimeOffset")
        span = (max(times) - min(times)) if len(times) > 1 else 0
        return (times[max(times)] - times[min(times)]) / span or None if span else None

    def _collect(self, count: str, number: str) -> dict[int, float]:
        """A number by a count, of those planes that differ from the first in this count alone."""
        alike = [name for name in ("Row", "Col", "FieldID", "PlaneID", "TimepointID", "ChannelID") if name != count]
        found: dict[int, float] = {}
        images = list(self._images.values())
        for image in images:
            value = self._index.find_number(image, number)
            if value is not None and all(image.texts.get(name) == images[0].texts.get(name) for name in alike):
                found.setdefault(image.find_count(count), value)
        return found

    def _name_channels(self) -> dict[tuple[str, str], Channel]:
        named: dict[str, str] = {}
        for one in self._planes:
            if one.plane.channel not in named:
                stated = self._index.find_text(self._images[one.plane.path], "ChannelName")
                named[one.plane.channel] = stated or f"Channel {one.plane.channel}"
        channels: dict[tuple[str, str], Channel] = {}
        for number, name in sorted(named.items(), key=lambda item: int(item[0])):
            channels["", number] = with_name(Channel(name=name), list(channels.values()), number)
        return channels

    def _check_index(self) -> list[Finding]:
        n_refused = len(self._index.images) - len(self._planes)
        if not n_refused:
            return []
        return [
            Finding(
                code="index-entries-refused",
                severity="warning",
                path="#/plate",
                message=f"{n_refused:,} of {len(self._index.images):,} images of the index name no well or a "
                "file outside of the folder; they are left out.",
            )
        ]


def _list_names(folder: Path) -> set[str]:
    """Names of the files in a folder; links are none."""
    with os.scandir(folder) as listed:
        return {entry.name for entry in listed if entry.is_file(follow_symlinks=False)}
