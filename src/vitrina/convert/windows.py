"""Contrast windows of the channels of what was written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Channel
    from vitrina.pyramid.source import PixelSource

type WindowKind = Literal["sample", "range", "none"]


def choose_windows(channels: Sequence[Channel], kind: WindowKind, finest: PixelSource) -> tuple[Channel, ...]:
    """Channels with the windows that are asked for.

    Args:
        channels: With the windows that the source states or a reader measured on a sample, without outliers.
        kind: ``sample`` for these; ``range`` from the smallest to the largest value of each channel, for which all
            pixels are read; ``none`` for what the type of the pixels can hold.
        finest: The finest level.
    """
    if kind == "sample" or not channels:
        return tuple(channels)
    if kind == "none":
        return tuple(replace(channel, window=None) for channel in channels)
    ranges = measure_ranges(finest)
    return tuple(replace(channel, window=window) for channel, window in zip(channels, ranges, strict=True))


def measure_ranges(source: PixelSource) -> list[tuple[float, float] | None]:
    """The smallest and the largest finite value of each channel, None for one without."""
    n_t, n_c, depth, height, width = source.shape_tczyx
    joint = source.n_joint_channels
    _, _, step_z, step_y, step_x = source.chunk_shape_tczyx
    lows, highs = np.full(n_c, np.inf), np.full(n_c, -np.inf)
    for t, first in np.ndindex(n_t, n_c // joint):
        for z in range(0, depth, step_z):
            for y in range(0, height, step_y):
                for x in range(0, width, step_x):
                    size = min(step_z, depth - z), min(step_y, height - y), min(step_x, width - x)
                    window = np.empty((joint, *size), source.dtype)
                    source.read_into((t, first * joint, z, y, x), window)
                    for channel, pixels in enumerate(window, first * joint):
                        finite = pixels[np.isfinite(pixels)] if pixels.dtype.kind == "f" else pixels
                        if finite.size:
                            lows[channel] = min(lows[channel], float(finite.min()))
                            highs[channel] = max(highs[channel], float(finite.max()))
    return [(float(low), float(high)) if low <= high else None for low, high in zip(lows, highs, strict=True)]
