"""Chunks of all served levels of an image: read from where they are stored, or made of four chunks of the level before.

What was made is kept for a while, and a chunk that several clients ask for at once is made once.
"""

from __future__ import annotations

import weakref
from itertools import product
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from vitrina.gateway.images.plan import CHUNK_PX, plan_levels
from vitrina.pyramid.downsample import repeat_edge, shrink_into
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitrina.gateway.images.plan import ServedLevel
    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

MAX_KEPT_BYTES = 256 * 2**20


class ServedPixels:
    """The pixels of an image by level and chunk. Safe to use from several threads.

    Stored levels are opened when they are first asked for, and closed with this.

    Args:
        open_level: Opens a stored level.
        shapes_tczyx: Of the stored levels, finest first.
        is_labels: Whether pixels are label ids, which are never blended.

    Raises:
        UnsupportedError: The image is too large to be served without coarser levels.
    """

    def __init__(
        self, open_level: Callable[[int], PixelSource], shapes_tczyx: Sequence[ShapeTczyx], *, is_labels: bool
    ) -> None:
        self.levels: tuple[ServedLevel, ...] = plan_levels(shapes_tczyx)
        self._open_level = open_level
        self._method: Method = "nearest" if is_labels else "mean"
        self._sources: dict[int, PixelSource] = {}
        self._kept = DecodedCache(MAX_KEPT_BYTES)
        self._lock = Lock()

    def read(self, level: int, index_tczyx: ShapeTczyx) -> Pixels:
        """The pixels of a chunk that lie inside the image, rows x columns. Not to be written to.

        Args:
            level: Number of the served level.
            index_tczyx: Of the chunk.

        Raises:
            UnreadableError: The stored bytes are damaged there.
        """
        t, c, z, y, x = index_tczyx
        n_joint = self._get_source(0).n_joint_channels
        joint = (t, c - c % n_joint, z, y, x)
        height, width = self._measure(level, joint)
        return self._get(level, joint)[c % n_joint, 0, :height, :width]

    def _get(self, level: int, index: ShapeTczyx) -> Pixels:
        """A chunk with its joint channels: channels x 1 x rows x columns, whole also at the edge."""
        return self._kept.get((level, index), lambda: self._make(level, index))

    def _make(self, level: int, index: ShapeTczyx) -> Pixels:
        stored = self.levels[level].stored
        return self._shrink(level, index) if stored is None else self._load(level, stored, index)

    def _load(self, level: int, stored: int, index: ShapeTczyx) -> Pixels:
        source = self._get_source(stored)
        t, c, z, y, x = index
        height, width = self._measure(level, index)
        chunk = np.zeros((source.n_joint_channels, 1, CHUNK_PX, CHUNK_PX), source.dtype)
        source.read_into((t, c, z, y * CHUNK_PX, x * CHUNK_PX), chunk[:, :, :height, :width])
        return chunk

    def _shrink(self, level: int, index: ShapeTczyx) -> Pixels:
        t, c, z, y, x = index
        factor = self.levels[level].factor_zyx
        chunk = None
        for dy, dx in product(range(factor[1]), range(factor[2])):
            child = (t, c, z, y * factor[1] + dy, x * factor[2] + dx)
            height, width = self._measure(level - 1, child)
            if height <= 0 or width <= 0:
                continue
            finer = self._get(level - 1, child)
            if height % factor[1] or width % factor[2]:
                finer = finer.copy()
                repeat_edge(finer, (1, height, width), factor)
            chunk = np.zeros_like(finer) if chunk is None else chunk
            start = (0, dy * CHUNK_PX // factor[1], dx * CHUNK_PX // factor[2])
            size = (1, -(-height // factor[1]), -(-width // factor[2]))
            shrink_into(self._method, finer, factor, chunk, start_zyx=start, size_zyx=size)
        if chunk is None:
            raise IndexError(index)
        return chunk

    def _measure(self, level: int, index: ShapeTczyx) -> tuple[int, int]:
        """Rows and columns of a chunk that lie inside the image; not positive for one outside."""
        height, width = self.levels[level].shape_tczyx[3:]
        return min(CHUNK_PX, height - index[3] * CHUNK_PX), min(CHUNK_PX, width - index[4] * CHUNK_PX)

    def _get_source(self, stored: int) -> PixelSource:
        with self._lock:
            source = self._sources.get(stored)
            if source is None:
                source = self._sources[stored] = self._open_level(stored)
                weakref.finalize(self, source.close)
            return source
