"""TIFF and OME-TIFF as OME-Zarr 0.4: tiles of 512 pixels, with coarser levels made up where the file has none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.gateway.hierarchy import Hierarchy, VirtualArray
from vitrina.gateway.tiff_pixels import TiffPixels, shrink
from vitrina.model.content import Axis, ImageElement, LabelsElement, Level
from vitrina.ngff.v04.image import build_image
from vitrina.readers.ngff_image import describe_image

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from vitrina.model.content import AxisType, Content

    type Raster = ImageElement | LabelsElement

CHUNK_PX = 512
MAX_FLAT_PIXELS = 2**27
"""Largest plane of a TIFF without a pyramid: its coarsest level has to read all of it."""

_SMALLEST_LEVEL_PX = 1024
_STRIP_PX = 2048
_ORDER = "tczyx"
_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
_NAMES = {"T": "t", "C": "c", "S": "c", "Z": "z", "Y": "y", "X": "x"}
_SERVED_DTYPES = {"bool": "uint8", "int64": "int32", "uint64": "uint32", "float16": "float32", "float64": "float32"}
"""Types that the viewer has no texture for, and what they are served as; integers are clipped to the range."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the served arrays: its NGFF name and the letters in the file that make it up."""

    name: str
    letters: str


@dataclass(frozen=True, slots=True)
class TiffLevel:
    """One served level: a stored level, shrunk by a factor."""

    stored: int
    factor: int


def open_tiff(path: Path, content: Content, *, etag: str) -> Hierarchy:
    """The file as a tree; it stays open as long as the tree lives.

    Raises:
        UnreadableError: The file is damaged.
        UnsupportedError: Its axes or pixels are of a kind that OME-Zarr viewers cannot show, or it is too large.
    """
    groups: dict[str, dict[str, Any]] = {}
    arrays: dict[str, VirtualArray] = {}
    for element in content.elements:
        if isinstance(element, ImageElement | LabelsElement):
            pixels = TiffPixels(path, int(element.path) if element.path.isdecimal() else 0)
            pixels.axes = name_axes(pixels.axes, element.axes)
            _add_image(groups, arrays, element, pixels)
    return Hierarchy(etag=etag, groups=groups, arrays=arrays)


def _add_image(
    groups: dict[str, dict[str, Any]], arrays: dict[str, VirtualArray], element: Raster, pixels: TiffPixels
) -> None:
    dimensions = plan_dimensions(pixels.axes, pixels.shapes[0])
    levels = plan_levels(pixels.axes, pixels.shapes)
    prefix = f"{element.path}/" if element.path else ""
    served = _describe(element, pixels, dimensions, levels)
    groups[element.path] = build_image(describe_image(served))
    for level, described in zip(levels, served.levels, strict=True):
        arrays[f"{prefix}{described.path}"] = VirtualArray(
            shape=described.shape,
            chunk_shape=(1,) * (len(dimensions) - 2) + (CHUNK_PX, CHUNK_PX),
            dtype=_SERVED_DTYPES.get(pixels.dtype.name, pixels.dtype.name),
            read=_LevelReader(pixels, dimensions, level, is_labels=isinstance(element, LabelsElement)),
            separator="/",
        )


def name_axes(letters: str, axes: tuple[Axis, ...]) -> str:
    """The letters of the file, with those of unlabelled and overridden axes as the element names them.

    >>> name_axes("QYXS", tuple(Axis(name=name) for name in "tyxc"))
    'TYXS'
    """
    if len(letters) != len(axes):
        return letters
    named = "".join(
        letter if axis.name not in _TYPES or (letter == "S" and axis.name == "c") else axis.name.upper()
        for letter, axis in zip(letters, axes, strict=True)
    )
    return named if len(set(named)) == len(named) else letters


def plan_dimensions(axes: str, shape: tuple[int, ...]) -> tuple[Dimension, ...]:
    """The dimensions in the order of NGFF. A letter without an NGFF name takes the first of t, z, c that is free.

    Raises:
        UnsupportedError: Rows and columns are not the last dimensions before the samples, or there are too many others.
    """
    if not axes.endswith(("YX", "YXS")):
        raise _refuse(f"its axes are {axes}, expected rows and columns last")
    letters: dict[str, str] = {}
    for letter, size in zip(axes, shape, strict=True):
        free = [name for name in "tzc" if name not in letters and name not in {_NAMES.get(other) for other in axes}]
        if letter not in _NAMES and size == 1:
            continue
        if letter not in _NAMES and not free:
            raise _refuse(f"its axes are {axes}, more than time, channel and depth")
        name = _NAMES.get(letter) or free[0]
        letters[name] = letters.get(name, "") + letter
    return tuple(Dimension(name, letters[name]) for name in _ORDER if name in letters)


