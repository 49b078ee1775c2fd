"""Pixels of one level of an image in a TIFF file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.readers.damage import reading
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.tiff import TiffReader

if TYPE_CHECKING:
    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.source import Source


class TiffPixels:
    """One level of an image in a TIFF file."""

    def __init__(self, source: Source, element: ImageElement | LabelsElement, level: int = 0) -> None:
        import zarr

        self._source = source
        self._file = TiffReader().open_object(source)
        with reading(source, "tiff-damaged", "TIFF"):
            series = self._file.series[int(element.path or 0)]
            array = zarr.open_array(series.aszarr(level=level), mode="r")
        self._pixels = ArrayPixels(array, element.axes, str(source.path))
        self.shape_tczyx = self._pixels.shape_tczyx
        self.dtype = self._pixels.dtype
        self.n_joint_channels = self._pixels.n_joint_channels
        self.chunk_shape_tczyx = self._pixels.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        try:
            self._pixels.read_into(start_tczyx, out_czyx)
        except Exception as err:
            raise UnreadableError("tiff-damaged", f"{self._source.path} cannot be read as TIFF: {err}.") from err

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""
        self._file.close()
