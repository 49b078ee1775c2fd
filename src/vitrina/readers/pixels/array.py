"""Pixels of an array in memory, or of anything that is indexed like one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from vitrina.model.content import Axis
from vitrina.readers.pixels.axes import plan_axes, plan_joint_channels
from vitrina.readers.pixels.dtype import check_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from vitrina.readers.pixels.axes import Pixels, ShapeTczyx


class ArrayLike(Protocol):
    """What is needed of an array: NumPy, Zarr, HDF5, xarray and Dask all have it."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> Any: ...

    def __getitem__(self, window: Any, /) -> Any: ...


class ArrayPixels:
    """Windows of an array whose dimensions lie in any order. As safe in several threads as the array is.

    Args:
        array: Its windows are taken with slices only.
        axes: One letter per dimension, such as ``zcyx``, or the axes themselves.
        where: What it is, for errors.

    Raises:
        UnsupportedError: It has too many dimensions, or values that are no pixels.
    """

    def __init__(self, array: ArrayLike, axes: str | Sequence[Axis], where: str = "the array") -> None:
        named = [Axis(name=axis) for axis in axes] if isinstance(axes, str) else axes
        shape = tuple(int(size) for size in array.shape)
        self.dtype: np.dtype[Any] = check_dtype(array.dtype, where)
        self._array = array
        self._plan = plan_axes(named, shape, where)
        self.shape_tczyx: ShapeTczyx = self._plan.shape_tczyx
        chunks = _find_chunk_shape(array)
        dim = self._plan.channel_dim
        self.n_joint_channels: int = 1 if dim is None else plan_joint_channels(chunks[dim], shape[dim])
        self.chunk_shape_tczyx: ShapeTczyx = self._plan.arrange(chunks)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        import numpy as np

        window = self._plan.locate(start_tczyx, out_czyx.shape)
        np.copyto(self._plan.view(out_czyx), np.asarray(self._array[window]))

    def close(self) -> None:
        """The array belongs to the caller."""


def _find_chunk_shape(array: Any) -> tuple[int, ...]:
    """Size of the largest chunk along each dimension; single pixels where any part is read alike."""
    chunks = getattr(array, "chunks", None) or (1,) * len(array.shape)
    return tuple(int(max(sizes)) if isinstance(sizes, tuple) else int(sizes) for sizes in chunks)
