"""Channels that lie apart, read together as if they were interleaved."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx


class JoinedChannels:
    """Hands out the channels of an image several at a time; a ``PixelSource``.

    Args:
        source: The pixels; its joint channels divide ``n_channels``.
        n_channels: How many to join; divides the number of channels.
    """

    def __init__(self, source: PixelSource, n_channels: int) -> None:
        self._source = source
        self.shape_tczyx = source.shape_tczyx
        self.dtype = source.dtype
        self.n_joint_channels = n_channels
        t, _, z, y, x = source.chunk_shape_tczyx
        self.chunk_shape_tczyx: ShapeTczyx = (t, n_channels, z, y, x)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        t, c, z, y, x = start_tczyx
        step = self._source.n_joint_channels
        for channel in range(0, self.n_joint_channels, step):
            self._source.read_into((t, c + channel, z, y, x), out_czyx[channel : channel + step])

    def close(self) -> None:
        self._source.close()
