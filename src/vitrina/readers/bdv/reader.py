"""Datasets of BigDataViewer and BigStitcher: an XML beside an HDF5 file or an N5 container."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, UnsupportedError, VitrinaError
from vitrina.model.content import Axis, Channel, Content, Level, Placement
from vitrina.model.finding import Finding
from vitrina.readers.array_axes import find_unit
from vitrina.readers.bdv.stored import open_volumes
from vitrina.readers.bdv.xml import IDENTITY, MARK, read_spimdata
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.pixels.joined import JoinedArrays

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.bdv.stored import StoredVolume, Volumes
    from vitrina.readers.bdv.xml import Affine, SpimData, ViewSetup
    from vitrina.readers.source import Source

_DAMAGE = "bdv-damaged", "a BigDataViewer dataset"

MAX_XML_FILES = 16
"""XML files of a folder that are looked into."""


class BdvReader(PixelReader):
    """Reads the XML, or a folder with one such XML."""

    format = "bdv"

    def detect(self, source: Source) -> bool:
        try:
            return _find_xml(source) is not None
        except OSError:
            return False

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            opened = _open(source)
            found = [self._describe(source, opened, image) for image in opened.images]
            elements = [element for element, _ in found if element is not None]
            if not elements:
                raise UnreadableError("image-missing", f"{source.path} holds no image.", where=str(source.path))
            return Content(
                format=self.format,
                container="hdf5" if opened.data.format == "bdv.hdf5" else "other",
                elements=tuple(elements),
                coordinate_systems=("global",),
                findings=(*opened.check(), *(finding for _, own in found for finding in own)),
            )

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        with reading(source, *_DAMAGE):
            opened = _open(source)
            image = next((one for one in opened.images if one.path == element.path), None)
            if image is None:
                raise UnreadableError("image-missing", f"{source.path} has no {element.path!r} any more.")
            return opened.open_pixels(image, level)

    def _describe(
        self, source: Source, opened: _Dataset, image: _Image
    ) -> tuple[ImageElement | LabelsElement | None, tuple[Finding, ...]]:
        try:
            return describe_stored(self, source, opened.build(image))
        except UnsupportedError as err:
            return None, (
                Finding(code=err.code, severity="warning", path=f"{image.path}#", message=err.message, fix=err.hint),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Image:
    """Setups that differ in their channel alone, of the same shape and place."""

    path: str
    setups: tuple[ViewSetup, ...]
    levels: tuple[StoredVolume, ...]


class _Dataset:
    """One XML and what it describes."""

    def __init__(self, xml: Path) -> None:
        self._xml = xml
        self.data: SpimData = read_spimdata(xml)
        self._volumes: Volumes = open_volumes(xml, self.data)
        self._n_absent = 0
        self.images = self._group()

    def build(self, image: _Image) -> StoredImage:
        """The image as it is stored."""
        first = image.setups[0]
        has_t, has_c = len(self.data.timepoints) > 1, len(image.setups) > 1
        n_outer = [len(self.data.timepoints)] * has_t + [len(image.setups)] * has_c
        ones, zeros = [1.0] * len(n_outer), [0.0] * len(n_outer)
        size = first.voxel_size_zyx or (1.0, 1.0, 1.0)
        unit = find_unit(first.unit) if first.voxel_size_zyx else None
        levels = [
            Level(
                path=volume.path,
                shape=(*n_outer, *volume.shape_zyx),
                chunk_shape=(*[1] * len(n_outer), *volume.chunk_zyx) if volume.chunk_zyx else None,
                scale=(*ones, *(a * b for a, b in zip(size, volume.factor_zyx, strict=True))),
                translation=(*zeros, *(a * (b - 1) / 2 for a, b in zip(size, volume.factor_zyx, strict=True))),
            )
            for volume in image.levels
        ]
        outer = [Axis(name="t", type="time")] * has_t + [Axis(name="c", type="channel")] * has_c
        return StoredImage(
            name=self._name(image),
            path=image.path,
            axes=(*outer, *(Axis(name=name, type="space", unit=unit) for name in "zyx")),
            dtype=image.levels[0].dtype,
            levels=tuple(levels),
            channels=tuple(self._name_channel(setup) for setup in image.setups) if has_c else (),
            placements=(Placement(coordinate_system="global", affine_xy=_flatten(self._place(first))),),
        )

    def open_pixels(self, image: _Image, level: int) -> PixelSource:
        """One level of an image, all its time points and channels."""
        axes = tuple(Axis(name=name, type="space") for name in "zyx")
        parts = {}
        for t, timepoint in enumerate(self.data.timepoints):
            for c, setup in enumerate(image.setups):
                volumes = self._list_levels(timepoint, setup.number)
                if level < len(volumes):
                    parts[t, c] = self._volumes.open_pixels(volumes[level].path, axes, volumes[level].shape_zyx)
        return JoinedArrays(parts, len(self.data.timepoints), len(image.setups), f"{self._xml}, {image.path}")

    def check(self) -> list[Finding]:
        """What is missing or cannot be kept."""
        findings = []
        n_missing = len(self.data.missing)
        if n_missing:
            message = f"{n_missing:,} views were never recorded, as the XML says; they are black."
            findings.append(Finding(code="views-missing", severity="warning", path="#", message=message))
        if self._n_absent:
            message = f"{self._n_absent:,} views that the XML names are not there; they are left out."
            findings.append(Finding(code="views-absent", severity="warning", path="#", message=message))
        if any(_is_tilted(affine) for affine in self.data.transforms.values()):
            message = "Some views are placed by transforms that tilt depth; only their part in the plane is kept."
            findings.append(Finding(code="transform-not-flat", severity="warning", path="#", message=message))
        if any(setup.voxel_size_zyx is None for setup in self.data.setups):
            message = "The XML does not say how large the pixels are, so sizes are given in pixels."
            findings.append(Finding(code="pixel-size-missing", severity="warning", path="#", message=message))
        if len({self.data.transforms.get((t, s)) for t, s in self.data.transforms}) > len(self.data.setups):
            message = "Views move from time point to time point; each is placed as at its first."
            findings.append(Finding(code="views-move", severity="warning", path="#", message=message))
        return findings

    def _group(self) -> list[_Image]:
        grouped: dict[object, list[ViewSetup]] = defaultdict(list)
        levels: dict[int, list[StoredVolume]] = {}
        for setup in self.data.setups:
            found = self._list_first_levels(setup.number)
            if not found:
                self._n_absent += 1
                continue
            levels[setup.number] = found
            others = tuple(sorted((k, v) for k, v in setup.attributes.items() if k != "channel"))
            alike = tuple((one.shape_zyx, one.dtype, one.factor_zyx) for one in found)
            own = setup.number if "channel" not in setup.attributes else None
            grouped[others, alike, setup.voxel_size_zyx, self._place(setup), own].append(setup)
        images = []
        for setups in grouped.values():
            channels = [setup.attributes.get("channel") for setup in setups]
            parts = [setups] if len(set(channels)) == len(channels) else [[setup] for setup in setups]
            images += [
                _Image(path=f"setup{part[0].number}", setups=tuple(part), levels=tuple(levels[part[0].number]))
                for part in parts
            ]
        return images

    def _list_levels(self, timepoint: int, setup: int) -> list[StoredVolume]:
        return [] if (timepoint, setup) in self.data.missing else self._volumes.list_levels(timepoint, setup)

    def _list_first_levels(self, setup: int) -> list[StoredVolume]:
        """Those of the first time point that has the view."""
        found = (self._list_levels(timepoint, setup) for timepoint in self.data.timepoints)
        return next((levels for levels in found if levels), [])

    def _place(self, setup: ViewSetup) -> Affine:
        """Where the view lies at its first time point."""
        places = (self.data.transforms.get((timepoint, setup.number)) for timepoint in self.data.timepoints)
        return next((place for place in places if place is not None), IDENTITY)

    def _name(self, image: _Image) -> str:
        first = image.setups[0]
        if len(self.images) == 1:
            return self._xml.stem
        return (first.name if len(image.setups) == 1 else None) or image.path

    def _name_channel(self, setup: ViewSetup) -> Channel:
        number = setup.attributes.get("channel", "")
        return Channel(name=self.data.names.get(("channel", number)) or setup.name or f"Channel {number}")


def _flatten(affine: Affine) -> tuple[float, float, float, float, float, float]:
    """What a transform does to x and y of a plane at depth 0."""
    (a, b, _, c), (d, e, _, f), _ = affine
    return a, b, c, d, e, f


def _is_tilted(affine: Affine) -> bool:
    (_, _, xz, _), (_, _, yz, _), (zx, zy, _, _) = affine
    return any(abs(value) > 1e-9 for value in (xz, yz, zx, zy))


def _open(source: Source) -> _Dataset:
    if "bdv" not in source.found:
        xml = _find_xml(source)
        if xml is None:
            raise UnreadableError("bdv-missing", f"{source.path} is no dataset of BigDataViewer.")
        source.found["bdv"] = _Dataset(xml)
    opened: _Dataset = source.found["bdv"]
    return opened


def _find_xml(source: Source) -> Path | None:
    """The XML itself, or the only one directly in a folder."""
    if not source.is_folder:
        return source.path if _is_spimdata(source.path) else None
    paths = sorted(path for path in source.path.iterdir() if path.suffix.lower() == ".xml" and not path.is_symlink())
    found = [path for path in paths[:MAX_XML_FILES] if _is_spimdata(path)]
    return found[0] if len(found) == 1 else None


def _is_spimdata(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return MARK in file.read(1024)
    except (OSError, VitrinaError):
        return False
