"""A plate whose planes lie in files of their own: from the names of files to fields of view."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Axis, Channel, Content, ImageElement, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.model.plate import Acquisition, Plate, PlateField
from vitrina.readers.described import StoredImage, describe_stored
from vitrina.readers.open_plate import FieldName, OpenPlate
from vitrina.readers.planes.pixels import PlaneFilesPixels, measure_plane
from vitrina.readers.planes.stack import list_missing, place_planes, plan_stack
from vitrina.readers.plates.wells import sort_wells

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.planes.stack import PlaneIndex, PlaneName, StackAxes
    from vitrina.readers.reader import OpensPixels
    from vitrina.readers.source import Source

MAX_LISTED = 4
"""Things that a finding names, out of many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WellPlane:
    """What the name of a file of a plate says.

    Attributes:
        row: Of the well, by its letter.
        column: Of the well, by its number.
        site: Number of the field of view in the well.
        acquisition: Name of the acquisition.
        plane: Which plane of the field it is.
    """

    row: str
    column: str
    site: int
    acquisition: str
    plane: PlaneName

    @property
    def field_key(self) -> FieldKey:
        """The field that it is of."""
        return self.acquisition, self.row, self.column, self.site


type FieldKey = tuple[str, str, str, int]
"""Acquisition, row, column and site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """What metadata say of the fields of a plate.

    Attributes:
        pixel_size_zyx: In micrometers; None where it is unknown.
        interval_s: Between time points; None where it is unknown.
        origin_yx_um: Where the centre of the first pixel lies; None where it is unknown.
    """

    pixel_size_zyx: tuple[float | None, float | None, float | None] = (None, None, None)
    interval_s: float | None = None
    origin_yx_um: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateFiles:
    """The files of a plate, and what metadata say of them.

    Attributes:
        source: The folder.
        name: Of the plate.
        format: For the content.
        planes: One per file.
        find_facts: Tells what is known of a field, by its key and the path of its first file.
        channels: What is known of channels, by acquisition and channel.
        acquisition_order: Names of the acquisitions in order; by name unless given.
        n_z: How many planes a stack should have, where metadata say so.
        absent: Files that metadata name and that are not there.
        findings: What is odd about them.
    """

    source: Source
    name: str
    format: str
    planes: Sequence[WellPlane]
    find_facts: Callable[[FieldKey, str], FieldFacts]
    channels: Mapping[tuple[str, str], Channel] = field(default_factory=dict)
    acquisition_order: Sequence[str] = ()
    n_z: Mapping[str, int] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


class FilesPlate:
    """The fields of a plate, made of its files.

    Args:
        files: What they are.

    Raises:
        UnreadableError: There are no planes.
    """

    def __init__(self, files: PlateFiles) -> None:
        self._files = files
        if not files.planes:
            raise UnreadableError(
                "image-missing", f"{files.source.path} holds no images of a plate.", where=str(files.source.path)
            )
        self._names: dict[FieldKey, list[PlaneName]] = defaultdict(list)
        for one in files.planes:
            self._names[one.field_key].append(one.plane)
        self._acquisitions = list(files.acquisition_order) or sorted({key[0] for key in self._names})
        order = {name: number for number, name in enumerate(self._acquisitions)}
        sites = sorted({(key[0], key[3]) for key in self._names}, key=lambda site: (order[site[0]], site[1]))
        self._numbers = {site: number for number, site in enumerate(sites)}
        self._axes = {name: self._plan(name) for name in self._acquisitions}

    @cached_property
    def plate(self) -> Plate:
        """All fields, without their contrast."""
        opened = self.open()
        return Plate(
            name=opened.name,
            rows=opened.rows,
            columns=opened.columns,
            acquisitions=opened.acquisitions,
            fields=tuple(
                PlateField(
                    row=one.row, column=one.column, acquisition=one.acquisition, element=opened.describe(one.path)
                )
                for one in opened.fields
            ),
        )

    def open(self) -> OpenPlate:
        """The names of all fields."""
        rows, columns = sort_wells((key[1], key[2]) for key in self._names)
        return OpenPlate(
            name=self._files.name,
            rows=rows,
            columns=columns,
            acquisitions=tuple(Acquisition(number=i, name=name) for i, name in enumerate(self._acquisitions)),
            fields=tuple(
                FieldName(
                    row=key[1],
                    column=key[2],
                    name=str(self._numbers[key[0], key[3]]),
                    acquisition=self._acquisitions.index(key[0]),
                )
                for key in self._sort_fields(rows, columns)
            ),
            describe=lambda path: self._build_element(self._find_key(path)),
            is_like=lambda element, path: self._find_key(element.path)[0] == self._find_key(path)[0],
        )

    def describe(self, reader: OpensPixels) -> Content:
        """The content: the first field of view stands for all, and findings tell what is missing.

        Args:
            reader: Opens its pixels.
        """
        plate = self.plate
        first = plate.fields[0].element
        element, guessed = self._describe_field(reader, first)
        n_wells = len(plate.wells)
        told = Finding(
            code="plate-first-field",
            severity="info",
            path="#/plate",
            message=f"This is a plate of {n_wells} well{'s' if n_wells > 1 else ''} with {len(plate.fields)} fields of "
            "view; its first field of view stands for all in the description.",
            fix="Convert it to OME-Zarr to get all of them.",
        )
        sizes = () if first.axes[-1].unit else (_tell_size_missing(),)
        return Content(
            format=self._files.format,
            container="tiff",
            elements=(element,),
            findings=(told, *self._files.findings, *self._check_complete(), *sizes, *guessed),
        )

    def open_pixels(self, element: ImageElement | LabelsElement) -> PixelSource:
        """The pixels of the field at the element's path.

        Raises:
            UnreadableError: There is no such field any more.
        """
        key = self._find_key(element.path)
        placed, _ = place_planes(self._names[key], self._axes[key[0]])
        shape_tczyx = self._measure_shape(key[0], *element.levels[0].shape[-2:])
        return PlaneFilesPixels(
            self._files.source.path,
            self._drop_absent(placed),
            shape_tczyx,
            element.dtype,
            has_stacks=self._get_size(key[0])[0] > 1,
        )

    def _describe_field(
        self, reader: OpensPixels, first: ImageElement
    ) -> tuple[ImageElement | LabelsElement, tuple[Finding, ...]]:
        stored = StoredImage(
            name=first.name,
            path=first.path,
            axes=first.axes,
            dtype=first.dtype,
            levels=first.levels,
            channels=first.channels,
        )
        return describe_stored(reader, self._files.source, stored, may_guess=False)

    def _plan(self, acquisition: str) -> StackAxes:
        own = [one.plane for one in self._files.planes if one.acquisition == acquisition]
        return plan_stack(own, n_z=self._files.n_z.get(acquisition))

    def _sort_fields(self, rows: tuple[str, ...], columns: tuple[str, ...]) -> list[FieldKey]:
        def order(key: FieldKey) -> tuple[int, int, int]:
            return rows.index(key[1]), columns.index(key[2]), self._numbers[key[0], key[3]]

        return sorted(self._names, key=order)

    def _find_key(self, path: str) -> FieldKey:
        key = self._keys.get(path)
        if key is not None:
            return key
        raise UnreadableError(
            "field-missing",
            f"{self._files.source.path} has no field of view {path!r}.",
            hint="The folder has changed since it was described: read its content again.",
            where=str(self._files.source.path),
        )

    @cached_property
    def _keys(self) -> dict[str, FieldKey]:
        return {self._build_path(key): key for key in self._names}

    def _build_path(self, key: FieldKey) -> str:
        return f"{key[1]}/{key[2]}/{self._numbers[key[0], key[3]]}"

    def _measure_shape(self, acquisition: str, height: int, width: int) -> tuple[int, int, int, int, int]:
        axes, depth = self._axes[acquisition], self._get_size(acquisition)[0]
        return len(axes.t), len(axes.channels), depth if depth > 1 else len(axes.z), height, width

    def _build_element(self, key: FieldKey) -> ImageElement:
        acquisition, row, column, site = key
        axes = self._axes[acquisition]
        present = [name.path for name in self._names[key] if name.path not in self._files.absent]
        _, height, width, dtype = self._get_size(acquisition)
        facts = self._files.find_facts(key, present[0]) if present else FieldFacts()
        shape_tczyx = self._measure_shape(acquisition, height, width)
        has = (shape_tczyx[0] > 1, True, shape_tczyx[2] > 1, True, True)
        sizes = (facts.interval_s, None, *facts.pixel_size_zyx)
        units = ("second", None, "micrometer", "micrometer", "micrometer")
        types = ("time", "channel", "space", "space", "space")
        origin = (0.0, 0.0, 0.0, *(facts.origin_yx_um or (0.0, 0.0)))
        kept = [i for i in range(5) if has[i]]
        level = Level(
            path=self._build_path(key),
            shape=tuple(shape_tczyx[i] for i in kept),
            chunk_shape=None,
            scale=tuple(sizes[i] or 1.0 for i in kept),
            translation=tuple(origin[i] for i in kept),
        )
        known = self._files.channels
        return ImageElement(
            name=f"{row}{column}, field {site}",
            path=self._build_path(key),
            axes=tuple(
                Axis(name="tczyx"[i], type=types[i], unit=units[i] if sizes[i] else None)  # type: ignore[arg-type]  # one of the three
                for i in kept
            ),
            dtype=dtype,
            levels=(level,),
            channels=tuple(
                known.get((acquisition, name)) or Channel(name=name or "Channel 0") for name in axes.channels
            ),
        )

    def _get_size(self, acquisition: str) -> tuple[int, int, int, str]:
        """Depth, height, width and type of the files of an acquisition, as the first one has them."""
        if acquisition not in self._sizes:
            names = (name for key, own in self._names.items() if key[0] == acquisition for name in own)
            path = next((name.path for name in names if name.path not in self._files.absent), None)
            if path is None:
                raise UnreadableError(
                    "image-missing",
                    f"None of the images that {self._files.source.path} lists is there.",
                    where=str(self._files.source.path),
                )
            depth, height, width, dtype = measure_plane(self._files.source.path / path)
            self._sizes[acquisition] = depth, height, width, str(dtype.name)
        return self._sizes[acquisition]

    @cached_property
    def _sizes(self) -> dict[str, tuple[int, int, int, str]]:
        return {}

    def _drop_absent(self, placed: dict[PlaneIndex, str]) -> dict[PlaneIndex, str]:
        return {index: path for index, path in placed.items() if path not in self._files.absent}

    def _check_complete(self) -> list[Finding]:
        return [*self._check_planes(), *self._check_fields()]

    def _check_planes(self) -> list[Finding]:
        n_missing, n_all, examples, doubled = 0, 0, list[str](), list[str]()
        for key, names in self._names.items():
            axes = self._axes[key[0]]
            placed, twice = place_planes(names, axes)
            there = self._drop_absent(placed)
            n_all += axes.n_planes
            n_missing += axes.n_planes - len(there)
            doubled += twice
            if len(there) < axes.n_planes and len(examples) < MAX_LISTED:
                examples += [f"{self._build_path(key)}: {one}" for one in list_missing(there, axes, MAX_LISTED)]
        findings = []
        if n_missing:
            listed = "; ".join(examples[:MAX_LISTED])
            findings.append(
                Finding(
                    code="planes-missing",
                    severity="warning",
                    path="#/plate",
                    message=f"{n_missing:,} of {n_all:,} planes have no file ({listed}{_more(n_missing)}); they are "
                    "black.",
                    fix="Copy the missing files into the folder, where they exist.",
                )
            )
        if doubled:
            findings.append(_tell_doubled(doubled))
        return findings

    def _check_fields(self) -> list[Finding]:
        wells = {(key[1], key[2]) for key in self._names}
        missing = [
            f"{row}/{column}/{number}"
            for (acquisition, site), number in self._numbers.items()
            for row, column in sorted(wells)
            if (acquisition, row, column, site) not in self._names
        ]
        if not missing:
            return []
        return [
            Finding(
                code="fields-missing",
                severity="info",
                path="#/plate",
                message=f"{len(missing):,} of {len(wells) * len(self._numbers):,} fields of view that other wells have "
                f"are not there ({', '.join(missing[:MAX_LISTED])}{_more(len(missing))}).",
            )
        ]


def with_name(channel: Channel, taken: Sequence[Channel], fallback: str) -> Channel:
    """The channel, told apart from others of its name."""
    if all(one.name != channel.name for one in taken):
        return channel
    return replace(channel, name=f"{channel.name} ({fallback})")


def _tell_doubled(paths: list[str]) -> Finding:
    return Finding(
        code="planes-doubled",
        severity="warning",
        path="#/plate",
        message=f"{len(paths):,} files hold planes that other files hold too ({', '.join(paths[:MAX_LISTED])}); they "
        "are left out.",
    )


def _tell_size_missing() -> Finding:
    return Finding(
        code="pixel-size-missing",
        severity="warning",
        path="#/plate",
        message="The files do not say how large the pixels are, so sizes are given in pixels.",
    )


def _more(n_all: int) -> str:
    return ", ..." if n_all > MAX_LISTED else ""