def plan_levels(axes: str, shapes: list[tuple[int, ...]]) -> tuple[TiffLevel, ...]:
    """The stored levels; for a large image with only one, halved ones down to about a thousand pixels.

    Raises:
        UnsupportedError: It has no pyramid and is too large to make one up.
    """
    if len(shapes) > 1:
        return tuple(TiffLevel(index, 1) for index in range(len(shapes)))
    height, width = (shapes[0][axes.index(letter)] for letter in "YX")
    if height * width > MAX_FLAT_PIXELS:
        raise _refuse(f"it has {height} x {width} pixels and no pyramid, more than {MAX_FLAT_PIXELS:,} pixels")
    factors = [1]
    while max(height, width) > _SMALLEST_LEVEL_PX * factors[-1]:
        factors.append(factors[-1] * 2)
    return tuple(TiffLevel(0, factor) for factor in factors)


class _LevelReader:
    """Reads windows of one served level."""

    def __init__(
        self, pixels: TiffPixels, dimensions: tuple[Dimension, ...], level: TiffLevel, *, is_labels: bool
    ) -> None:
        self._pixels = pixels
        self._level = level
        self._is_labels = is_labels
        self._names = [dimension.name for dimension in dimensions]
        self._name_of = {letter: dimension.name for dimension in dimensions for letter in dimension.letters}
        self._size_of = dict(zip(pixels.axes, pixels.shapes[level.stored], strict=True))

    def __call__(self, window: tuple[slice, ...]) -> npt.NDArray[np.generic]:
        import numpy as np

        position = {name: part.start for name, part in zip(self._names, window, strict=True)}
        has_samples_last = self._pixels.axes.endswith("S")  # interleaved; samples in planes of their own are channels
        n_samples = self._size_of["S"] if has_samples_last else 1
        sample = position["c"] % n_samples if has_samples_last else None
        if sample is not None:
            position["c"] //= n_samples  # channels and samples together are one dimension
        leading = tuple(
            position[self._name_of[letter]] if letter in self._name_of else 0
            for letter in self._pixels.axes.partition("Y")[0]
        )
        strips = [
            shrink(self._read_strip(leading, rows, window[-1], sample), self._level.factor, is_labels=self._is_labels)
            for rows in self._plan_strips(window[-2])
        ]
        plane = _to_served(np.concatenate(strips))
        return plane.reshape((1,) * (len(window) - 2) + plane.shape)

    def _plan_strips(self, rows: slice) -> Iterable[slice]:
        """Parts of the file's rows, each a multiple of the factor, so that memory stays bounded."""
        factor = self._level.factor
        start, stop = rows.start * factor, min(rows.stop * factor, self._size_of["Y"])
        step = max(_STRIP_PX // factor, 1) * factor
        return (slice(first, min(first + step, stop)) for first in range(start, stop, step))

    def _read_strip(
        self, leading: tuple[int, ...], rows: slice, columns: slice, sample: int | None
    ) -> npt.NDArray[np.generic]:
        factor = self._level.factor
        wide = slice(columns.start * factor, min(columns.stop * factor, self._size_of["X"]))
        pixels = self._pixels.read(self._level.stored, leading, rows, wide)
        return pixels if sample is None else pixels[..., sample]


def _describe(
    element: Raster, pixels: TiffPixels, dimensions: tuple[Dimension, ...], levels: tuple[TiffLevel, ...]
) -> Raster:
    """The element with the axes and levels that are served, at the pixel sizes that the reader found."""
    pixel_size = dict(zip((axis.name for axis in element.axes), element.levels[0].scale, strict=False))
    unit = {axis.name: axis.unit for axis in element.axes}
    full = _measure(pixels, dimensions, levels[0])
    described = []
    for index, level in enumerate(levels):
        shape = _measure(pixels, dimensions, level)
        steps = [
            whole / size if dimension.name in "yx" else 1.0
            for dimension, whole, size in zip(dimensions, full, shape, strict=True)
        ]
        scale = tuple(
            pixel_size.get(dimension.name, 1.0) * step for dimension, step in zip(dimensions, steps, strict=True)
        )
        described.append(
            Level(path=str(index), shape=shape, chunk_shape=None, scale=scale, translation=(0.0,) * len(shape))
        )
    axes = tuple(
        Axis(name=dimension.name, type=_TYPES[dimension.name], unit=unit.get(dimension.name))
        for dimension in dimensions
    )
    return replace(element, path="", axes=axes, levels=tuple(described))


def _measure(pixels: TiffPixels, dimensions: tuple[Dimension, ...], level: TiffLevel) -> tuple[int, ...]:
    """Shape of a served level."""
    size_of = dict(zip(pixels.axes, pixels.shapes[level.stored], strict=True))
    return tuple(
        -(-size_of[dimension.letters] // level.factor)
        if dimension.name in "yx"
        else math.prod(size_of[letter] for letter in dimension.letters)
        for dimension in dimensions
    )


def _to_served(pixels: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    import numpy as np

    name = _SERVED_DTYPES.get(pixels.dtype.name)
    if name is None:
        return pixels
    if name.endswith("int32"):
        limits = np.iinfo(name)
        pixels = np.clip(pixels, limits.min, limits.max)
    served: npt.NDArray[np.generic] = pixels.astype(name)
    return served


def _refuse(why: str) -> UnsupportedError:
    return UnsupportedError(
        "gateway-tiff-unsupported",
        f"This TIFF cannot be shown as it is: {why}.",
        hint="Convert it to OME-Zarr, for example with bioformats2raw, and add the result.",
    )
