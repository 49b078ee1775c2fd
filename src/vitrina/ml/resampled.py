"""An image at another pixel size, computed where it is read: so slides of many scanners look alike to a model.

Smaller images are made with the triangle filter stretched by the factor, larger ones with linear interpolation, label
images by taking the nearest pixel. At the edge, weights outside of the image are left out and the others scaled up.
Source: https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters (bilinear), whose ``resize`` gives the
same pixels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

    type Floats = npt.NDArray[np.float32]
    type Ints = npt.NDArray[np.int64]

type Method = Literal["linear", "nearest"]

MIN_CHUNK_PX = 64


class ResampledPixels:
    """Rows and columns of an image at another scale; a ``PixelSource``.

    Args:
        source: The image; its windows may begin anywhere.
        step_yx: Pixels of the image per pixel of the result, along y and x.
        origin_yx: Where in the image the result's upper left corner lies, in pixels from the image's corner.
        shape_yx: Size of the result.
        method: ``linear`` for intensities, ``nearest`` for label ids.
    """

    def __init__(
        self,
        source: PixelSource,
        step_yx: tuple[float, float],
        origin_yx: tuple[float, float] = (0.0, 0.0),
        shape_yx: tuple[int, int] | None = None,
        method: Method = "linear",
    ) -> None:
        t, c, z, height, width = source.shape_tczyx
        rows, columns = shape_yx or (
            max(1, math.floor(height / step_yx[0] + 1e-6)),
            max(1, math.floor(width / step_yx[1] + 1e-6)),
        )
        self._source = source
        self._step_yx = step_yx
        self._origin_yx = origin_yx
        self._method = method
        self.dtype: np.dtype[Any] = source.dtype
        self.shape_tczyx: ShapeTczyx = (t, c, z, rows, columns)
        self.n_joint_channels = source.n_joint_channels
        chunk = source.chunk_shape_tczyx
        chunk_y, chunk_x = (
            min(size, max(MIN_CHUNK_PX, round(of_source / step)))
            for size, of_source, step in zip((rows, columns), chunk[3:], step_yx, strict=True)
        )
        self.chunk_shape_tczyx: ShapeTczyx = (chunk[0], chunk[1], chunk[2], chunk_y, chunk_x)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel of the result."""
        t, c, z, y, x = start_tczyx
        n_channels, depth, height, width = out_czyx.shape
        _, _, _, source_h, source_w = self._source.shape_tczyx
        plan = plan_nearest if self._method == "nearest" else plan_taps
        rows = plan(y, height, self._step_yx[0], self._origin_yx[0], source_h)
        columns = plan(x, width, self._step_yx[1], self._origin_yx[1], source_w)
        top, left = int(rows[0].min()), int(columns[0].min())
        shape = int(rows[0].max()) + 1 - top, int(columns[0].max()) + 1 - left
        window = np.empty((n_channels, depth, *shape), self.dtype)
        self._source.read_into((t, c, z, top, left), window)
        row_taps, column_taps = rows[0] - top, columns[0] - left
        if self._method == "nearest":
            picked = window[:, :, row_taps[:, 0]][:, :, :, column_taps[:, 0]]
            is_there = (rows[1][:, 0] > 0)[:, None] & (columns[1][:, 0] > 0)
            out_czyx[...] = np.where(is_there, picked, 0)
            return
        values = _combine(_combine(window, column_taps, columns[1], axis=3), row_taps, rows[1], axis=2)
        out_czyx[...] = values if self.dtype.kind == "f" else np.floor(values + np.float32(0.5)).astype(self.dtype)

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""
        self._source.close()


def plan_taps(first: int, n: int, step: float, origin: float, size: int) -> tuple[Ints, Floats]:
    """Pixels that each pixel of the result is made of, and their weights: both n x taps.

    Args:
        first: First pixel of the result.
        n: Number of pixels of the result.
        step: Pixels of the source per pixel of the result.
        origin: Where the result begins in the source.
        size: Pixels of the source; those outside have no weight.
    """
    reach = max(step, 1.0)
    centre = origin + (np.arange(first, first + n) + 0.5) * step
    taps = np.floor(centre - reach + 0.5).astype(np.int64)[:, None] + np.arange(math.ceil(2 * reach) + 1)
    weights = np.maximum(1 - np.abs(taps + 0.5 - centre[:, None]) / reach, 0)
    weights[(taps < 0) | (taps >= size)] = 0
    total = weights.sum(axis=1, keepdims=True)
    weights /= np.where(total > 0, total, 1)
    return taps.clip(0, size - 1), weights.astype(np.float32)


def plan_nearest(first: int, n: int, step: float, origin: float, size: int) -> tuple[Ints, Floats]:
    """The pixel in which the middle of each pixel of the result lies, n x 1, and 1 where there is one, else 0."""
    taps = np.floor(origin + (np.arange(first, first + n) + 0.5) * step).astype(np.int64)[:, None]
    return taps.clip(0, size - 1), ((taps >= 0) & (taps < size)).astype(np.float32)


def _combine(values: Any, taps: Ints, weights: Floats, axis: int) -> Any:
    """Weighted sums of values along an axis."""
    shape = [1] * values.ndim
    shape[axis] = len(taps)
    total: Any = 0
    for number in range(taps.shape[1]):
        if weights[:, number].any():
            total = total + np.take(values, taps[:, number], axis=axis) * weights[:, number].reshape(shape)
    return total
