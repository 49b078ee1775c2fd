"""Which way the planes of a TIFF image are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.pixels.raster import Raster
from vitrina.readers.pixels.tiff_contiguous import ContiguousPlanes
from vitrina.readers.pixels.tiff_direct import find_direct
from vitrina.readers.pixels.tiff_grid import SegmentGrid, plan_strip_group
from vitrina.readers.pixels.tiff_pages import TiffPages
from vitrina.readers.pixels.tiff_segments import SegmentDecoder, SegmentPlanes

if TYPE_CHECKING:
    from tifffile import TiffPageSeries

    from vitrina.readers.pixels.decoded_cache import DecodedCache
    from vitrina.readers.pixels.file_bytes import FileBytes


def build_planes(
    file: FileBytes, series: TiffPageSeries, page_shape: tuple[int, int, int, int, int], cache: DecodedCache
) -> tuple[ContiguousPlanes | SegmentPlanes, tuple[int, int, int]]:
    """What reads the planes of a level, and depth, height and width of the smallest part that can be read on its own.

    Args:
        file: The file.
        series: One level of an image.
        page_shape: Separate samples, depth, rows, columns and interleaved samples of a page.
        cache: For decoded segments.
    """
    import numpy as np

    keyframe = series.keyframe
    *_, width, n_samples = page_shape
    dtype = np.dtype(series.dtype)
    stored = dtype.newbyteorder(keyframe.parent.byteorder)
    raster = Raster(file, stored, n_samples) if is_plain(keyframe, dtype.itemsize) else None
    grid = _build_grid(keyframe, page_shape, is_grouped=raster is None, row_bytes=width * dtype.itemsize * n_samples)
    pages = TiffPages(series)
    if raster is not None and keyframe.is_final:
        return ContiguousPlanes(grid, raster, pages, series.dataoffset), (1, 1, 1)
    decoder = SegmentDecoder(
        file,
        grid,
        decode=keyframe.decode,
        dtype=dtype,
        n_samples=n_samples,
        missing=keyframe.nodata,
        direct=find_direct(keyframe, stored, grid.segment_zyx, n_samples),
    )
    smallest = grid.segment_zyx if raster is None else (1, 1, 1)
    return SegmentPlanes(grid, pages, raster, decoder, cache), smallest


def is_plain(keyframe: Any, itemsize: int) -> bool:
    """Whether segments hold the pixels as they are, but for the order of bytes."""
    return bool(
        keyframe.compression == 1
        and keyframe.predictor == 1
        and keyframe.fillorder == 1
        and keyframe.bitspersample == itemsize * 8
        and keyframe.sampleformat != 5
        and not keyframe.is_subsampled
    )


def _build_grid(
    keyframe: Any, page_shape: tuple[int, int, int, int, int], *, is_grouped: bool, row_bytes: int
) -> SegmentGrid:
    n_planes, depth, height, width, _ = page_shape
    shape_zyx = depth, height, width
    if keyframe.is_tiled:
        tile = max(1, int(keyframe.tiledepth)), int(keyframe.tilelength), int(keyframe.tilewidth)
        return SegmentGrid(n_planes=n_planes, shape_zyx=shape_zyx, segment_zyx=tile)
    strip = min(int(keyframe.rowsperstrip), height)
    rows = plan_strip_group(strip, height, row_bytes) if is_grouped else strip
    return SegmentGrid(n_planes=n_planes, shape_zyx=shape_zyx, segment_zyx=(1, rows, width), strip_height=strip)
