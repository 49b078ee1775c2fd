"""OME-TIFF: TIFF whose OME-XML names the axes, sizes and channels of each image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.content import Content
from vitrina.model.finding import Finding
from vitrina.readers.damage import check_not_empty
from vitrina.readers.data_array import build_data_array
from vitrina.readers.form import TIFF_MAGICS
from vitrina.readers.ome_xml import parse_ome_xml
from vitrina.readers.pixels.tiff import open_tiff_pixels
from vitrina.readers.tiff import get_raster, read_tiff_preview, read_whole
from vitrina.readers.tiff_file import open_alone, open_tiff, open_tiff_file
from vitrina.readers.tiff_image import check_pixel_size, read_tiff_image
from vitrina.readers.tiff_metadata import TiffMetadata, build_ome_metadata

if TYPE_CHECKING:
    from tifffile import TiffFile

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.ome_xml import OmeImage
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.tiff_image import TiffImage

MAX_IMAGES = 64
"""Further images of a file are left out of the description."""


class OmeTiffReader:
    """Reads OME-TIFF with tifffile: every image of the file is an element."""

    format = "ome-tiff"

    def detect(self, source: Source) -> bool:
        if not source.head.startswith(TIFF_MAGICS):
            return False
        try:
            with open_alone(source.path) as tiff:
                return bool(tiff.is_ome)
        except Exception:  # noqa: BLE001 tifffile raises anything on damaged bytes, and detecting must not
            return False

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with open_tiff(source) as tiff:
            described = parse_ome_xml(tiff.ome_metadata or "")
            images = _read_images(source, tiff, described)
            findings = [one for image in images for one in (*image.findings, *check_pixel_size(image))]
            return Content(
                format=self.format,
                format_version=None,
                container="tiff",
                elements=tuple(image.element for image in images),
                findings=(*findings, *_check_series(tiff, described)),
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


def _read_images(source: Source, tiff: TiffFile, described: tuple[OmeImage, ...]) -> list[TiffImage]:
    stem = source.path.name.split(".", 1)[0] or source.path.name
    n_series = min(len(tiff.series), MAX_IMAGES)
    images = []
    for i in range(n_series):
        metadata = build_ome_metadata(described[i]) if i < len(described) else TiffMetadata()
        name = stem if n_series == 1 else f"{stem} {i}"
        element_path = "" if n_series == 1 else str(i)
        images.append(read_tiff_image(source, tiff.series[i], metadata, name=name, element_path=element_path))
    return images


def _check_series(tiff: TiffFile, described: tuple[OmeImage, ...]) -> list[Finding]:
    """Whether the pixels are what OME-XML says; tifffile falls back to the pages where they are not."""
    findings = []
    if len(tiff.series) > MAX_IMAGES:
        message = f"The file holds {len(tiff.series)} images; only the first {MAX_IMAGES} are described."
        findings.append(Finding(code="images-left-out", severity="warning", path="#", message=message))
    for i, (series, image) in enumerate(zip(tiff.series, described, strict=False)):
        stated = sorted(size for size in image.sizes.values() if size > 1)
        stored = sorted(size for size in series.shape if size > 1)
        if stated != stored:
            sizes = " x ".join(f"{axis} {size}" for axis, size in image.sizes.items())
            findings.append(
                Finding(
                    code="ome-xml-mismatch",
                    severity="warning",
                    path=f"{i}#" if len(described) > 1 else "#",
                    message=f"OME-XML announces {sizes}, but the file stores {series.shape} as {series.axes}; the "
                    "stored pixels count.",
                    fix="Convert the image again with a current bioformats2raw and raw2ometiff, or with Vitrina.",
                )
            )
    return findings
