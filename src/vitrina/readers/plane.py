"""One plane of an image, all channels: the middle of the stack, the first time point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from vitrina.model.content import Axis

type Pixels = npt.NDArray[np.generic]


def find_channel_axis(axes: Sequence[Axis]) -> int | None:
    """Number of the channel axis, None when there is none."""
    by_type = (i for i, axis in enumerate(axes) if axis.type == "channel")
    by_name = (i for i, axis in enumerate(axes) if axis.name.lower() == "c")
    return next(by_type, next(by_name, None))


def find_yx(axes: Sequence[Axis]) -> tuple[int, int]:
    """Numbers of the y and x axis: by name, else the last two that are not channels."""
    names = [axis.name.lower() for axis in axes]
    if "y" in names and "x" in names:
        return names.index("y"), names.index("x")
    channel = find_channel_axis(axes)
    others = [i for i in range(len(axes)) if i != channel]
    return others[-2], others[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneReader:
    """Reads parts of the middle plane of one level.

    Attributes:
        array: Anything with NumPy's basic indexing, dimensions in the order of ``axes``.
        shape: Its shape.
        axes: Its axes.
    """

    array: Any
    shape: tuple[int, ...]
    axes: tuple[Axis, ...]

    @property
    def n_channels(self) -> int:
        """Number of channels, 1 without a channel axis."""
        channel = find_channel_axis(self.axes)
        return 1 if channel is None else self.shape[channel]

    @property
    def shape_yx(self) -> tuple[int, int]:
        """Size of the plane."""
        y, x = find_yx(self.axes)
        return self.shape[y], self.shape[x]

    def read(self, rows: slice, columns: slice, n_channels: int) -> Pixels:
        """The window of the first channels, as channel x row x column."""
        import numpy as np

        y, x = find_yx(self.axes)
        channel = find_channel_axis(self.axes)
        index: list[slice | int] = [_choose_index(self.axes[i].name, size) for i, size in enumerate(self.shape)]
        index[y], index[x] = rows, columns
        if channel is not None:
            index[channel] = slice(0, n_channels)
        window = np.asarray(self.array[tuple(index)])
        kept = [i for i in range(len(self.shape)) if i in {y, x, channel}]
        order = [kept.index(i) for i in ([] if channel is None else [channel]) + [y, x]]
        window = window.transpose(order)
        return window[np.newaxis] if channel is None else window


def _choose_index(name: str, size: int) -> int:
    """The middle of a stack, the first of anything else such as time."""
    return size // 2 if name.lower() == "z" else 0
