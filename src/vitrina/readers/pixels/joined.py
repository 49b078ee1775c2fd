"""Time points and channels that lie in arrays of their own, as one image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx


class JoinedArrays:
    """Volumes of one shape, one per time point and channel; those that are not there are black.

    Args:
        parts: Sources of one time point and channel each, by both.
        n_t: Time points.
        n_channels: Channels.
        where: What is read, for errors.

    Raises:
        UnreadableError: The volumes differ in shape or type, or there are none.
    """

    n_joint_channels = 1

    def __init__(self, parts: Mapping[tuple[int, int], PixelSource], n_t: int, n_channels: int, where: str) -> None:
        shapes = {(part.shape_tczyx[2:], part.dtype.str) for part in parts.values()}
        if len(shapes) != 1:
            for part in parts.values():
                part.close()
            raise UnreadableError(
                "volumes-differ",
                f"The time points and channels of {where} have {len(shapes)} shapes or types, where one is expected.",
                where=where,
            )
        first = next(iter(parts.values()))
        z, y, x = first.shape_tczyx[2:]
        self.shape_tczyx: ShapeTczyx = (n_t, n_channels, z, y, x)
        self.dtype: np.dtype[np.generic] = first.dtype
        self.chunk_shape_tczyx: ShapeTczyx = (1, 1, *first.chunk_shape_tczyx[2:])
        self._parts = parts

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        t, c, z, y, x = start_tczyx
        part = self._parts.get((t, c))
        if part is None:
            out_czyx[...] = 0
        else:
            part.read_into((0, 0, z, y, x), out_czyx)

    def close(self) -> None:
        """Close all volumes."""
        for part in self._parts.values():
            part.close()
