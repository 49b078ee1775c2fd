"""Pixels that are open only while they are read: a plate has more images than a process may have open files."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx


class ReopenedPixels:
    """A source that is opened when it is read first, and again when it is read after it was closed.

    Args:
        open_source: Opens it.
    """

    def __init__(self, open_source: Callable[[], PixelSource]) -> None:
        self._open_source = open_source
        self._lock = Lock()
        self._opened: PixelSource | None = None
        looked_at = open_source()
        self.shape_tczyx: ShapeTczyx = looked_at.shape_tczyx
        self.dtype: np.dtype[Any] = looked_at.dtype
        self.n_joint_channels: int = looked_at.n_joint_channels
        self.chunk_shape_tczyx: ShapeTczyx = looked_at.chunk_shape_tczyx
        looked_at.close()

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        with self._lock:
            opened = self._opened = self._opened or self._open_source()
        opened.read_into(start_tczyx, out_czyx)

    def close(self) -> None:
        """Close the source until it is read again."""
        with self._lock:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
