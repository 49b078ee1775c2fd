"""Small pixels, and what the writers are told of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

type Job = Callable[[Path], object]  # writes one store at a path that is free

SIZES = {"t": 2, "c": 3, "z": 4, "y": 64, "x": 96}
STEPS = {"t": 1.5, "c": 1.0, "z": 2.0, "y": 0.5, "x": 0.5}
UNITS = {"t": "second", "z": "micrometer", "y": "micrometer", "x": "micrometer"}
TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def make_pixels(axes: str, dtype: str) -> np.ndarray:
    """Reproducible noise over named axes; floats lie in 0 to 1."""
    noise = np.random.default_rng(7).random([SIZES[axis] for axis in axes])
    return noise.astype(dtype) if np.dtype(dtype).kind == "f" else (noise * 100).astype(dtype)


def make_ids(axes: str, dtype: str = "uint16") -> np.ndarray:
    """Four labelled squares on a background of zero."""
    ids = np.zeros([SIZES[axis] for axis in axes], dtype)
    for number, (top, left) in enumerate([(4, 4), (4, 50), (36, 4), (36, 50)], start=1):
        ids[..., top : top + 20, left : left + 30] = number
    return ids


def get_shape(axes: str) -> tuple[int, ...]:
    """The sizes of named axes."""
    return tuple(SIZES[axis] for axis in axes)


def get_scale(axes: str) -> list[float]:
    """The steps along named axes, in their units."""
    return [STEPS[axis] for axis in axes]
