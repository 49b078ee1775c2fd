"""Planes of a TIFF image, from its strips or tiles."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.readers.pixels.picture_size import check_picture_size
from vitrina.readers.pixels.raster import copy_samples
from vitrina.readers.pixels.tiff_grid import PlaneWindow

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.pixels.decoded_cache import DecodedCache
    from vitrina.readers.pixels.file_bytes import FileBytes
    from vitrina.readers.pixels.raster import Raster
    from vitrina.readers.pixels.tiff_direct import DirectDecoder
    from vitrina.readers.pixels.tiff_grid import Part, SegmentGrid
    from vitrina.readers.pixels.tiff_pages import Page, TiffPages


MAX_SEGMENT_BYTES = 2**30
"""A strip or tile is decoded as a whole, so a larger one would fill the memory, and no instrument writes such."""


class SegmentDecoder:
    """Decodes tiles, and groups of strips.

    Args:
        file: The file.
        grid: How pages are cut.
        decode: Tifffile's decoder.
        dtype: Of what it gives.
        n_samples: Interleaved samples per pixel.
        missing: The value of segments that are not stored.
        direct: Decodes whole tiles to where they are wanted; None where only tifffile's decoder can.

    Raises:
        UnsupportedError: See ``check_segment``.
    """

    def __init__(
        self,
        file: FileBytes,
        grid: SegmentGrid,
        *,
        decode: Callable[..., Any],
        dtype: np.dtype[Any],
        n_samples: int,
        missing: float,
        direct: DirectDecoder | None = None,
    ) -> None:
        self.n_samples = n_samples
        self.missing = missing
        self._file = file
        self._grid = grid
        self._decode = decode
        self._direct = direct
        self._dtype = dtype
        self._n_pixels = math.prod(grid.segment_zyx)
        check_segment(self._n_pixels * n_samples * dtype.itemsize)

    def decode(self, page: Page, number: int) -> Pixels:
        """A tile or a group of strips, depth x height x width x samples.

        Raises:
            Exception: Whatever tifffile and its codecs raise for damaged bytes.
        """
        import numpy as np

        stored = self._grid.list_stored(number)
        if len(stored) == 1:
            return self._decode_stored(page, stored[0])
        return np.concatenate([self._decode_stored(page, own) for own in stored], axis=1)

    def decode_into(self, page: Page, number: int, out_cyx: Pixels) -> None:
        """Fill an array with what lies inside the image of a tile or a group of strips, with all of its samples.

        Raises:
            Exception: As ``decode``.
        """
        if self._direct is not None and page.is_stored(number):
            data = self._file.read(page.offsets[number], page.sizes_bytes[number])
            if self._direct.decode(data, out_cyx[0]):
                return
        _, height, width = out_cyx.shape
        copy_samples(self.decode(page, number)[0, :height, :width], 0, out_cyx)

    def _decode_stored(self, page: Page, number: int) -> Pixels:
        import numpy as np

        is_stored = page.is_stored(number)
        data = self._file.read(page.offsets[number], page.sizes_bytes[number]) if is_stored else None
        if data is not None:
            check_picture_size(data, self._n_pixels)
        pixels, _, shape = self._decode(data, number, **page.decode_options)
        return np.full(shape, self.missing, self._dtype) if pixels is None else pixels


def check_segment(n_bytes: int) -> None:
    """Whether a strip or tile fits into memory.

    Raises:
        UnsupportedError: It is larger than any instrument writes.
    """
    if n_bytes > MAX_SEGMENT_BYTES:
        raise UnsupportedError(
            "tiff-segment-too-large",
            f"A strip or tile of the TIFF takes {n_bytes:,} bytes; at most {MAX_SEGMENT_BYTES:,} are decoded at once.",
            hint="Save the image with tiles of a usual size, such as 512 x 512.",
        )


class SegmentPlanes:
    """Pages whose strips or tiles are read one by one.

    Args:
        grid: How pages are cut.
        pages: Where their segments lie.
        raster: Reads segments that lie in the file as they are; None where they must be decoded.
        decoder: Decodes the others.
        cache: For segments that a window needs only a part of.
    """

    def __init__(
        self, grid: SegmentGrid, pages: TiffPages, raster: Raster | None, decoder: SegmentDecoder, cache: DecodedCache
    ) -> None:
        self.grid = grid
        self.pages = pages
        self._raster = raster
        self._decoder = decoder
        self._cache = cache

    @property
    def n_samples(self) -> int:
        """Interleaved samples per pixel."""
        return self._decoder.n_samples

    def plan_window(
        self, plane: int, z: int, start_yx: tuple[int, int], shape_yx: tuple[int, int], first_sample: int
    ) -> PlaneWindow:
        """A window that any page can be read with."""
        parts = tuple(self.grid.find_parts(plane, z, start_yx, shape_yx))
        return PlaneWindow(plane, z, start_yx, first_sample, parts)

    def read(self, number: int, window: PlaneWindow, out_cyx: Pixels) -> None:
        """Fill an array with a window of the page with a number.

        What another thread is decoding comes last, so that threads in the same rows do not wait for each other.
        """
        page = self.pages.get(number)
        if page is None:
            out_cyx[...] = 0
            return
        postponed = []
        for part in window.parts:
            if self._raster is None and self._cache.is_busy((number, part.number)):
                postponed.append(part)
            else:
                self._read_part(number, page, part, window.first_sample, out_cyx)
        for part in postponed:
            self._read_part(number, page, part, window.first_sample, out_cyx)

    def _read_part(self, number: int, page: Page, part: Part, first_sample: int, out_cyx: Pixels) -> None:
        to_rows, to_columns = slice(part.to_y, part.to_y + part.height), slice(part.to_x, part.to_x + part.width)
        target = out_cyx[:, to_rows, to_columns]
        if self._read_plain(page, part, first_sample, target):
            return
        if part.is_whole and len(target) == self._decoder.n_samples:  # no other window can need it
            self._decoder.decode_into(page, part.number, target)
            return
        key = number, part.number
        pixels = self._cache.get(key, lambda: self._decoder.decode(page, part.number))
        rows, columns = slice(part.y, part.y + part.height), slice(part.x, part.x + part.width)
        copy_samples(pixels[part.z, rows, columns], first_sample, target)

    def _read_plain(self, page: Page, part: Part, first_sample: int, target_cyx: Pixels) -> bool:
        """Copy pixels that lie in the file as they are; False where they do not."""
        raster, number = self._raster, part.number
        if raster is None:
            return False
        if not page.is_stored(number):
            target_cyx[...] = self._decoder.missing
            return True
        _, height, width = self.grid.segment_zyx
        row_bytes = width * raster.pixel_bytes
        row = part.z * height + part.y
        if (row + part.height) * row_bytes > page.sizes_bytes[number]:
            return False
        raster.read(page.offsets[number] + row * row_bytes, width, part.x, first_sample, target_cyx)
        return True
