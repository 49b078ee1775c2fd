"""Pixels of one array in a Zarr hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.readers.damage import reading
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.source import Source


class ZarrPixels:
    """One level of an OME-Zarr or SpatialData image."""

    def __init__(self, source: Source, element: ImageElement | LabelsElement, level: int = 0) -> None:
        self._source = source
        self._path = element.levels[level].path
        with reading(source, "chunk-damaged", "Zarr"):
            array = get_zarr_tree(source).open_array(self._path)
            self._pixels = ArrayPixels(array, element.axes, f"{source.path}, array {self._path!r}")
        self.shape_tczyx = self._pixels.shape_tczyx
        self.dtype = self._pixels.dtype
        self.n_joint_channels = self._pixels.n_joint_channels
        self.chunk_shape_tczyx = self._pixels.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        try:
            self._pixels.read_into(start_tczyx, out_czyx)
        except Exception as err:
            raise UnreadableError(
                "chunk-damaged", f"{self._source.path}, array {self._path!r} cannot be read: {err}."
            ) from err

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""
