"""An image in a file that a reader of images knows, as one element of a bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, ImageElement, LabelsElement, Placement
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.plane import find_yx
from vitrina.readers.source import Source
from vitrina.readers.tiff import TiffReader
from vitrina.readers.vendor.part import GLOBAL, Described

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.pyramid.source import PixelSource


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFilePart:
    """A TIFF or OME-TIFF.

    Attributes:
        path: The file.
        key: Of the element.
        name: Of the element.
        is_labels: Whether its pixels are ids whatever it says itself.
        system: Coordinate system in which it lies.
    """

    path: Path
    key: str
    name: str
    is_labels: bool = False
    system: str = GLOBAL

    def describe(self) -> Described:
        """The finest level of its first image, placed by its pixel size."""
        content = self._read()
        raster = self._get_raster(content)
        y, x = find_yx(raster.axes)
        level = raster.levels[0]
        known = raster.axes[y].unit is not None
        scale_y, scale_x = (level.scale[y], level.scale[x]) if known else (1.0, 1.0)
        placement = Placement(coordinate_system=self.system, affine_xy=(scale_x, 0.0, 0.0, 0.0, scale_y, 0.0))
        levels = (replace(level, path=self.key),)
        if self.is_labels:
            element: ImageElement | LabelsElement = LabelsElement(
                name=self.name,
                path=self.key,
                axes=raster.axes,
                dtype=raster.dtype,
                levels=levels,
                placements=(placement,),
            )
        else:
            element = replace(raster, name=self.name, path=self.key, levels=levels, placements=(placement,))
        findings = (replace(finding, path=f"{self.key}{finding.path}") for finding in content.findings)
        return Described(element=element, findings=tuple(findings))

    def open_pixels(self) -> PixelSource:
        """Its finest level."""
        source, content = Source(self.path), self._read()
        return self._choose_reader(source).open_pixels(source, self._get_raster(content), 0)

    def _read(self) -> Content:
        source = Source(self.path)
        return self._choose_reader(source).read_content(source)

    def _choose_reader(self, source: Source) -> OmeTiffReader | TiffReader:
        return OmeTiffReader() if OmeTiffReader().detect(source) else TiffReader()

    def _get_raster(self, content: Content) -> ImageElement | LabelsElement:
        for element in content.elements:
            if isinstance(element, ImageElement | LabelsElement):
                if self.is_labels and (not element.dtype.startswith(("uint", "int")) or len(element.axes) > 2):
                    break
                return element
        raise UnreadableError(
            "labels-invalid", f"{self.key} is no label image of whole numbers in one plane.", where=str(self.path)
        )
