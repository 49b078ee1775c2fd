"""Colours for channels that bring none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.content import Channel

type RGB = tuple[int, int, int]

WHITE: RGB = (255, 255, 255)
PALETTE: tuple[RGB, ...] = (
    (64, 108, 255),
    (0, 224, 128),
    (255, 64, 96),
    (255, 200, 40),
    (208, 96, 255),
    (48, 216, 240),
)
"""Bright and far apart, so that they stay apart when added up; the first, for DNA stains, is a readable blue."""


def choose_color(channel: Channel, index: int, n_channels: int) -> RGB:
    """The channel's own colour, else white for an only channel, else one of the palette."""
    if channel.color_rgb is not None:
        return channel.color_rgb
    return WHITE if n_channels == 1 else PALETTE[index % len(PALETTE)]
