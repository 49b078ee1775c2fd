"""Tiles of a TIFF file that are chunks of a Zarr array just as they lie in the file.

Both store the pixels row by row, tiles at the edge of the image filled up, and compress them with zlib or not at all.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 15 (tiles are padded to their size), and
https://www.awaresystems.be/imaging/tiff/tifftags/compression.html (8 and 32946 are zlib).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.pixels.tiff_segments import SegmentPlanes

if TYPE_CHECKING:
    import numpy as np

    from vitrina.model.stored_chunks import Compression
    from vitrina.readers.pixels.file_bytes import FileBytes
    from vitrina.readers.pixels.tiff_contiguous import ContiguousPlanes
    from vitrina.readers.pixels.tiff_grid import SegmentGrid
    from vitrina.readers.pixels.tiff_pages import TiffPages

_COMPRESSIONS: dict[int, Compression | None] = {1: None, 8: "zlib", 32946: "zlib"}

_MAX_EXPANSION = 2
"""zlib never makes more than this of what it cannot compress; a larger tile is damaged."""


class StoredTiles:
    """The bytes of tiles.

    Args:
        file: The file.
        grid: How pages are cut.
        pages: Where their tiles lie.
        tile_bytes: Of a tile that is not compressed.
        compression: How each is stored; None for the pixels as they are.
    """

    def __init__(
        self, file: FileBytes, grid: SegmentGrid, pages: TiffPages, *, tile_bytes: int, compression: Compression | None
    ) -> None:
        self.side_px: int = grid.segment_zyx[1]
        self.compression: Compression | None = compression
        self._file = file
        self._grid = grid
        self._pages = pages
        self._tile_bytes = tile_bytes

    def read(self, page: int, plane: int, row: int, column: int) -> bytes | None:
        """The bytes of a tile; None where it is not stored, so that its pixels are 0.

        Args:
            page: Number in the series.
            plane: Which sample, where they are stored apart.
            row: Of tiles.
            column: Of tiles.

        Raises:
            EOFError: The file ends before, or does not list the tile.
            ValueError: The tile has a size that it cannot have.
        """
        stored = self._pages.get(page)
        _, n_rows, n_columns = self._grid.counts_zyx
        number = (plane * n_rows + row) * n_columns + column
        if stored is None or not stored.is_stored(number):
            return None
        n_bytes = stored.sizes_bytes[number]
        if n_bytes > self._tile_bytes * _MAX_EXPANSION or (self.compression is None and n_bytes != self._tile_bytes):
            raise ValueError(f"a tile of {self._tile_bytes:,} bytes takes {n_bytes:,}")
        return bytes(self._file.read(stored.offsets[number], n_bytes))


def find_tiles(
    file: FileBytes, keyframe: Any, planes: ContiguousPlanes | SegmentPlanes, dtype: np.dtype[Any]
) -> StoredTiles | None:
    """The tiles of a level, None where they are no chunks.

    Args:
        file: The file.
        keyframe: Of the level, as tifffile has it.
        planes: What reads it.
        dtype: Of the pixels.
    """
    if not isinstance(planes, SegmentPlanes) or keyframe.compression not in _COMPRESSIONS:
        return None
    depth, height, width = planes.grid.segment_zyx
    is_chunk = (
        keyframe.is_tiled
        and depth == 1
        and planes.grid.shape_zyx[0] == 1
        and height == width
        and keyframe.predictor == 1
        and keyframe.fillorder == 1
        and keyframe.bitspersample == dtype.itemsize * 8
        and not keyframe.is_subsampled
        and planes.n_samples == 1
        and dtype.kind in "iuf"
        and (dtype.itemsize == 1 or keyframe.parent.byteorder == "<")
        and keyframe.nodata == 0
    )
    if not is_chunk:
        return None
    return StoredTiles(
        file,
        planes.grid,
        planes.pages,
        tile_bytes=height * width * dtype.itemsize,
        compression=_COMPRESSIONS[keyframe.compression],
    )
