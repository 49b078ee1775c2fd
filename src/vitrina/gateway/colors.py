"""Colours and intensity windows for channels that bring none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.content import Channel

type RGB = tuple[int, int, int]

WHITE: RGB = (255, 255, 255)
CHANNEL_COLORS: tuple[RGB, ...] = (
    (64, 108, 255),
    (0, 224, 128),
    (255, 64, 96),
    (255, 200, 40),
    (208, 96, 255),
    (48, 216, 240),
)
"""Bright and far apart, so that they stay apart when added up; the first, for DNA stains, is a readable blue."""

_RANGES = {"uint8": (0.0, 255.0), "int8": (0.0, 127.0), "uint16": (0.0, 65535.0), "int16": (0.0, 32767.0)}


def choose_color(channel: Channel, index: int, n_channels: int) -> RGB:
    """The channel's own colour, else white for an only channel, else one of the palette."""
    if channel.color_rgb is not None:
        return channel.color_rgb
    return WHITE if n_channels == 1 else CHANNEL_COLORS[index % len(CHANNEL_COLORS)]


def choose_window(channel: Channel, dtype: str) -> tuple[float, float]:
    """The channel's own window when it has a width, else the range of small integers, else 0 to 1."""
    if channel.window is not None and channel.window[0] < channel.window[1]:
        return channel.window
    return _RANGES.get(dtype, (0.0, 1.0) if dtype.startswith("float") else (0.0, 65535.0))
