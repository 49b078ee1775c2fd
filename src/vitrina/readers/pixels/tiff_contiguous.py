"""Planes of a TIFF image that lies uncompressed in the file, page after page."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitrina.readers.pixels.tiff_grid import PlaneWindow

if TYPE_CHECKING:
    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.raster import Raster
    from vitrina.readers.pixels.tiff_grid import SegmentGrid
    from vitrina.readers.pixels.tiff_pages import TiffPages


class ContiguousPlanes:
    """Uncompressed pages without a gap inside.

    Args:
        grid: The shape of the pages.
        raster: Reads them.
        pages: Asked where each page lies, where ``first_offset`` is None.
        first_offset: Of the first page, where the pages follow each other without a gap.
    """

    def __init__(self, grid: SegmentGrid, raster: Raster, pages: TiffPages, first_offset: int | None) -> None:
        self._raster = raster
        self._pages = pages
        self._shape_zyx = grid.shape_zyx
        self._page_bytes = grid.n_planes * math.prod(grid.shape_zyx) * raster.pixel_bytes
        self._first_offset = first_offset

    def plan_window(
        self, plane: int, z: int, start_yx: tuple[int, int], shape_yx: tuple[int, int], first_sample: int
    ) -> PlaneWindow:
        """A window that any page can be read with."""
        del shape_yx
        return PlaneWindow(plane, z, start_yx, first_sample, ())

    def read(self, page: int, window: PlaneWindow, out_cyx: Pixels) -> None:
        """Fill an array with a window of a page."""
        offset = self._find(page)
        if offset is None:
            out_cyx[...] = 0
            return
        depth, height, width = self._shape_zyx
        y, x = window.start_yx
        row = ((window.plane * depth + window.z) * height + y) * width
        self._raster.read(offset + row * self._raster.pixel_bytes, width, x, window.first_sample, out_cyx)

    def _find(self, number: int) -> int | None:
        if self._first_offset is not None:
            return self._first_offset + number * self._page_bytes
        page = self._pages.get(number)
        return (page.offsets[0] or None) if page is not None and page.offsets else None
