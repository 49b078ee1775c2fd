"""A thumbnail of an output folder: its image, else the places of its cells."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

from vitrina.model.content import ImageElement, TableElement
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.raster import plan_level, read_raster_preview
from vitrina.readers.scatter import build_scatter_preview

if TYPE_CHECKING:
    from anndata import AnnData

    from vitrina.model.content import Content, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source


GLOBAL = "global"


class OpensBundle(Protocol):
    """A reader of output folders."""

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource: ...

    def read_table(self, source: Source, element: TableElement) -> AnnData: ...


def read_bundle_preview(reader: OpensBundle, source: Source, content: Content, min_side_px: int) -> Preview | None:
    """The image that has a level just large enough, colour before others; without images, where the cells are."""
    images = [element for element in content.elements if isinstance(element, ImageElement)]
    if images:
        image = min(images, key=lambda image: _rank(image, min_side_px))
        level = plan_level(image, min_side_px)
        with closing(reader.open_pixels(source, image, level)) as pixels:
            array = IndexedPixels(pixels, image.axes, image.levels[level].shape)
            return read_raster_preview(image, lambda _: array, min_side_px)
    tables = [element for element in content.elements if isinstance(element, TableElement) and element.extent_xy]
    if not tables:
        return None
    places: Any = reader.read_table(source, tables[0]).obsm["spatial"]
    return build_scatter_preview(places, None, is_spatial=True)


def _rank(image: ImageElement, min_side_px: int) -> tuple[bool, bool, int, int]:
    """Placed ones first, then colour, then those that are large enough, then the smallest that is."""
    names = [axis.name for axis in image.axes]
    level = image.levels[plan_level(image, min_side_px)]
    n_pixels = level.shape[names.index("y")] * level.shape[names.index("x")]
    is_placed = any(placement.coordinate_system == GLOBAL for placement in image.placements)
    return (
        not is_placed,
        not image.is_rgb,
        names.count("z"),
        n_pixels if n_pixels >= min_side_px**2 // 2 else 2**62,
    )
