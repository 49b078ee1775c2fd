"""Filters that look further than the pixels that become one: gaussian, linear, cubic, Lanczos.

Each makes a level half as large of the level before. A new pixel lies in the middle of the two that it replaces along
each axis, so weights are symmetric about it and levels stay aligned. At the edge of the image the weights of pixels
that are not there are left out, and the others are scaled up to a sum of one.

Linear, cubic and Lanczos are stretched by the factor 2, which removes what the smaller image cannot show. Source: the
kernels of Pillow, https://pillow.readthedocs.io/en/stable/handbook/concepts.html#filters (triangle; cubic with a =
-0.5, R. Keys 1981, doi:10.1109/TASSP.1981.1163711; Lanczos with three lobes). The gaussian has a standard deviation of
2 * factor / 6 pixels, as that of scikit-image's ``pyramid_reduce``.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from vitrina.pyramid.plan import LevelPlan
    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx

type Filter = Literal["gaussian", "linear", "cubic", "lanczos"]

FACTOR = 2

_SUPPORT: dict[Filter, float] = {
    "gaussian": 3 * 2 * FACTOR / 6,
    "linear": 1 * FACTOR,
    "cubic": 2 * FACTOR,
    "lanczos": 3 * FACTOR,
}
"""How far weights reach, in pixels of the larger image; the gaussian is cut off at three standard deviations."""


class ResampledLevel:
    """A level as it comes out of the one before; a ``PixelSource``.

    Args:
        source: The level before.
        level: The level: its shape, and the axes along which it is half as large.
        kind: Which filter.
    """

    def __init__(self, source: PixelSource, level: LevelPlan, kind: Filter) -> None:
        self._source = source
        self._factors = level.factor_zyx
        self._weights = build_weights(kind)
        self.shape_tczyx: ShapeTczyx = level.shape_tczyx
        self.dtype: np.dtype[Any] = source.dtype
        self.n_joint_channels = source.n_joint_channels
        self.chunk_shape_tczyx = source.chunk_shape_tczyx

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        reach = len(self._weights) // 2 - 1
        t, c, *start = start_tczyx
        lows, highs, missing = [], [], []
        for first, size, factor, whole in zip(
            start, out_czyx.shape[1:], self._factors, self._source.shape_tczyx[2:], strict=True
        ):
            extra = reach if factor == FACTOR else 0
            low, high = first * factor - extra, (first + size) * factor + extra
            lows.append(max(low, 0))
            highs.append(min(high, whole))
            missing.append((max(-low, 0), max(high - whole, 0)))
        shape = [high - low for low, high in zip(lows, highs, strict=True)]
        window = np.empty((len(out_czyx), *shape), self.dtype)
        self._source.read_into((t, c, lows[0], lows[1], lows[2]), window)
        exact = np.float64 if self.dtype.itemsize > 2 else np.float32
        values = window.astype(exact)
        for axis, factor in enumerate(self._factors):
            if factor == FACTOR:
                values = _shrink_axis(values, axis + 1, missing[axis], self._weights.astype(exact))
        out_czyx[...] = _to_type(values, self.dtype)

    def close(self) -> None:
        self._source.close()


def build_weights(kind: Filter) -> Any:
    """Weights of the pixels about the middle between two pixels, an even number of them, with a sum of one."""
    reach = math.ceil(_SUPPORT[kind])
    distances = np.arange(-reach, reach) + 0.5
    scaled = np.abs(distances) / FACTOR
    weights: Any
    if kind == "gaussian":
        weights = np.exp(-(distances**2) / (2 * (2 * FACTOR / 6) ** 2))
    elif kind == "linear":
        weights = np.maximum(1 - scaled, 0)
    elif kind == "cubic":
        near = 1.5 * scaled**3 - 2.5 * scaled**2 + 1
        far = -0.5 * scaled**3 + 2.5 * scaled**2 - 4 * scaled + 2
        weights = np.where(scaled < 1, near, np.where(scaled < 2, far, 0))
    else:
        weights = np.where(scaled < 3, np.sinc(scaled) * np.sinc(scaled / 3), 0)
    return weights / weights.sum()


def _shrink_axis(values: Any, axis: int, missing: tuple[int, int], weights: Any) -> Any:
    """Half as many values along an axis, on which values are missing before the first and after the last."""
    moved = np.moveaxis(values, axis, -1)
    padded = np.pad(moved, [(0, 0)] * (moved.ndim - 1) + [missing])
    is_there = np.pad(np.ones(moved.shape[-1], weights.dtype), missing)
    n_out = (padded.shape[-1] - len(weights)) // FACTOR + 1
    total = np.zeros((*padded.shape[:-1], n_out), padded.dtype)
    share = np.zeros(n_out, weights.dtype)
    for i, weight in enumerate(weights):
        taken = slice(i, i + FACTOR * (n_out - 1) + 1, FACTOR)
        total += weight * padded[..., taken]
        share += weight * is_there[taken]
    return np.moveaxis(total / share, -1, axis)


def _to_type(values: Any, dtype: np.dtype[Any]) -> Any:
    """Rounded, halves up, and cut to the range of an integer type: filters with negative weights overshoot."""
    if dtype.kind == "f":
        return values.astype(dtype)
    if dtype.kind == "b":
        return values >= 0.5
    low, high = float(np.iinfo(dtype).min), float(np.iinfo(dtype).max)
    if dtype.itemsize == 8:
        high = float(
            np.nextafter(high, 0)
        )  # the largest integer of 64 bits is no float, and the next float is above it
    return np.clip(np.floor(values + 0.5), low, high).astype(dtype)
