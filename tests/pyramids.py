"""A second way to make the levels of a pyramid, whole images at a time, and sources that count what is read of them."""

from __future__ import annotations

import threading
from collections import Counter
from itertools import product

import numpy as np

INTEGERS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
FLOATS = ("float16", "float32", "float64")
DTYPES = ("bool", *INTEGERS, *FLOATS)


def shrink_whole(pixels, factor_zyx, method):
    """One level out of the one before, t, c, z, y, x: the definition, with Python's integers where sums may not fit.

    An odd size is made even by repeating the last pixel, so what is there is averaged.
    """
    if method == "nearest":
        return pixels[:, :, :: factor_zyx[0], :: factor_zyx[1], :: factor_zyx[2]]
    missing = [(0, 0), (0, 0), *((0, -size % by) for size, by in zip(pixels.shape[2:], factor_zyx, strict=True))]
    padded = np.pad(pixels, missing, mode="edge")
    offsets = list(product(*(range(by) for by in factor_zyx)))
    parts = [padded[:, :, z :: factor_zyx[0], y :: factor_zyx[1], x :: factor_zyx[2]] for z, y, x in offsets]
    stack = np.stack(parts, axis=-1)
    if method == "mode":
        modes = [Counter(row).most_common(1)[0][0] for row in stack.reshape(-1, len(parts)).tolist()]
        return np.array(modes, pixels.dtype).reshape(stack.shape[:-1])
    if pixels.dtype.kind == "f":
        return stack.astype(np.float64).mean(axis=-1).astype(pixels.dtype)
    numbers = stack.astype(object) if pixels.dtype.itemsize == 8 else stack.astype(np.int64)
    return ((numbers.sum(axis=-1) + len(parts) // 2) // len(parts)).astype(pixels.dtype)


def make_levels(pixels, n_levels, method, *, shrinks_z=False):
    """All levels of an image, t, c, z, y, x."""
    levels = [pixels]
    while len(levels) < n_levels:
        z, y, x = levels[-1].shape[2:]
        factor = (2 if shrinks_z and z > 1 else 1, 2 if y > 1 else 1, 2 if x > 1 else 1)
        levels.append(shrink_whole(levels[-1], factor, method))
    return levels


def make_pixels(shape_tczyx, dtype, seed=0, *, n_values=None):
    """Pixels of any type whose means come out exactly in floating point too: small multiples of 1/4.

    Integers have their extremes among them; few values make ties, as labels do.
    """
    rng, dtype = np.random.default_rng(seed), np.dtype(dtype)
    if n_values is not None:
        return rng.integers(0, n_values, shape_tczyx).astype(dtype)
    if dtype.kind == "b":
        return rng.integers(0, 2, shape_tczyx).astype(bool)
    if dtype.kind == "f":
        return (rng.integers(-60, 60, shape_tczyx) * 4).astype(dtype)
    info = np.iinfo(dtype)
    pixels = rng.integers(info.min, info.max, shape_tczyx, dtype, endpoint=True)
    extreme = rng.integers(0, 8, shape_tczyx)
    pixels[extreme == 0], pixels[extreme == 1] = info.min, info.max
    return pixels


class CountingSource:
    """An array as a source that remembers every window that was read of it."""

    def __init__(self, pixels, *, n_joint_channels=1, chunk_zyx=(1, 1, 1), fails_at=None):
        self.pixels = pixels
        self.shape_tczyx = pixels.shape
        self.dtype = pixels.dtype
        self.n_joint_channels = n_joint_channels
        self.chunk_shape_tczyx = (1, n_joint_channels, *chunk_zyx)
        self.windows = []
        self.fails_at = fails_at
        self.n_closed = 0
        self._lock = threading.Lock()

    def read_into(self, start_tczyx, out_czyx):
        with self._lock:
            if self.fails_at is not None and len(self.windows) == self.fails_at:
                raise RuntimeError("the source ends here")
            self.windows.append((start_tczyx, out_czyx.shape))
        t, c, *start = start_tczyx
        window = [slice(at, at + size) for at, size in zip(start, out_czyx.shape[1:], strict=True)]
        read = self.pixels[t, c : c + len(out_czyx), *window]
        assert read.shape == out_czyx.shape, "the window lies inside the image"
        out_czyx[...] = read

    def close(self):
        self.n_closed += 1

    def count_reads(self):
        """How often each pixel was read."""
        counts = np.zeros(self.shape_tczyx, np.uint8)
        for (t, c, *start), (n_c, *sizes) in self.windows:
            window = [slice(at, at + size) for at, size in zip(start, sizes, strict=True)]
            counts[t, c : c + n_c, *window] += 1
        return counts


class KeepingWriter:
    """A writer that keeps chunks in memory, and counts.

    Attributes:
        chunks: Bytes by place, of stored chunks.
        encoded: Places in the order in which they were encoded.
        reserved: Places in the order in which they got their offsets.
        offsets: Those, 16 apart.
    """

    def __init__(self, *, fails_at=None):
        self.chunks = {}
        self.encoded = []
        self.reserved = []
        self.offsets = {}
        self.n_stored = 0
        self.fails_at = fails_at
        self.is_reserving = threading.Lock()

    def encode(self, place, pixels_czyx):
        from vitrina.pyramid.writer import Encoded

        self.encoded.append(place)
        return [Encoded(place=place, data=np.ascontiguousarray(pixels_czyx).tobytes())]

    def reserve(self, encoded):
        assert self.is_reserving.acquire(blocking=False), "two chunks get their places at the same time"
        offset = self.offsets[encoded.place] = 16 * len(self.reserved)
        self.reserved.append(encoded.place)
        self.is_reserving.release()
        return offset

    def store(self, encoded, offset):
        if self.n_stored == self.fails_at:
            raise OSError("the disk is full")
        assert offset == self.offsets[encoded.place]
        assert encoded.place not in self.chunks
        self.chunks[encoded.place] = encoded.data
        self.n_stored += 1

    def read_stored(self, place, offset, size_bytes):
        raise NotImplementedError

    def restore(self, place, offset, size_bytes):
        raise NotImplementedError

    def read_into(self, place, out_czyx):
        out_czyx[...] = np.frombuffer(self.chunks[place], out_czyx.dtype).reshape(out_czyx.shape)

    def finish(self):
        pass

    def abort(self):
        pass
