"""One image made of many planes: which file holds which, and which are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.readers.planes.numbers import plan_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vitrina.readers.planes.numbers import Numbering

type PlaneIndex = tuple[int, int, int]
"""Time point, channel and depth, counted from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneName:
    """What the name of a file says of the plane in it.

    Attributes:
        path: Of the file, below the folder.
        t: Number of the time point.
        channel: Name of the channel.
        z: Number of the plane.
    """

    path: str
    t: int = 0
    channel: str = ""
    z: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackAxes:
    """What the places along the axes are, alike for all images that belong together."""

    t: Numbering
    channels: tuple[str, ...]
    z: Numbering

    @property
    def n_planes(self) -> int:
        """Planes of a complete image."""
        return len(self.t) * len(self.channels) * len(self.z)


def plan_stack(names: Iterable[PlaneName], *, n_z: int | None = None, channel_order: Sequence[str] = ()) -> StackAxes:
    """The axes that the names of files span.

    Args:
        names: At least one.
        n_z: How many planes there should be, where metadata says so.
        channel_order: Channels that come first, in this order; the others follow by name.
    """
    listed = list(names)
    found = {name.channel for name in listed}
    first = [channel for channel in channel_order if channel in found]
    return StackAxes(
        t=plan_numbers(name.t for name in listed),
        channels=(*first, *sorted(found.difference(first), key=_order_naturally)),
        z=plan_numbers((name.z for name in listed), n_expected=n_z),
    )


def place_planes(names: Iterable[PlaneName], axes: StackAxes) -> tuple[dict[PlaneIndex, str], list[str]]:
    """Which file holds which plane, and files whose plane is another's already."""
    numbers = {channel: number for number, channel in enumerate(axes.channels)}
    placed: dict[PlaneIndex, str] = {}
    doubled = []
    for name in names:
        index = axes.t.find(name.t), numbers[name.channel], axes.z.find(name.z)
        if index in placed:
            doubled.append(name.path)
        else:
            placed[index] = name.path
    return placed, doubled


def list_missing(placed: Mapping[PlaneIndex, str], axes: StackAxes, limit: int = 4) -> list[str]:
    """The first planes without a file, in words."""
    missing: list[str] = []
    for t, t_number in enumerate(axes.t.numbers):
        for c, channel in enumerate(axes.channels):
            for z, z_number in enumerate(axes.z.numbers):
                if (t, c, z) in placed:
                    continue
                missing.append(_describe(axes, t_number, channel, z_number))
                if len(missing) == limit:
                    return missing
    return missing


def _describe(axes: StackAxes, t: int, channel: str, z: int) -> str:
    parts = [f"time {t}"] * (len(axes.t) > 1) + [f"channel {channel}"] * (len(axes.channels) > 1)
    return ", ".join([*parts, *[f"z {z}"] * (len(axes.z) > 1)]) or "the only plane"


def _order_naturally(name: str) -> tuple[int, int, str]:
    """Numbers by size, before other names."""
    return (0, int(name), name) if name.isdecimal() and len(name) < 10 else (1, 0, name)
