"""Chunks of all served levels of an image: read from where they are stored, or made of four chunks of the level before.

What was made is kept for a while, and a chunk that several clients ask for at once is made once.
"""

from __future__ import annotations

import weakref
from itertools import product
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from vitrina.gateway.images.plan import CHUNK_PX, PASSED_CHUNKS_PX, plan_levels
from vitrina.pyramid.downsample import repeat_edge, shrink_into
from vitrina.pyramid.source import HasStoredChunks
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vitrina.gateway.images.plan import ServedLevel
    from vitrina.model.stored_chunks import StoredChunks
    from vitrina.pyramid.downsample import Method
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

MAX_KEPT_BYTES = 256 * 2**20

_ONE_PIXEL = (1, 1, 1)
"""Depth, height and width of what can be read on its own where nothing is compressed."""


class ServedPixels:
    """The pixels of an image by level and chunk. Safe to use from several threads.

    Stored levels are opened when they are first asked for, and closed with this.

    Args:
        open_level: Opens a stored level.
        shapes_tczyx: Of the stored levels, finest first.
        is_labels: Whether pixels are label ids, which are never blended.
        may_pass: Whether to look at all levels now for chunks that may be passed on as they are stored.

    Attributes:
        levels: Those that are served, finest first.
        passed: How all stored levels have their chunks, where these are passed on; None where they are decoded.
        chunk_px: Height and width of all chunks.

    Raises:
        UnsupportedError: The image is too large to be served without coarser levels.
    """

    def __init__(
        self,
        open_level: Callable[[int], PixelSource],
        shapes_tczyx: Sequence[ShapeTczyx],
        *,
        is_labels: bool,
        may_pass: bool = False,
    ) -> None:
        self.levels: tuple[ServedLevel, ...] = plan_levels(shapes_tczyx)
        self._open_level = open_level
        self._method: Method = "nearest" if is_labels else "mean"
        self._sources: dict[int, PixelSource] = {}
        self._kept = DecodedCache(MAX_KEPT_BYTES)
        self._lock = Lock()
        self.passed: StoredChunks | None = self._find_passed() if may_pass else None
        self.chunk_px = CHUNK_PX if self.passed is None else self.passed.side_px

    def read_stored(self, level: int, index_tczyx: ShapeTczyx) -> bytes | None:
        """The bytes of a chunk of a stored level, where they are passed on; None where it is a hole.

        Raises:
            UnreadableError: The file is damaged there.
        """
        stored = self.levels[level].stored
        source: object = None if stored is None else self._get_source(stored)
        if not isinstance(source, HasStoredChunks):
            raise IndexError(level)
        return source.read_stored(index_tczyx)

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
        chunk = self._get(level, joint) if n_joint > 1 else self._get_alone(level, joint)
        return chunk[c % n_joint, 0, :height, :width]

    def _get_alone(self, level: int, index: ShapeTczyx) -> Pixels:
        """A chunk that has one channel: a stored one is not kept, since no other channel comes out of it."""
        stored = self.levels[level].stored
        if stored is None:
            return self._get(level, index)
        kept = self._kept.find((level, index))  # where a coarser level was made of it
        return self._load(level, stored, index) if kept is None else kept

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
        is_whole = height == width == self.chunk_px
        make = np.empty if is_whole else np.zeros
        chunk = make((source.n_joint_channels, 1, self.chunk_px, self.chunk_px), source.dtype)
        source.read_into((t, c, z, y * self.chunk_px, x * self.chunk_px), chunk[:, :, :height, :width])
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
            finer = self._get_finer(level - 1, child)
            if height % factor[1] or width % factor[2]:
                finer = finer.copy()
                repeat_edge(finer, (1, height, width), factor)
            chunk = np.zeros(finer.shape, finer.dtype) if chunk is None else chunk
            start = (0, dy * self.chunk_px // factor[1], dx * self.chunk_px // factor[2])
            size = (1, -(-height // factor[1]), -(-width // factor[2]))
            shrink_into(self._method, finer, factor, chunk, start_zyx=start, size_zyx=size)
        if chunk is None:
            raise IndexError(index)
        return chunk

    def _get_finer(self, level: int, index: ShapeTczyx) -> Pixels:
        """A chunk to be shrunk: what lies in the file as it is takes less to be copied again than to be kept."""
        stored = self.levels[level].stored
        if stored is not None and self._get_source(stored).chunk_shape_tczyx[2:] == _ONE_PIXEL:
            return self._load(level, stored, index)
        return self._get(level, index)

    def _find_passed(self) -> StoredChunks | None:
        """How the chunks of all stored levels lie in the file, where that is one way and fits the viewer."""
        sources: list[object] = [self._get_source(one.stored) for one in self.levels if one.stored is not None]
        described = {one.describe_stored() if isinstance(one, HasStoredChunks) else None for one in sources}
        found = described.pop()
        return found if not described and found is not None and found.side_px in PASSED_CHUNKS_PX else None

    def _measure(self, level: int, index: ShapeTczyx) -> tuple[int, int]:
        """Rows and columns of a chunk that lie inside the image; not positive for one outside."""
        side, (height, width) = self.chunk_px, self.levels[level].shape_tczyx[3:]
        return min(side, height - index[3] * side), min(side, width - index[4] * side)

    def _get_source(self, stored: int) -> PixelSource:
        with self._lock:
            source = self._sources.get(stored)
            if source is None:
                source = self._sources[stored] = self._open_level(stored)
                weakref.finalize(self, source.close)
            return source
