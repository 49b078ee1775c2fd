"""A level that was written, as the source of the next."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.pyramid.writer import Place

if TYPE_CHECKING:
    from vitrina.pyramid.plan import PyramidPlan
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx
    from vitrina.pyramid.writer import ChunkWriter

MAX_CACHED_BYTES = 64 * 2**20


class WrittenLevel:
    """Reads a level back from its writer, chunk by chunk; a ``PixelSource``.

    Args:
        writer: Where the level is complete.
        level: Its number.
        plan: How it was written.
        source: What it was made of.
    """

    def __init__(self, writer: ChunkWriter, level: int, plan: PyramidPlan, source: PixelSource) -> None:
        self._writer = writer
        self._level = level
        self._chunk_zyx = plan.chunk_zyx
        self.shape_tczyx: ShapeTczyx = plan.levels[level - plan.first_level].shape_tczyx
        self.dtype: np.dtype[Any] = source.dtype
        self.n_joint_channels = plan.n_joint_channels
        self.chunk_shape_tczyx: ShapeTczyx = (1, plan.n_joint_channels, *plan.chunk_zyx)
        self._cache: OrderedDict[Place, Pixels] = OrderedDict()
        self._lock = threading.Lock()

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        t, c, *start = start_tczyx
        spans = [
            range(first // chunk, -(-(first + size) // chunk))
            for first, size, chunk in zip(start, out_czyx.shape[1:], self._chunk_zyx, strict=True)
        ]
        for z in spans[0]:
            for y in spans[1]:
                for x in spans[2]:
                    chunk = self._get_chunk(Place(level=self._level, t=t, c=c, z=z, y=y, x=x))
                    inside, outside = [slice(None)], [slice(None)]
                    for at, first, size, side in zip(
                        (z, y, x), start, out_czyx.shape[1:], self._chunk_zyx, strict=True
                    ):
                        low, high = max(first, at * side), min(first + size, (at + 1) * side)
                        inside.append(slice(low - at * side, high - at * side))
                        outside.append(slice(low - first, high - first))
                    out_czyx[tuple(outside)] = chunk[tuple(inside)]

    def close(self) -> None:
        self._cache.clear()

    def _get_chunk(self, place: Place) -> Pixels:
        with self._lock:
            cached = self._cache.pop(place, None)
            if cached is not None:
                self._cache[place] = cached
                return cached
        chunk = np.empty((self.n_joint_channels, *self._chunk_zyx), self.dtype)
        self._writer.read_into(place, chunk)
        with self._lock:
            self._cache[place] = chunk
            while len(self._cache) > 1 and len(self._cache) * chunk.nbytes > MAX_CACHED_BYTES:
                self._cache.popitem(last=False)
        return chunk
