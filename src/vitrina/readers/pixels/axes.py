"""Dimensions of an array in any order, and the one order t, c, z, y, x in which pixels are handed out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from vitrina.errors import UnsupportedError
from vitrina.readers.plane import find_yx

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from vitrina.model.content import Axis

type Pixels = npt.NDArray[np.generic]
type ShapeTczyx = tuple[int, int, int, int, int]
type Role = Literal["t", "c", "z", "y", "x"]

MAX_JOINT_CHANNELS = 8
"""More interleaved channels than this are read in parts: all of them at once would fill the memory."""

_ROLES: tuple[Role, ...] = ("t", "c", "z", "y", "x")
_FREE_ROLES: tuple[Role, ...] = ("t", "z", "c")
_NAMED: dict[str, Role] = {"t": "t", "c": "c", "z": "z", "s": "c"}
_TYPED: dict[str | None, Role] = {"time": "t", "channel": "c", "space": "z"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisPlan:
    """What each dimension of an array stands for.

    Attributes:
        shape: Of the array.
        roles: Per dimension; None for one of size 1 without a meaning. Only channels may take several dimensions, of
            which the first varies slowest.
    """

    shape: tuple[int, ...]
    roles: tuple[Role | None, ...]

    @property
    def shape_tczyx(self) -> ShapeTczyx:
        """Size in pixels; 1 for what the array lacks."""
        t, c, z, y, x = (math.prod(self.shape[i] for i in self.find_dims(role)) for role in _ROLES)
        return t, c, z, y, x

    @property
    def channel_dim(self) -> int | None:
        """Number of the channels' fastest dimension, None without channels."""
        return max(self.find_dims("c"), default=None)

    def find_dims(self, role: Role) -> tuple[int, ...]:
        """Numbers of the dimensions that have a role, slowest first."""
        return _find_dims(self.roles, role)

    def arrange(self, chunk_shape: Sequence[int]) -> ShapeTczyx:
        """The shape of a part of the array, given per dimension, in the order t, c, z, y, x.

        Of several dimensions that are channels only the fastest counts. No part is larger than the array.
        """
        last = (max(self.find_dims(role), default=None) for role in _ROLES)
        t, c, z, y, x = (1 if dim is None else min(chunk_shape[dim], self.shape[dim]) for dim in last)
        return t, c, z, y, x

    def locate(self, start_tczyx: ShapeTczyx, shape_czyx: Sequence[int]) -> tuple[slice, ...]:
        """The window as one slice per dimension of the array.

        Args:
            start_tczyx: Its first pixel.
            shape_czyx: Its size, the channels within one run of the fastest channel dimension.
        """
        starts: list[int] = [0] * len(self.shape)
        sizes = [1] * len(self.shape)
        for role, start, size in zip(_ROLES, start_tczyx, (1, *shape_czyx), strict=True):
            dims = _find_dims(self.roles, role)
            rest = start
            for dim in reversed(dims):
                rest, starts[dim] = divmod(rest, self.shape[dim]) if role == "c" else (0, rest)
            if dims:
                sizes[dims[-1]] = size
        return tuple(slice(start, start + size) for start, size in zip(starts, sizes, strict=True))

    def view(self, window_czyx: Pixels) -> Pixels:
        """A window with the dimensions of the array: the same memory, one dimension per dimension of the array."""
        taken, order, spread = _plan_view(self.roles)
        return window_czyx[taken].transpose(order)[spread]


@cache
def _find_dims(roles: tuple[Role | None, ...], role: Role) -> tuple[int, ...]:
    return tuple(i for i, own in enumerate(roles) if own == role)


@cache
def _plan_view(
    roles: tuple[Role | None, ...],
) -> tuple[tuple[slice | int, ...], list[int], tuple[slice | None, ...]]:
    """Which of c, z, y and x are taken of a window, in which order, and where dimensions of size 1 go in between."""
    last = [max(_find_dims(roles, role), default=None) for role in _ROLES[1:]]
    kept = [i for i, dim in enumerate(last) if dim is not None]
    taken = tuple(slice(None) if dim is not None else 0 for dim in last)
    order = sorted(range(len(kept)), key=lambda i: last[kept[i]] or 0)
    dims = {dim for dim in last if dim is not None}
    return taken, order, tuple(slice(None) if i in dims else None for i in range(len(roles)))


def plan_axes(axes: Sequence[Axis], shape: tuple[int, ...], where: str) -> AxisPlan:
    """What each dimension stands for, by its name, else by its type, else by what is still free.

    ``s``, the samples of a pixel, are channels, together with ``c`` where both are there. A dimension that says nothing
    is left out when its size is 1; else it takes the first of time, depth and channels that is free.

    Args:
        axes: Per dimension; names in any case.
        shape: Of the array.
        where: What is read, for the error.

    Raises:
        UnsupportedError: There are more dimensions than time, channels, depth, rows and columns.
    """
    y, x = find_yx(axes)
    roles: dict[int, Role] = {y: "y", x: "x"}
    others = [i for i in range(len(shape)) if i not in roles]
    for i in others:
        role = _NAMED.get(axes[i].name.lower())
        if role is not None and (role == "c" or role not in roles.values()):
            roles[i] = role
    for i in others:
        role = _TYPED.get(axes[i].type)
        if i not in roles and role is not None and role not in roles.values():
            roles[i] = role
    for i in others:
        free = [role for role in _FREE_ROLES if role not in roles.values()]
        if i in roles or shape[i] == 1:
            continue
        if not free:
            raise _too_many(axes, shape, i, where)
        roles[i] = free[0]
    return AxisPlan(shape=shape, roles=tuple(roles.get(i) for i in range(len(shape))))


def plan_joint_channels(n_stored_together: int, n_channels: int) -> int:
    """How many channels to read at once: as many as lie together, at most eight, so that they divide the channels.

    Args:
        n_stored_together: Channels in one chunk, or interleaved samples.
        n_channels: Of the dimension in which they lie.
    """
    together = math.gcd(min(n_stored_together, n_channels), n_channels)
    return max(n for n in range(1, MAX_JOINT_CHANNELS + 1) if together % n == 0)


def _too_many(axes: Sequence[Axis], shape: tuple[int, ...], dim: int, where: str) -> UnsupportedError:
    sizes = ", ".join(f"{axis.name} {size}" for axis, size in zip(axes, shape, strict=True))
    return UnsupportedError(
        "axes-unsupported",
        f"The image in {where} has the axes {sizes}; {axes[dim].name!r} has no place, since an image has at most time, "
        "channels, depth, rows and columns.",
        hint="Save each position along that axis as an image of its own, or join it with the channels.",
        where=where,
    )
