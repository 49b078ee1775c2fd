"""Pixels of one position in an ND2 file, frame by frame."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.damage import reading
from vitrina.readers.pixels.axes import plan_axes, plan_joint_channels
from vitrina.readers.pixels.decoded_cache import DEFAULT_CACHE_BYTES, DecodedCache
from vitrina.readers.pixels.dtype import check_dtype

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.model.content import Axis
    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx
    from vitrina.readers.source import Source

DAMAGE = "nd2-damaged", "ND2"

POSITION = "P"
FRAME = ("C", "Y", "X", "S")


class Nd2Pixels:
    """Frames of an ND2 file; a frame holds all channels of a plane, interleaved.

    Args:
        source: The file.
        file: The same, opened by nd2; closed with this.
        axes: One per size but for positions.
        position: Which position; 0 where there are none.
        cache_bytes: How many bytes of frames are kept at most.
    """

    def __init__(
        self,
        source: Source,
        file: Any,
        axes: Sequence[Axis],
        *,
        position: int = 0,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
    ) -> None:
        self._source = source
        self._file = file
        self._position = position
        self._sizes: Mapping[str, int] = dict(file.sizes)
        self._letters = [letter for letter in self._sizes if letter != POSITION]
        self._plan = plan_axes(axes, tuple(self._sizes[letter] for letter in self._letters), str(source.path))
        self._cache = DecodedCache(cache_bytes)
        self._z_dim = max(self._plan.find_dims("z"), default=None)
        self.dtype = check_dtype(file.dtype, str(source.path))
        self.shape_tczyx: ShapeTczyx = self._plan.shape_tczyx
        self._n_samples = self._sizes.get("S", 1)
        n_fastest = self._n_samples if "S" in self._sizes else self._sizes.get("C", 1)
        self.n_joint_channels: int = plan_joint_channels(n_fastest, n_fastest)
        self.chunk_shape_tczyx: ShapeTczyx = (1, self.n_joint_channels, 1, *self.shape_tczyx[3:])

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        n_channels, n_z, height, width = out_czyx.shape
        first = self._plan.locate(start_tczyx, out_czyx.shape)
        for k in range(n_z):
            starts = {letter: own.start for letter, own in zip(self._letters, first, strict=True)}
            if self._z_dim is not None:
                starts[self._letters[self._z_dim]] += k
            frame = self._read(self._find_frame(starts))  # channel x row x column x sample
            y, x = start_tczyx[3:]
            rows = frame[:, y : y + height, x : x + width]
            if "S" in self._sizes:
                channel, sample = starts.get("C", 0), starts["S"]
                out_czyx[:, k] = rows[channel, ..., sample : sample + n_channels].transpose(2, 0, 1)
            else:
                channel = starts.get("C", 0)
                out_czyx[:, k] = rows[channel : channel + n_channels, ..., 0]

    def close(self) -> None:
        """Close the file; nothing is read afterwards."""
        self._cache = DecodedCache(0)
        self._file.close()

    def _find_frame(self, starts: Mapping[str, int]) -> int:
        """Frames are numbered along all loops of the experiment, the last one fastest."""
        number = 0
        for letter, size in self._sizes.items():
            if letter not in FRAME:
                number = number * size + (self._position if letter == POSITION else starts[letter])
        return number

    def _read(self, number: int) -> Pixels:
        with reading(self._source, *DAMAGE):
            return self._cache.get(number, lambda: self._decode(number))

    def _decode(self, number: int) -> Pixels:
        import numpy as np

        frame = np.asarray(self._file.read_frame(number))
        shape = tuple(self._sizes.get(letter, 1) for letter in FRAME)
        if frame.size != math.prod(shape):
            raise UnreadableError(DAMAGE[0], f"Frame {number} of {self._source.path} has the shape {frame.shape}.")
        return frame.reshape(shape)
