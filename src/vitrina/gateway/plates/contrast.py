"""Contrast of a whole plate: the first well is often a control, and bright or dark for that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vitrina.readers.contrast import measure_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.gateway.plates.mosaic import Mosaic
    from vitrina.model.content import Channel

N_FIELDS = 16
"""That are looked at, evenly spread over the plate."""

SIDE_PX = 256
"""Height and width of what is looked at, from the middle of the coarsest level of a field."""


def measure_channels(mosaic: Mosaic, channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """The channels of the mosaic with the windows in which the plate shows something.

    Those that have a window keep it.

    Args:
        mosaic: All fields.
        channels: All channels.
    """
    missing = [number for number, channel in enumerate(channels) if channel.window is None]
    windows = dict(zip(missing, measure_windows(_read_sample(mosaic, missing)), strict=True)) if missing else {}
    return tuple(replace(one, window=one.window or windows.get(i)) for i, one in enumerate(channels))


def _read_sample(mosaic: Mosaic, channels: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.generic]]:
    """Pixels of the middle plane of a few fields, channels x pixels."""
    geometry, step = mosaic.geometry, mosaic.geometry.steps[-1]
    numbers = np.unique(np.linspace(0, len(geometry.fields) - 1, min(N_FIELDS, len(geometry.fields))).round())
    parts = []
    for number in numbers.astype(int):
        field = geometry.fields[number]
        corner, size = ([value // step for value in pair] for pair in (field.corner_yx, field.kind.shape_tczyx[3:]))
        start = [at + max(whole - SIDE_PX, 0) // 2 for at, whole in zip(corner, size, strict=True)]
        shape = [max(min(whole, SIDE_PX), 1) for whole in size]
        z = field.kind.shape_tczyx[2] // 2
        part = np.zeros((len(channels), *shape), mosaic.dtype)
        for i, channel in enumerate(channels):
            mosaic.read_channel(step, (0, channel, z, start[0], start[1]), part[i])
        parts.append(part.reshape(len(channels), -1))
    return np.concatenate(parts, axis=1)
