"""Pixels of a file in which 0 is white."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx


class InvertedPixels:
    """The pixels of a source, each subtracted from the largest value that it can have, so that bright is white.

    Args:
        source: Unsigned integers or bool; closed with this.
        maximum: The largest value.
    """

    def __init__(self, source: PixelSource, maximum: int) -> None:
        self._source = source
        self._maximum = maximum
        self.shape_tczyx: ShapeTczyx = source.shape_tczyx
        self.dtype: np.dtype[Any] = source.dtype
        self.n_joint_channels: int = source.n_joint_channels
        self.chunk_shape_tczyx: ShapeTczyx = source.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        self._source.read_into(start_tczyx, out_czyx)
        invert(out_czyx, self._maximum)

    def close(self) -> None:
        """Close the source; nothing is read afterwards."""
        self._source.close()


def invert(pixels: Any, maximum: int) -> None:
    """Subtract every value of an array from the largest that it can have, in place."""
    import numpy as np

    if pixels.dtype.kind == "b":
        np.logical_not(pixels, out=pixels)
    else:
        np.subtract(pixels.dtype.type(maximum), pixels, out=pixels)
