"""Levels of images as Dask arrays that read their pixels when they are computed."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from vitrina.model.content import ImageElement
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.axes import plan_axes

if TYPE_CHECKING:
    import numpy as np

    from vitrina.model.content import Content, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

MIN_CHUNK_PX = 512
"""Smaller chunks of a source are read several at a time."""


class LazyPixels:
    """The first time point of a level, indexed like an array: c, z, y, x.

    Args:
        source: Opened pixels; closed when nothing uses this any more.
    """

    def __init__(self, source: PixelSource) -> None:
        self._source = source
        self.shape = source.shape_tczyx[1:]
        self.dtype: np.dtype[Any] = source.dtype
        self.ndim = 4
        self.n_joint_channels = source.n_joint_channels
        self.chunk_shape_zyx = source.chunk_shape_tczyx[2:]
        weakref.finalize(self, source.close)

    def __getitem__(self, window: Any) -> Any:
        """What an array would give; Dask asks with numbers and steps too, as it joins what is asked of its arrays."""
        import numpy as np

        spans = [_find_span(part, size) for part, size in zip(window, self.shape, strict=True)]
        if any(high <= low for low, high, _ in spans):
            return np.empty(self.shape, self.dtype)[window]
        joint = self.n_joint_channels
        (c0, c1, _), (z0, z1, _), (y0, y1, _), (x0, x1, _) = spans
        first, last = c0 // joint * joint, -(-c1 // joint) * joint
        read = np.empty((last - first, z1 - z0, y1 - y0, x1 - x0), self.dtype)
        for channel in range(first, last, joint):
            self._source.read_into((0, channel, z0, y0, x0), read[channel - first : channel - first + joint])
        return read[c0 - first : c1 - first][tuple(part for _, _, part in spans)]


def open_lazy_level(
    source: Source, content: Content, element: ImageElement | LabelsElement, level: int
) -> tuple[tuple[str, ...], Any]:
    """Names of dimensions, and a Dask array: c, y, x or c, z, y, x of an image, without c of labels.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: It cannot be read as pixels.
    """
    import dask.array

    pixels = LazyPixels(open_pixels(source, content, element, level))
    depth, *sides = pixels.chunk_shape_zyx
    wanted = (pixels.n_joint_channels, depth, *(max(size, MIN_CHUNK_PX // size * size) for size in sides))
    chunks = tuple(min(n, size) for n, size in zip(wanted, pixels.shape, strict=True))
    from_array: Any = dask.array.from_array
    array = from_array(pixels, chunks=chunks, asarray=False, lock=False, name=False, meta=_make_empty(pixels))
    roles = plan_axes(element.axes, element.levels[level].shape, str(source.path)).roles
    keeps = {"c": isinstance(element, ImageElement), "z": "z" in roles, "y": True, "x": True}
    dims = tuple(name for name, kept in keeps.items() if kept)
    return dims, array[tuple(slice(None) if kept else 0 for kept in keeps.values())]


def _find_span(part: Any, size: int) -> tuple[int, int, Any]:
    """The run of pixels that holds what is asked for along one dimension, and where it lies in that run."""
    import numpy as np

    if isinstance(part, int | np.integer):
        at = int(part) % size
        return at, at + 1, 0
    wanted = np.arange(size)[part]
    if not wanted.size:
        return 0, 0, part
    low, high = int(wanted.min()), int(wanted.max()) + 1
    return low, high, slice(None) if len(wanted) == high - low and wanted[0] == low else wanted - low


def _make_empty(pixels: LazyPixels) -> Any:
    import numpy as np

    return np.empty((0,) * pixels.ndim, pixels.dtype)
