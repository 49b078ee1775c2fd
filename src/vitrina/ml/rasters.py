"""Where pixels come from: stored datasets, and arrays in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.array import ArrayPixels

if TYPE_CHECKING:
    from vitrina.model.content import Content, ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.pixels.array import ArrayLike
    from vitrina.readers.source import Source


@dataclass(frozen=True, kw_only=True)
class StoredRaster:
    """One level of an image in a dataset.

    Attributes:
        source: The dataset.
        content: What its reader found.
        element: The image or label image.
        level: Number of the level.
    """

    source: Source
    content: Content
    element: ImageElement | LabelsElement
    level: int = 0

    def open(self) -> PixelSource:
        """The pixels; the caller closes them."""
        return open_pixels(self.source, self.content, self.element, self.level)

    def __getstate__(self) -> dict[str, Any]:
        """Without what the source has open."""
        return {**self.__dict__, "source": replace(self.source)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRaster:
    """An array of NumPy, Dask or xarray.

    Attributes:
        array: Its windows are taken with slices.
        axes: One letter per dimension, such as ``cyx``.
        where: What it is, for errors.
    """

    array: ArrayLike
    axes: str
    where: str = "the array"

    def open(self) -> PixelSource:
        """The pixels; nothing needs to be closed."""
        return ArrayPixels(self.array, self.axes, self.where)
