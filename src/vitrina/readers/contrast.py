"""Contrast windows, measured on a bounded sample of the coarsest level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.content import Channel
    from vitrina.readers.plane import Pixels, PlaneReader

LOW_PERCENT, HIGH_PERCENT = 1.0, 99.8
"""Share of pixels below the lowest and highest intensity to display: the background is cut, few highlights burn out."""

MAX_WHOLE_PIXELS = 16 * 2**20
"""Up to this many pixels over all channels, the whole plane is the sample."""

MAX_CHANNELS = 128
"""Further channels of an image are not measured."""

GRID, TILE = 3, 256
"""Larger planes are sampled in 3 x 3 evenly spread tiles of this side."""

type Window = tuple[float, float]

_RANGES = {
    "bool": (0.0, 1.0),
    "uint8": (0.0, 255.0),
    "int8": (-128.0, 127.0),
    "uint16": (0.0, 65535.0),
    "int16": (-32768.0, 32767.0),
}


def plan_sample(height: int, width: int, n_channels: int) -> list[tuple[slice, slice]]:
    """Windows of rows and columns that together are the sample: the whole plane, or evenly spread tiles."""
    if height * width * n_channels <= MAX_WHOLE_PIXELS:
        return [(slice(0, height), slice(0, width))]
    return [(rows, columns) for rows in _spread(height) for columns in _spread(width)]


def read_sample(plane: PlaneReader) -> Pixels:
    """Pixels of the sample as channel x pixel."""
    import numpy as np

    n_channels = min(plane.n_channels, MAX_CHANNELS)
    windows = plan_sample(*plane.shape_yx, n_channels)
    parts = [plane.read(rows, columns, n_channels).reshape(n_channels, -1) for rows, columns in windows]
    return np.concatenate(parts, axis=1)


def measure_windows(sample: Pixels) -> list[Window | None]:
    """Lowest and highest intensity to display per channel; None for a channel without a finite value.

    Args:
        sample: Channel x pixel.
    """
    return [_measure_window(channel) for channel in sample]


def choose_window(declared: Window | None, measured: Window | None, dtype: str) -> Window | None:
    """The source's own window where it is a choice that shows something, else the measured one.

    A window that spans the whole range of the data type is no choice, and one that misses the data shows nothing.
    """
    if declared is None or declared[0] >= declared[1] or declared == _get_range(dtype):
        return measured
    if measured is not None and (declared[0] >= measured[1] or declared[1] <= measured[0]):
        return measured
    return declared


def complete_window(channel: Channel, dtype: str) -> Window:
    """The channel's own window when it has a width, else from 0 to the largest value of a small type, else to 1."""
    if channel.window is not None and channel.window[0] < channel.window[1]:
        return channel.window
    limits = find_range(dtype)
    return (0.0, limits[1]) if limits else (0.0, 1.0 if dtype.startswith("float") else 65535.0)


def find_range(dtype: str) -> Window | None:
    """All values that a small integer type can have; None for wider types, whose range says nothing about contrast."""
    return _RANGES.get(dtype)


def _measure_window(pixels: Pixels) -> Window | None:
    import numpy as np

    sample = pixels[:: max(1, pixels.size // 1_000_000)]
    if sample.size == 0:
        return None
    if sample.dtype.name in _RANGES:
        low, high, least, most = _count_percentiles(sample)
    else:
        values = sample.astype(np.float64)
        values = values[np.isfinite(values)]
        if values.size == 0:
            return None
        low, high = (float(value) for value in np.percentile(values, [LOW_PERCENT, HIGH_PERCENT]))
        least, most = float(values.min()), float(values.max())
    if low >= high:  # almost all pixels are equal: a few bright spots on nothing, or nothing at all
        low, high = least, most
    return (low, high) if low < high else (low, low + 1.0)


def _count_percentiles(values: Pixels) -> tuple[float, float, float, float]:
    """The percentiles, the least and the most of values of a small integer type, from how often each value occurs."""
    import numpy as np

    offset = int(_RANGES[values.dtype.name][0])
    shifted: Any = values.astype(np.int32) - offset if offset else values
    up_to: Any = np.cumsum(np.bincount(shifted))  # how many values are not larger than each
    last = values.size - 1

    def find(rank: int) -> float:
        return float(up_to.searchsorted(rank, side="right")) + offset

    low, high = (_interpolate(find, last * (percent / 100.0), last) for percent in (LOW_PERCENT, HIGH_PERCENT))
    return low, high, find(0), find(last)


def _interpolate(find: Callable[[int], float], position: float, last: int) -> float:
    """Between the two values whose ranks are next to a position: to the last bit what ``numpy.percentile`` does.

    Source: https://numpy.org/doc/stable/reference/generated/numpy.quantile.html, method ``linear``
    """
    rank = int(position)
    below, above = find(rank), find(min(rank + 1, last))
    share = position - rank
    step = above - below
    return above - step * (1 - share) if share >= 0.5 else below + step * share


def _get_range(dtype: str) -> Window | None:
    import numpy as np

    try:
        limits = np.iinfo(dtype)
    except (TypeError, ValueError):
        return None
    return float(limits.min), float(limits.max)


def _spread(size: int) -> list[slice]:
    """Three tiles: centred in the first, second and last third."""
    starts = (max(0, (2 * i + 1) * size // (2 * GRID) - TILE // 2) for i in range(GRID))
    return [slice(start, min(size, start + TILE)) for start in starts]
