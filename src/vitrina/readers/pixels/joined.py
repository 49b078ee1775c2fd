"""Channels that lie apart, read together as if they were interleaved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx


class _Pixels(Protocol):
    @property
    def shape_tczyx(self) -> ShapeTczyx: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    @property
    def n_joint_channels(self) -> int: ...

    @property
    def chunk_shape_tczyx(self) -> ShapeTczyx: ...

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None: ...

    def close(self) -> None: ...


class JoinedChannels:
    """Hands out the channels of an image several at a time.

    Args:
        source: The pixels; its joint channels divide ``n_channels``.
        n_channels: How many to join; divides the number of channels.
    """

    def __init__(self, source: _Pixels, n_channels: int) -> None:
        self._source = source
        self.shape_tczyx = source.shape_tczyx
        self.dtype = source.dtype
        self.n_joint_channels = n_channels
        t, _, z, y, x = source.chunk_shape_tczyx
        self.chunk_shape_tczyx: ShapeTczyx = (t, n_channels, z, y, x)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel, channel after channel."""
        t, c, z, y, x = start_tczyx
        step = self._source.n_joint_channels
        for channel in range(0, self.n_joint_channels, step):
            self._source.read_into((t, c + channel, z, y, x), out_czyx[channel : channel + step])

    def close(self) -> None:
        """Close the source."""
        self._source.close()
