"""Pixels of one level of a scene in a CZI file: tiles, stitched where a window needs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.damage import reading
from vitrina.readers.pixels.axes import plan_axes, plan_joint_channels
from vitrina.readers.pixels.decoded_cache import DEFAULT_CACHE_BYTES, DecodedCache
from vitrina.readers.pixels.dtype import check_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Axis
    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.pixels.czi_tiles import CziGrid, PlaneTiles
    from vitrina.readers.source import Source

DAMAGE = "czi-damaged", "CZI"

_MIN_MASK_BYTES = 32
"""What czifile asks for before it looks for the mask of the valid pixels of a tile."""


class CziPixels:
    """One level of a scene. What no tile covers is 0; where tiles overlap, the one that the file puts on top counts.

    Args:
        source: The file.
        file: The same, opened by czifile; closed with this.
        grid: Where the tiles lie.
        axes: One per dimension of the grid.
        dtype: Of the scene; tiles of narrower types are widened.
        cache_bytes: How many bytes of decoded tiles are kept at most.
    """

    def __init__(
        self,
        source: Source,
        file: Any,
        grid: CziGrid,
        axes: Sequence[Axis],
        *,
        dtype: Any,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
    ) -> None:
        self._source = source
        self._file = file
        self._grid = grid
        self._plan = plan_axes(axes, grid.shape, str(source.path))
        self._cache = DecodedCache(cache_bytes)
        self._n_outer = self._plan.find_dims("y")[0]
        self._z_dim = max(self._plan.find_dims("z"), default=None)
        self.dtype = check_dtype(dtype, str(source.path))
        self.shape_tczyx: ShapeTczyx = self._plan.shape_tczyx
        self.n_joint_channels: int = plan_joint_channels(grid.n_samples, grid.n_samples)
        height, width = (min(a, b) for a, b in zip(grid.tile_yx, self.shape_tczyx[3:], strict=True))
        self.chunk_shape_tczyx: ShapeTczyx = (1, self.n_joint_channels, 1, height, width)
        file.set_lock(True)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        with reading(self._source, *DAMAGE):
            starts = [own.start for own in self._plan.locate(start_tczyx, out_czyx.shape)]
            first_sample = starts[-1] if self._grid.dims[-1] == "S" else 0
            for k in range(out_czyx.shape[1]):
                outer = list(starts[: self._n_outer])
                if self._z_dim is not None:
                    outer[self._z_dim] += k
                plane = self._grid.planes.get(tuple(outer))
                self._read_plane(plane, (start_tczyx[3], start_tczyx[4]), first_sample, out_czyx[:, k])

    def close(self) -> None:
        """Close the file; nothing is read afterwards."""
        self._file.close()

    def _read_plane(
        self, plane: PlaneTiles | None, start_yx: tuple[int, int], first_sample: int, out_cyx: Pixels
    ) -> None:
        out_cyx[...] = 0
        if plane is None:
            return
        import numpy as np

        (top, left), (n_channels, height, width) = start_yx, out_cyx.shape
        for i in plane.find(top, left, top + height, left + width):
            y0, x0, y1, x1 = plane.boxes[i]
            tile, mask = self._read_tile(plane.entries[i], plane.offsets[i], (y1 - y0, x1 - x0))
            height_px, width_px = tile.shape[:2]  # less than announced in some files, at the edge of levels
            a, b = max(top, y0), min(top + height, y0 + height_px)
            c, d = max(left, x0), min(left + width, x0 + width_px)
            if a >= b or c >= d:
                continue
            inside = slice(a - y0, b - y0), slice(c - x0, d - x0)
            valid: Any = True if mask is None else mask[inside]
            target = out_cyx[:, a - top : b - top, c - left : d - left]
            for channel in range(n_channels):
                np.copyto(target[channel], tile[*inside, first_sample + channel], where=valid)

    def _read_tile(self, entry: Any, offset: tuple[int, ...], shown_yx: tuple[int, int]) -> tuple[Pixels, Any]:
        """Rows x columns x samples of one plane of a tile, and where it is valid, None for everywhere."""
        import numpy as np

        subblock = entry.read_segment_data(self._file)
        if not hasattr(subblock, "data_offset"):
            return np.zeros((0, 0, 1), self.dtype), None
        whole = self._cache.get(entry.file_position, lambda: self._decode(subblock))
        dims = [dim for dim in self._grid.dims[: self._n_outer] if dim in entry.dims]
        chosen = dict(zip(self._grid.dims, offset, strict=False))
        tile = whole[tuple(chosen[dim] if dim in dims else slice(None) if dim in "YXS" else 0 for dim in entry.dims)]
        if "S" not in entry.dims:
            tile = tile[..., np.newaxis]
        mask = subblock.mask() if subblock.attachment_size >= _MIN_MASK_BYTES else None
        if entry.shape != entry.stored_shape and self._grid.reduction == 1:
            tile = _resample(tile, shown_yx)
            mask = None if mask is None else _resample(mask, shown_yx)
        if mask is not None:
            height, width = (min(a, b) for a, b in zip(mask.shape, tile.shape, strict=False))
            tile, mask = tile[:height, :width], mask[:height, :width]
        return tile, mask

    def _decode(self, subblock: Any) -> Pixels:
        data: Pixels = subblock.data()
        if data.ndim != len(subblock.directory_entry.dims):
            raise UnreadableError(DAMAGE[0], f"A tile of {self._source.path} has the shape {data.shape}.")
        return data


def _resample(tile: Any, shown_yx: tuple[int, int]) -> Any:
    """The nearest stored pixel for each shown one, for tiles that are stored smaller or larger than they are."""
    import numpy as np

    rows, columns = (np.arange(n) * stored // n for n, stored in zip(shown_yx, tile.shape, strict=False))
    return tile[rows[:, np.newaxis], columns]
