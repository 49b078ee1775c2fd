"""Colours of groups, and intensity windows, for data that brings none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.content import Channel

GROUP_COLORS = (
    (68, 119, 170),
    (238, 102, 119),
    (34, 136, 51),
    (204, 187, 68),
    (102, 204, 238),
    (170, 51, 119),
    (238, 119, 51),
    (0, 153, 136),
    (136, 102, 204),
    (153, 153, 51),
    (221, 119, 170),
    (102, 153, 204),
)
"""Qualitative colours that stay apart for colour-blind readers. Source: P. Tol, https://personal.sron.nl/~pault/."""

_RANGES = {
    "bool": (0.0, 1.0),
    "uint8": (0.0, 255.0),
    "int8": (-128.0, 127.0),
    "uint16": (0.0, 65535.0),
    "int16": (-32768.0, 32767.0),
}


def choose_window(channel: Channel, dtype: str) -> tuple[float, float]:
    """The channel's own window when it has a width, else from 0 to the largest value of a small type, else to 1."""
    if channel.window is not None and channel.window[0] < channel.window[1]:
        return channel.window
    limits = find_range(dtype)
    return (0.0, limits[1]) if limits else (0.0, 1.0 if dtype.startswith("float") else 65535.0)


def choose_group_color(index: int) -> tuple[int, int, int]:
    """Colour of a cell set or cluster; every other turn of the palette is lighter."""
    red, green, blue = GROUP_COLORS[index % len(GROUP_COLORS)]
    if index // len(GROUP_COLORS) % 2:
        return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2
    return red, green, blue


def find_range(dtype: str) -> tuple[float, float] | None:
    """All values that a small integer type can have; None for wider types, whose range says nothing about contrast."""
    return _RANGES.get(dtype)
