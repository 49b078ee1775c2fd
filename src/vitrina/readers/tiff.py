"""TIFF of any kind that is not OME-TIFF: ImageJ, Aperio SVS, plain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import Content, ImageElement, LabelsElement
from vitrina.model.finding import Finding
from vitrina.readers.damage import check_not_empty, is_empty_file
from vitrina.readers.data_array import build_data_array
from vitrina.readers.form import TIFF_MAGICS
from vitrina.readers.pixels.inverted import invert
from vitrina.readers.pixels.tiff import find_white, open_tiff_pixels
from vitrina.readers.raster import read_raster_preview
from vitrina.readers.tiff_file import open_tiff, open_tiff_file
from vitrina.readers.tiff_image import check_pixel_size, open_level, read_tiff_image
from vitrina.readers.tiff_metadata import TiffMetadata, parse_imagej, parse_resolution, parse_svs

if TYPE_CHECKING:
    from tifffile import TiffFile, TiffPageSeries

    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source


class TiffReader:
    """Reads TIFF with tifffile: the first series of a file is its image."""

    format = "tiff"

    def detect(self, source: Source) -> bool:
        return is_empty_file(source, ".tif", ".tiff", ".svs") or source.head.startswith(TIFF_MAGICS)

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with open_tiff(source) as tiff:
            series = tiff.series[0]
            name = source.path.name.split(".", 1)[0] or source.path.name
            image = read_tiff_image(source, series, _read_metadata(tiff, series), name=name, element_path="")
            return Content(
                format=self.format,
                container="tiff",
                elements=(image.element,),
                findings=(*image.findings, *check_pixel_size(image), *_check_series(tiff)),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        return read_tiff_preview(source, content, min_side_px)

    def read_object(self, source: Source) -> object:
        check_not_empty(source)
        with open_tiff(source) as tiff:
            element = get_raster(self.read_content(source))
            return build_data_array(element, read_whole(tiff.series[0]))

    def open_object(self, source: Source) -> TiffFile:
        return open_tiff_file(source)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        return open_tiff_pixels(source, element, level)


def get_raster(content: Content) -> ImageElement | LabelsElement:
    """The first image or label image: a described TIFF has one."""
    return next(element for element in content.elements if isinstance(element, ImageElement | LabelsElement))


def read_whole(series: TiffPageSeries) -> Any:
    """All pixels of a series in memory; see ``InvertedPixels``."""
    pixels = series.asarray()
    maximum = find_white(series)
    if maximum is not None:
        invert(pixels, maximum)
    return pixels


def read_tiff_preview(source: Source, content: Content, min_side_px: int) -> Preview | None:
    """A small version of the first image; None when it has no pixels."""
    raster = get_raster(content)
    with open_tiff(source) as tiff:
        series = tiff.series[int(raster.path or 0)]
        return read_raster_preview(raster, lambda level: open_level(source, series, raster.axes, level), min_side_px)


def _read_metadata(tiff: TiffFile, series: TiffPageSeries) -> TiffMetadata:
    page = series.keyframe
    if tiff.is_imagej and tiff.imagej_metadata:
        return parse_imagej(tiff.imagej_metadata, page.resolution)
    if tiff.is_svs:
        return parse_svs(page.description)
    return parse_resolution(page.resolution, int(page.resolutionunit))


def _check_series(tiff: TiffFile) -> list[Finding]:
    others = [own.name or f"series {i}" for i, own in enumerate(tiff.series) if i]
    if not others:
        return []
    return [
        Finding(
            code="series-left-out",
            severity="info",
            path="#",
            message=f"The file holds {len(others)} more images ({', '.join(others[:8])}), which are not shown.",
        )
    ]
