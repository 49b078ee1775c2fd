"""The pixels of one raster of a slide as the loader reads them: chosen channels of one plane, chunk by chunk."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from vitrina.ml.plan import Grid
from vitrina.ml.resampled import ResampledPixels
from vitrina.readers.pixels.decoded_cache import DecodedCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.ml.resampled import Method
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

CACHE_BYTES = 128 * 2**20
"""Of source chunks that resampling needs several times, of all slides together."""


class Raster(Protocol):
    """What opens an image, in this process or in another one: it can be pickled."""

    def open(self) -> PixelSource:
        """The pixels; the caller closes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """How a raster is brought to the pixels of the tiles; see ``ResampledPixels``."""

    step_yx: tuple[float, float]
    origin_yx: tuple[float, float] = (0.0, 0.0)
    shape_yx: tuple[int, int] | None = None
    method: Method = "linear"


class Layer:
    """One raster of a slide. May be read from many threads, pickled, and copied to another process.

    Args:
        raster: Opens the pixels.
        channels: Numbers of the channels, in the order of the batches; None for all.
        z: Plane of a stack.
        resampling: How it is brought to the pixels of the tiles; None where it has them already.
    """

    def __init__(
        self,
        raster: Raster,
        *,
        channels: Sequence[int] | None = None,
        z: int = 0,
        resampling: Resampling | None = None,
    ) -> None:
        self._raster = raster
        self._resampling = resampling
        self._z = z
        self._lock = threading.Lock()
        self._opened: PixelSource | None = None
        source = self.open_source()
        self._channels = tuple(range(source.shape_tczyx[1]) if channels is None else channels)
        self.dtype = source.dtype
        self.shape_yx = source.shape_tczyx[3:]
        self.chunk_yx = source.chunk_shape_tczyx[3:]

    @property
    def n_channels(self) -> int:
        """How many channels it gives."""
        return len(self._channels)

    def build_grid(self, dtype: np.dtype[Any]) -> Grid:
        """Its chunks, once they are decoded to a type."""
        n_bytes = self.n_channels * self.chunk_yx[0] * self.chunk_yx[1] * dtype.itemsize
        return Grid(shape_yx=self.shape_yx, chunk_yx=self.chunk_yx, chunk_bytes=n_bytes)

    def read_chunk(self, row: int, column: int, out_cyx: Pixels) -> None:
        """Decode one chunk.

        Args:
            row: Of the chunk.
            column: Of the chunk.
            out_cyx: Chosen channels of a whole chunk; at the edge of the image only a part of it is filled.

        Raises:
            UnreadableError: The bytes are damaged there.
        """
        top, left = row * self.chunk_yx[0], column * self.chunk_yx[1]
        height = min(self.chunk_yx[0], self.shape_yx[0] - top)
        width = min(self.chunk_yx[1], self.shape_yx[1] - left)
        self.read(top, left, out_cyx[:, :height, :width])

    def read(self, top: int, left: int, out_cyx: Pixels) -> None:
        """Read a window inside of the image, chosen channels."""
        source = self.open_source()
        joint = source.n_joint_channels
        position = 0
        while position < len(self._channels):
            first = self._channels[position]
            is_run = first % joint == 0 and self._channels[position : position + joint] == tuple(
                range(first, first + joint)
            )
            if is_run:
                target = out_cyx[position : position + joint, np.newaxis]
                source.read_into((0, first, self._z, top, left), target)
                position += joint
                continue
            base = first - first % joint
            window = np.empty((joint, 1, *out_cyx.shape[1:]), source.dtype)
            source.read_into((0, base, self._z, top, left), window)
            while position < len(self._channels) and self._channels[position] // joint * joint == base:
                out_cyx[position] = window[self._channels[position] - base, 0]
                position += 1

    def open_source(self) -> PixelSource:
        """All channels of it, opened when it is first used."""
        opened = self._opened
        if opened is None:
            with self._lock:
                if self._opened is None:
                    self._opened = self._build()
                opened = self._opened
        return opened

    def close(self) -> None:
        """Close what is open; it opens again when it is read."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _build(self) -> PixelSource:
        source = self._raster.open()
        resampling = self._resampling
        if resampling is None:
            return source
        return ResampledPixels(
            WholeChunks(source), resampling.step_yx, resampling.origin_yx, resampling.shape_yx, resampling.method
        )

    def __getstate__(self) -> dict[str, Any]:
        """Without what is open, and without the lock."""
        return {name: value for name, value in self.__dict__.items() if name not in {"_opened", "_lock"}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _opened=None, _lock=threading.Lock())


class WholeChunks:
    """Windows put together from whole chunks, of which those used last are kept, all slides together.

    A ``PixelSource``. Sources keep what they decode on their own, each for itself; of a thousand slides that would be
    too much.

    Args:
        source: What is read.
    """

    _shared = DecodedCache(CACHE_BYTES)
    _numbers = itertools.count()

    def __init__(self, source: PixelSource) -> None:
        self._source = source
        self._number = next(self._numbers)
        self.dtype: np.dtype[Any] = source.dtype
        self.shape_tczyx: ShapeTczyx = source.shape_tczyx
        self.n_joint_channels = source.n_joint_channels
        self.chunk_shape_tczyx: ShapeTczyx = source.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        t, c, z, y, x = start_tczyx
        _, depth, height, width = out_czyx.shape
        chunk_h, chunk_w = self.chunk_shape_tczyx[3:]
        for row in range(y // chunk_h, (y + height - 1) // chunk_h + 1):
            for column in range(x // chunk_w, (x + width - 1) // chunk_w + 1):
                pixels = self._get((t, c, z, row, column), depth)
                top, left = row * chunk_h, column * chunk_w
                begin_y, end_y = max(y, top), min(y + height, top + pixels.shape[2])
                begin_x, end_x = max(x, left), min(x + width, left + pixels.shape[3])
                out_czyx[:, :, begin_y - y : end_y - y, begin_x - x : end_x - x] = pixels[
                    :, :, begin_y - top : end_y - top, begin_x - left : end_x - left
                ]

    def close(self) -> None:
        """Close what is open; nothing is read afterwards."""
        self._source.close()

    def _get(self, chunk: ShapeTczyx, depth: int) -> Pixels:
        t, c, z, row, column = chunk
        _, _, _, height, width = self.shape_tczyx
        chunk_h, chunk_w = self.chunk_shape_tczyx[3:]
        top, left = row * chunk_h, column * chunk_w

        def decode() -> Pixels:
            shape = self.n_joint_channels, depth, min(chunk_h, height - top), min(chunk_w, width - left)
            pixels = np.empty(shape, self.dtype)
            self._source.read_into((t, c, z, top, left), pixels)
            return pixels

        return self._shared.get((self._number, chunk, depth), decode)
