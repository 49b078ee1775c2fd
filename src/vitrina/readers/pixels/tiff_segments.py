"""Planes of a TIFF image, from its strips or tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.readers.pixels.raster import copy_samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.decoded_cache import DecodedCache
    from vitrina.readers.pixels.file_bytes import FileBytes
    from vitrina.readers.pixels.raster import Raster
    from vitrina.readers.pixels.tiff_grid import Part, SegmentGrid
    from vitrina.readers.pixels.tiff_pages import Page, TiffPages


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneWindow:
    """Which part of which plane.

    Attributes:
        page: Number in the series.
        plane: Which sample, where they are stored apart.
        z: Plane inside the page.
        start_yx: First pixel.
        first_sample: Which interleaved sample is the first channel.
    """

    page: int
    plane: int
    z: int
    start_yx: tuple[int, int]
    first_sample: int


class ContiguousPlanes:
    """Uncompressed pages without a gap inside.

    Args:
        pages: Asked where each page lies, where ``first_offset`` is None.
        first_offset: Of the first page, where the pages follow each other without a gap.
    """

    def __init__(
        self, grid: SegmentGrid, raster: Raster, pixel_bytes: int, pages: TiffPages, first_offset: int | None
    ) -> None:
        self._raster = raster
        self._pages = pages
        self._pixel_bytes = pixel_bytes
        self._shape_zyx = grid.shape_zyx
        self._page_bytes = grid.n_planes * pixel_bytes
        for size in grid.shape_zyx:
            self._page_bytes *= size
        self._first_offset = first_offset

    def read(self, window: PlaneWindow, out_cyx: Pixels) -> None:
        """Fill an array with a window."""
        offset = self._find(window.page)
        if offset is None:
            out_cyx[...] = 0
            return
        depth, height, width = self._shape_zyx
        y, x = window.start_yx
        row = ((window.plane * depth + window.z) * height + y) * width
        self._raster.read(offset + row * self._pixel_bytes, width, x, window.first_sample, out_cyx)

    def _find(self, number: int) -> int | None:
        if self._first_offset is not None:
            return self._first_offset + number * self._page_bytes
        page = self._pages.get(number)
        return (page.offsets[0] or None) if page is not None and page.offsets else None


class SegmentPlanes:
    """Pages whose strips or tiles are read one by one.

    Args:
        grid: How pages are cut.
        pages: Where their segments lie.
        file: The file.
        raster: Reads segments that lie in the file as they are; None where they must be decoded.
        decode: Tifffile's decoder.
        cache: For segments that a window needs only a part of.
        pixel_bytes: Of one pixel with its interleaved samples.
        n_samples: Interleaved samples per pixel.
        missing: The value of segments that are not stored.
    """

    def __init__(
        self,
        *,
        grid: SegmentGrid,
        pages: TiffPages,
        file: FileBytes,
        raster: Raster | None,
        decode: Callable[..., Any],
        cache: DecodedCache,
        pixel_bytes: int,
        n_samples: int,
        missing: float,
    ) -> None:
        self._grid = grid
        self._pages = pages
        self._file = file
        self._raster = raster
        self._decode = decode
        self._cache = cache
        self._pixel_bytes = pixel_bytes
        self._n_samples = n_samples
        self._missing = missing

    def read(self, window: PlaneWindow, out_cyx: Pixels) -> None:
        """Fill an array with a window."""
        page = self._pages.get(window.page)
        if page is None:
            out_cyx[...] = 0
            return
        _, height, width = out_cyx.shape
        for part in self._grid.find_parts(window.plane, window.z, window.start_yx, (height, width)):
            rows, columns = slice(part.to_y, part.to_y + part.height), slice(part.to_x, part.to_x + part.width)
            self._read_part(window, page, part, out_cyx[:, rows, columns])

    def _read_part(self, window: PlaneWindow, page: Page, part: Part, out_cyx: Pixels) -> None:
        if part.number >= min(len(page.offsets), len(page.sizes_bytes)):
            raise EOFError(f"segment {part.number} is not listed")
        offset, size_bytes = page.offsets[part.number], page.sizes_bytes[part.number]
        if offset == 0 or size_bytes == 0:
            out_cyx[...] = self._missing
            return
        _, height, width = self._grid.segment_zyx
        row = part.z * height + part.y
        if self._raster is not None and (row + part.height) * width * self._pixel_bytes <= size_bytes:
            first = offset + row * width * self._pixel_bytes
            self._raster.read(first, width, part.x, window.first_sample, out_cyx)
            return
        pixels = self._get_segment(window.page, page, part, is_alone=part.is_whole and self._reads_all(out_cyx))
        rows, columns = slice(part.y, part.y + part.height), slice(part.x, part.x + part.width)
        copy_samples(pixels[part.z, rows, columns], window.first_sample, out_cyx)

    def _reads_all(self, out_cyx: Pixels) -> bool:
        return len(out_cyx) == self._n_samples

    def _get_segment(self, number: int, page: Page, part: Part, *, is_alone: bool) -> Pixels:
        """A decoded segment, depth x height x width x samples; kept unless no other window can need it."""

        def decode() -> Pixels:
            data = self._file.read(page.offsets[part.number], page.sizes_bytes[part.number])
            pixels: Pixels = self._decode(data, part.number, **page.decode_options)[0]
            return pixels

        return decode() if is_alone else self._cache.get((number, part.number), decode)
