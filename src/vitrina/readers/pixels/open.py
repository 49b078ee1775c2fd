"""The pixels of a described image, whatever it lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError, UnsupportedError
from vitrina.readers.pixels.tiff import open_tiff_pixels
from vitrina.readers.pixels.zarr import open_zarr_pixels

if TYPE_CHECKING:
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.readers.pixels.tiff import TiffPixels
    from vitrina.readers.pixels.zarr import ZarrPixels
    from vitrina.readers.pixels.zarr_array import ZarrArrayPixels
    from vitrina.readers.source import Source


def open_pixels(
    source: Source, content: Content, element: ImageElement | LabelsElement, level: int = 0
) -> TiffPixels | ZarrPixels | ZarrArrayPixels:
    """Open one level of an image or label image; the caller closes it.

    Args:
        source: The dataset.
        content: What its reader found in it.
        element: One of its images.
        level: Number of the level, 0 for the finest.

    Raises:
        NotFoundError: The image has no such level.
        UnreadableError: The dataset is damaged, or not what its reader found any more.
        UnsupportedError: It is stored in a way, or has axes or values, that cannot be read as pixels.
    """
    if not 0 <= level < len(element.levels):
        raise NotFoundError(
            "level-missing",
            f"The image {element.name!r} in {source.path} has {len(element.levels)} levels; there is no level {level}.",
            where=str(source.path),
        )
    match content.container:
        case "tiff":
            return open_tiff_pixels(source, element, level)
        case "zarr2" | "zarr3":
            return open_zarr_pixels(source, element, level)
    raise UnsupportedError(
        "pixels-unsupported",
        f"{source.path} is stored as {content.container}; pixels are read from TIFF and Zarr.",
        hint="Convert it to OME-TIFF or OME-Zarr.",
        where=str(source.path),
    )
