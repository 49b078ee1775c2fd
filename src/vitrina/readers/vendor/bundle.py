"""A reader made of parts: the vendor's module lists them, and everything else is alike for all vendors."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.content import Content, ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.raster import read_raster_preview
from vitrina.readers.scatter import build_scatter_preview
from vitrina.readers.vendor.folder import BundleFolder
from vitrina.readers.vendor.part import GLOBAL, PixelPart, PointsPart, ShapesPart, TablePart

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch
    from spatialdata import SpatialData

    from vitrina.model.content import Element
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.vendor.part import Listing, Part

MAX_PREVIEW_PIXELS = 256 * 2**20
"""Of larger images, which have no smaller levels, the cells are drawn instead."""

MAX_POINTS = 20_000
"""Points of which a preview is drawn where there is neither image nor table: the first batch, evenly sampled."""

DECLARATION = "vitrina.json"
"""File in which a simulated bundle says what it is."""

MAX_DECLARATION_BYTES = 2**20


class BundleReader(ABC):
    """Reads the output folder of an instrument. A vendor's reader says what its files are."""

    format: str
    vendor: str
    """Words for messages, with an article: ``a MERSCOPE dataset``."""

    @abstractmethod
    def list_parts(self, folder: BundleFolder) -> Listing:
        """The elements that the names of the files promise."""

    @abstractmethod
    def detect_folder(self, folder: BundleFolder) -> bool:
        """Whether the folder is of this vendor, judged by names and heads of files."""

    def check_described(self, parts: Sequence[Part]) -> list[Finding]:  # noqa: ARG002 for those who have some
        """What is to be told of several parts together, after all were described."""
        return []

    def detect(self, source: Source) -> bool:
        if not source.is_folder:
            return False
        try:
            return self.detect_folder(BundleFolder(source.path))
        except (OSError, VitrinaError):
            return False

    def read_content(self, source: Source) -> Content:
        folder = BundleFolder(source.path)
        listing = self.list_parts(folder)
        elements: list[Element] = []
        findings: list[Finding] = [*folder.findings, *listing.findings]
        for part in listing.parts:
            try:
                with reading(source, *self._damage):
                    described = part.describe()
            except VitrinaError as err:
                findings.append(_left_out(part, err))
                continue
            elements.append(described.element)
            findings.extend(described.findings)
        findings.extend(self.check_described(listing.parts))
        if not elements:
            raise _nothing(source, self.vendor, findings)
        return Content(
            format=self.format,
            format_version=listing.version,
            container="other",
            elements=_drop_dangling(elements),
            coordinate_systems=_list_systems(elements),
            is_simulated=is_simulated(folder),
            findings=tuple(dict.fromkeys((*findings, *folder.findings))),
        )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        import numpy as np

        rasters = [one for one in content.elements if isinstance(one, ImageElement | LabelsElement)]
        rasters.sort(key=lambda one: isinstance(one, LabelsElement))
        small = next((one for one in rasters if _count_pixels(one) <= MAX_PREVIEW_PIXELS), None)
        tables = [one for one in content.elements if isinstance(one, TableElement) and one.extent_xy is not None]
        if small is not None:
            with closing(self.open_pixels(source, small, 0)) as pixels:
                array = IndexedPixels(pixels, small.axes, small.levels[0].shape)
                return read_raster_preview(small, lambda _: array, min_side_px)
        if tables:
            spatial = self.read_table(source, tables[0]).obsm["spatial"]
            return build_scatter_preview(np.asarray(spatial), None, is_spatial=True)
        points = next((one for one in content.elements if isinstance(one, PointsElement)), None)
        return None if points is None else self._draw_points(source, points)

    def read_object(self, source: Source) -> SpatialData:
        from vitrina.readers.assemble_spatialdata import assemble_spatialdata

        return assemble_spatialdata(source, self.read_content(source))

    def open_object(self, source: Source) -> SpatialData:
        from vitrina.readers.assemble_spatialdata import assemble_spatialdata

        return assemble_spatialdata(source, self.read_content(source), is_lazy=True)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:  # noqa: ARG002 bundles have one level
        part = self._get(source, element.path)
        if not isinstance(part, PixelPart):
            raise _changed(source, element.path)
        with reading(source, *self._damage):
            return part.open_pixels()

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        part = self._get(source, element.path)
        if not isinstance(part, TablePart):
            raise _changed(source, element.path)
        with reading(source, *self._damage):
            return part.read_table()

    def read_shapes(self, source: Source, element: ShapesElement) -> GeoDataFrame:
        part = self._get(source, element.path)
        if not isinstance(part, ShapesPart):
            raise _changed(source, element.path)
        with reading(source, *self._damage):
            return part.read_shapes()

    def iterate_points(self, source: Source, element: PointsElement) -> Iterator[RecordBatch]:
        part = self._get(source, element.path)
        if not isinstance(part, PointsPart):
            raise _changed(source, element.path)
        with reading(source, *self._damage):
            yield from part.iterate_points()

    @property
    def _damage(self) -> tuple[str, str]:
        return f"{self.format}-damaged", self.vendor

    def _get(self, source: Source, key: str) -> Part:
        parts = self.list_parts(BundleFolder(source.path)).parts
        found = next((part for part in parts if part.key == key), None)
        if found is None:
            raise _changed(source, key)
        return found

    def _draw_points(self, source: Source, points: PointsElement) -> Preview | None:
        import numpy as np

        batch = next(iter(self.iterate_points(source, points)), None)
        if batch is None:
            return None
        columns = [batch.column(name).to_numpy(zero_copy_only=False) for name in points.axes[:2]]
        return build_scatter_preview(np.stack(columns, axis=1), None, is_spatial=True)


