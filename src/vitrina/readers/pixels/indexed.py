"""A source of pixels as an array: what describes and previews images takes windows of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.pixels.axes import plan_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from vitrina.model.content import Axis
    from vitrina.pyramid.source import Pixels, PixelSource


class IndexedPixels:
    """The pixels of a source, indexed by whole numbers and slices, with the dimensions of the element that it is of.

    Args:
        source: The pixels.
        axes: Of the element, at most one of them channels.
        shape: Of the element.
    """

    def __init__(self, source: PixelSource, axes: Sequence[Axis], shape: tuple[int, ...]) -> None:
        self._source = source
        self._roles = plan_axes(axes, shape, "the image").roles
        self.shape = shape
        self.dtype: np.dtype[Any] = source.dtype

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def __getitem__(self, index: Any, /) -> Pixels:
        """A window as an array in memory."""
        import numpy as np

        own = index if isinstance(index, tuple) else (index,)
        if Ellipsis in own:
            at = own.index(Ellipsis)
            own = (*own[:at], *[slice(None)] * (self.ndim - len(own) + 1), *own[at + 1 :])
        own = (*own, *[slice(None)] * (self.ndim - len(own)))
        ranges = [_find_range(one, size) for one, size in zip(own, self.shape, strict=True)]
        window = self._read(ranges)
        return np.asarray(window[tuple(0 if not isinstance(one, slice) else slice(None) for one in own)])

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> Pixels:
        """All pixels."""
        import numpy as np

        return np.asarray(self[...], dtype=dtype, copy=copy)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _read(self, ranges: list[range]) -> Pixels:
        import numpy as np

        spans = {role: own for role, own in zip(self._roles, ranges, strict=True) if role is not None}
        ts, cs, zs, ys, xs = (spans.get(role, range(1)) for role in ("t", "c", "z", "y", "x"))
        joint = self._source.n_joint_channels
        first, last = (cs[0] // joint, cs[-1] // joint) if cs else (0, -1)
        n_read = (last - first + 1) * joint
        read = np.empty((len(ts), n_read, *map(_measure, (zs, ys, xs))), self.dtype)
        for i, t in enumerate(ts):
            for block in range(n_read // joint):
                part = read[i, block * joint : (block + 1) * joint]
                if part.size:
                    start = (t, (first + block) * joint, zs.start, ys.start, xs.start)
                    self._source.read_into(start, part)
        picked = read[:, [c - first * joint for c in cs], :: zs.step, :: ys.step, :: xs.step]
        order = [("t", "c", "z", "y", "x").index(role) for role in self._roles if role is not None]
        rest = [i for i in range(5) if i not in order]
        moved = picked.transpose(*rest, *order)[(0,) * len(rest)]
        shaped: Pixels = moved.reshape([len(own) for own in ranges])
        return shaped


def _find_range(index: Any, size: int) -> range:
    if not isinstance(index, slice):
        return range(int(index), int(index) + 1)
    found = range(*index.indices(size))
    if found.step < 1:
        raise IndexError("windows go forward only")
    return found


def _measure(span: range) -> int:
    return span[-1] + 1 - span[0] if span else 0
