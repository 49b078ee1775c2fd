"""Arrays of a running program: NumPy, Dask, xarray, Zarr, HDF5, or whatever is indexed like one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError, UnreadableError, UnsupportedError
from vitrina.model.content import Axis, Channel, Content, Level
from vitrina.readers.array_axes import find_unit, name_axes, tell_guess
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.model.content import AxisType, ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource

_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


@dataclass(frozen=True)
class ArraySource(Source):
    """An array as a source.

    Attributes:
        array: Windows of it are taken with slices, from several threads.
        axes: One letter per dimension; by its own names or its sizes unless given.
        pixel_size_um: Size of a pixel in micrometers: one for y and x, or by letter.
        channels: Names of channels.
        is_labels: Whether pixels are ids; by its look unless given.
    """

    array: Any = field(default=None, kw_only=True, compare=False)
    axes: str | None = field(default=None, kw_only=True)
    pixel_size_um: float | Mapping[str, float] | None = field(default=None, kw_only=True, compare=False)
    channels: Sequence[str] = field(default=(), kw_only=True, compare=False)
    is_labels: bool | None = field(default=None, kw_only=True)


class MemoryArrayReader(PixelReader):
    """Reads ``ArraySource``."""

    format = "array"

    def detect(self, source: Source) -> bool:
        return isinstance(source, ArraySource)

    def read_content(self, source: Source) -> Content:
        own = _get(source)
        stored, is_guess = _describe(own)
        element, guessed = describe_stored(self, own, stored)
        told = (tell_guess("", stored.levels[0].shape, stored.axes),) if is_guess else ()
        return Content(format=self.format, elements=(element,), findings=(*told, *guessed))

    def open_object(self, source: Source) -> object:
        return _get(source).array

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:  # noqa: ARG002 there is one
        return ArrayPixels(_unwrap(_get(source).array), element.axes, str(source.path))


def _get(source: Source) -> ArraySource:
    if not isinstance(source, ArraySource):
        raise UnreadableError("array-missing", f"{source.path} is no array of a running program.")
    return source


def _unwrap(array: Any) -> Any:
    """What is indexed: the variable inside of a DataArray, one Dask array computed window by window."""
    inside = getattr(array, "variable", array)  # an xarray.DataArray
    lazy = getattr(inside, "data", array) if inside is not array else array
    return _DaskWindows(lazy) if hasattr(lazy, "dask") and hasattr(lazy, "compute") else lazy


class _DaskWindows:
    """A Dask array whose windows are computed by the thread that asks, so that memory and threads stay bounded."""

    def __init__(self, array: Any) -> None:
        self._array = array
        self.shape = tuple(array.shape)
        self.dtype = array.dtype
        self.chunks = array.chunks

    def __getitem__(self, window: Any, /) -> Any:
        return self._array[window].compute(scheduler="synchronous")


def _describe(source: ArraySource) -> tuple[StoredImage, bool]:
    array = source.array
    try:
        shape = tuple(int(size) for size in array.shape)
        dtype = str(array.dtype)
    except (AttributeError, TypeError, ValueError) as err:
        raise InputError("array-unclear", f"{type(array).__name__} is no array with a known shape and type.") from err
    if not 2 <= len(shape) <= 5:
        raise UnsupportedError(
            "axes-unsupported",
            f"The array has {len(shape)} dimensions; an image has 2 to 5: rows and columns, depth, channels, time.",
        )
    dims = [str(dim) for dim in getattr(array, "dims", ())]
    coordinates = [_read_coordinates(array, dim) for dim in dims] if hasattr(array, "coords") else []
    named = name_axes(shape, dims, [unit for _, _, unit in coordinates])
    axes, is_guess = named.axes, named.is_guess
    if source.axes is not None:
        axes, is_guess = _check_axes(source.axes, shape), False
        coordinates = coordinates if len(dims) == len(shape) else []
    steps = coordinates or [(1.0, 0.0, None)] * len(shape)
    sizes = _find_sizes(source, axes)
    level = Level(
        path="",
        shape=shape,
        chunk_shape=None,
        scale=tuple(sizes.get(a.name, 1.0 if a.name == "c" else s[0]) for a, s in zip(axes, steps, strict=True)),
        translation=tuple(0.0 if a.name == "c" else s[1] for a, s in zip(axes, steps, strict=True)),
    )
    stored = StoredImage(
        name=str(getattr(array, "name", None) or "image") if hasattr(array, "dims") else "image",
        path="",
        axes=tuple(Axis(name=a.name, type=a.type, unit="micrometer" if a.name in sizes else a.unit) for a in axes),
        dtype=dtype.removeprefix(">").removeprefix("<"),
        levels=(level,),
        channels=_name_channels(source, axes, shape),
        is_labels=source.is_labels,
    )
    return stored, is_guess


def _check_axes(letters: str, shape: tuple[int, ...]) -> tuple[Axis, ...]:
    is_sound = len(letters) == len(shape) and len(set(letters)) == len(letters) and set(letters) <= set(_TYPES)
    if not is_sound or not {"y", "x"} <= set(letters):
        raise InputError(
            "axes-unclear",
            f"The axes {letters!r} do not fit to the shape {shape}: one letter of t, c, z, y, x for each dimension.",
            hint="Give for example axes='zyx'.",
        )
    return tuple(Axis(name=letter, type=_TYPES[letter]) for letter in letters)


def _find_sizes(source: ArraySource, axes: Sequence[Axis]) -> dict[str, float]:
    """Sizes of a pixel in micrometers by letter, of the axes that have one."""
    stated = source.pixel_size_um
    if stated is None:
        return {}
    sizes = {"y": stated, "x": stated} if isinstance(stated, int | float) else dict(stated)
    wrong = [name for name, size in sizes.items() if name not in {"z", "y", "x"} or not 0 < float(size) < float("inf")]
    if wrong:
        raise InputError(
            "pixel-size-unclear",
            f"The pixel size along {wrong[0]!r} makes no sense: {sizes[wrong[0]]!r}; z, y and x have sizes above 0.",
        )
    return {axis.name: float(sizes[axis.name]) for axis in axes if axis.name in sizes}


def _name_channels(source: ArraySource, axes: Sequence[Axis], shape: tuple[int, ...]) -> tuple[Channel, ...]:
    index = next((i for i, axis in enumerate(axes) if axis.name == "c"), None)
    n_channels = 1 if index is None else shape[index]
    names = [str(name) for name in source.channels]
    coords = getattr(source.array, "coords", None)
    if not names and index is not None and coords is not None:
        dim = str(source.array.dims[index])
        names = [str(value) for value in coords[dim].values] if dim in coords else []
    if source.channels and len(names) != n_channels:
        raise InputError("channels-unclear", f"{len(names)} channels are named, but the array has {n_channels}.")
    return tuple(Channel(name=name) for name in names)


def _read_coordinates(array: Any, dim: str) -> tuple[float, float, str | None]:
    """Step, first value and unit of evenly spaced coordinates of a DataArray; 1 and 0 for any other."""
    import numpy as np

    if dim not in array.coords or array.coords[dim].ndim != 1 or array.coords[dim].dtype.kind not in "iuf":
        return 1.0, 0.0, None
    unit = find_unit(array.coords[dim].attrs.get("units"))
    values = np.asarray(array.coords[dim].values, np.float64)
    steps = np.diff(values)
    if len(values) < 2 or not np.isfinite(values).all() or steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=1e-3):
        return 1.0, 0.0, None
    return float((values[-1] - values[0]) / (len(values) - 1)), float(values[0]), unit