def missing(key: str, consequence: str) -> Finding:
    """What is lost because a file is not there."""
    return Finding(
        code="bundle-file-missing",
        severity="warning",
        path=f"{key}#",
        message=f"There is no {key}: {consequence}.",
        fix="Copy the file from the original output folder if it is there.",
    )


def is_simulated(folder: BundleFolder) -> bool:
    """Whether the folder declares that its data is simulated."""
    if DECLARATION not in folder.list_files():
        return False
    path = folder.get_path(DECLARATION)
    try:
        if path.stat().st_size > MAX_DECLARATION_BYTES:
            return False
        stated = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(stated, dict) and stated.get("simulated") is True


def _changed(source: Source, key: str) -> UnreadableError:
    return UnreadableError(
        "bundle-changed",
        f"{source.path} was described with {key!r}, but has it no more.",
        hint="The files have changed since: read the content again.",
        where=str(source.path),
    )


def _count_pixels(raster: ImageElement | LabelsElement) -> int:
    """Of the part that a preview reads: one plane, at most four channels."""
    sizes = dict(zip((axis.name for axis in raster.axes), raster.levels[0].shape, strict=True))
    return math.prod((sizes["y"], sizes["x"], min(4, sizes.get("c", 1))))


def _list_systems(elements: list[Element]) -> tuple[str, ...]:
    placed = [element.placements for element in elements if not isinstance(element, TableElement)]
    return tuple(dict.fromkeys(one.coordinate_system for placements in placed for one in placements)) or (GLOBAL,)


def _drop_dangling(elements: list[Element]) -> tuple[Element, ...]:
    """Tables no longer point to elements that could not be described."""
    names = {element.name for element in elements}
    return tuple(
        replace(element, region=tuple(name for name in element.region if name in names))
        if isinstance(element, TableElement)
        else element
        for element in elements
    )


def _left_out(part: Part, err: VitrinaError) -> Finding:
    return Finding(
        code=err.code,
        severity="error",
        path=f"{part.key}#",
        message=f"{err.message} It was left out.",
        fix=err.hint,
    )


def _nothing(source: Source, vendor: str, findings: list[Finding]) -> UnreadableError:
    told = " ".join(finding.message for finding in findings[:6])
    return UnreadableError(
        "bundle-empty",
        f"Nothing in {source.path} can be read as {vendor}. {told}".strip(),
        findings=findings,
        hint="Copy the missing or damaged files from the original output folder.",
        where=str(source.path),
    )
