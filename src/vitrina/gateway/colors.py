"""Colours of groups, for data that brings none."""

from __future__ import annotations

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


def choose_group_color(index: int) -> tuple[int, int, int]:
    """Colour of a cell set or cluster; every other turn of the palette is lighter."""
    red, green, blue = GROUP_COLORS[index % len(GROUP_COLORS)]
    if index // len(GROUP_COLORS) % 2:
        return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2
    return red, green, blue
