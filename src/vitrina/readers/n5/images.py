"""Which datasets of an N5 container are levels of one image, and how large their pixels are.

Paintera: ``downsamplingFactors``, ``resolution`` and ``offset`` of x, y, z. COSEM and CellMap: ``transform`` with
axes, scale, translate and units, slowest first. n5-viewer and BigStitcher: ``pixelResolution`` with ``dimensions`` and
a unit.
Source: https://github.com/saalfeldlab/n5-viewer#container-structure, https://github.com/saalfeldlab/paintera,
https://github.com/janelia-cosem/schemas/blob/master/multiscale.md
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.model.content import Level
from vitrina.readers.array_axes import find_sizes, find_unit, name_axes
from vitrina.readers.n5.tree import read_attributes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from vitrina.model.content import Axis
    from vitrina.readers.n5.tree import N5Array

_LEVEL = re.compile(r"s(\d{1,3})")


@dataclass(frozen=True, slots=True, kw_only=True)
class N5Image:
    """One image.

    Attributes:
        path: Of the group of its levels, or of its only dataset.
        axes: Slowest first.
        dtype: NumPy name.
        levels: Finest first.
        is_guess: Whether the axes follow from the sizes alone.
        has_size: Whether anything says how large pixels are.
    """

    path: str
    axes: tuple[Axis, ...]
    dtype: str
    levels: tuple[Level, ...]
    is_guess: bool
    has_size: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    """Of pixels, slowest dimension first; the factor is that to the finest level."""

    scale: tuple[float, ...]
    translation: tuple[float, ...]
    units: tuple[str | None, ...]
    names: tuple[str | None, ...]
    is_stated: bool


def group_images(root: Path, arrays: Iterable[N5Array]) -> list[N5Image]:
    """The images that datasets are: those called ``s0``, ``s1`` and so on are levels of one."""
    grouped: dict[str, list[N5Array]] = defaultdict(list)
    for array in arrays:
        folder, _, name = array.path.rpartition("/")
        grouped[folder if _LEVEL.fullmatch(name) else array.path].append(array)
    return [_build_image(root, path, own) for path, own in grouped.items() if 2 <= len(own[0].shape) <= 5]


def _build_image(root: Path, path: str, arrays: list[N5Array]) -> N5Image:
    finest = arrays[0]
    alike = [one for one in arrays if one.dtype == finest.dtype and len(one.shape) == len(finest.shape)]
    stated = read_attributes(root, path) if path != finest.path else {}
    sizes = [_read_sizes(array, stated, finest) for array in alike]
    named = name_axes(finest.shape, sizes[0].names, sizes[0].units)
    levels = tuple(
        Level(
            path=array.path,
            shape=array.shape,
            chunk_shape=tuple(min(pair) for pair in zip(array.block_shape, array.shape, strict=True)),
            scale=_keep_space(own.scale, named.axes, 1.0),
            translation=_keep_space(own.translation, named.axes, 0.0),
        )
        for array, own in zip(alike, sizes, strict=True)
    )
    return N5Image(
        path=path,
        axes=named.axes if sizes[0].is_stated else tuple(replace(axis, unit=None) for axis in named.axes),
        dtype=finest.dtype,
        levels=levels,
        is_guess=named.is_guess,
        has_size=sizes[0].is_stated,
    )


def _read_sizes(array: N5Array, stated: dict[str, Any], finest: N5Array) -> _Sizes:
    """By what the dataset says itself, else by what its group says, else by the ratio of sizes."""
    n_dims = len(array.shape)
    transform = array.attributes.get("transform")
    own = _read_transform(transform, n_dims) if isinstance(transform, dict) else None
    if own is not None:
        return own
    factors = _find_reversed(array.attributes.get("downsamplingFactors"), n_dims)
    if factors is None:
        factors = tuple(full / size for full, size in zip(finest.shape, array.shape, strict=True))
    resolution = unit = None
    for block in (array.attributes, stated, finest.attributes):
        if resolution is None:
            resolution, unit = _read_resolution(block, n_dims)
    base = resolution or (1.0,) * n_dims
    offset = _find_numbers(stated.get("offset", finest.attributes.get("offset")), n_dims) or (0.0,) * n_dims
    return _Sizes(
        scale=tuple(size * factor for size, factor in zip(base, factors, strict=True)),
        translation=tuple(at + size * (factor - 1) / 2 for at, size, factor in zip(offset, base, factors, strict=True)),
        units=(unit,) * n_dims,
        names=(),
        is_stated=resolution is not None,
    )


def _read_transform(transform: dict[str, Any], n_dims: int) -> _Sizes | None:
    scale = find_sizes(transform.get("scale"), n_dims)
    translate = transform.get("translate")
    names, units = transform.get("axes"), transform.get("units")
    if scale is None or not isinstance(names, list) or len(names) != n_dims:
        return None
    origins = _find_numbers(translate[::-1], n_dims) if isinstance(translate, list) else None
    own_units = units if isinstance(units, list) and len(units) == n_dims else [None] * n_dims
    return _Sizes(
        scale=scale,
        translation=origins or (0.0,) * n_dims,
        units=tuple(find_unit(unit) for unit in own_units),
        names=tuple(name if isinstance(name, str) else None for name in names),
        is_stated=True,
    )


def _read_resolution(block: dict[str, Any], n_dims: int) -> tuple[tuple[float, ...] | None, str | None]:
    """Size of a pixel of the finest level, and its unit; Paintera's is in nanometers by custom and says no unit."""
    stated = block.get("pixelResolution")
    if isinstance(stated, dict):
        return _find_reversed(stated.get("dimensions"), n_dims), find_unit(stated.get("unit"))
    plain = stated if stated is not None else block.get("resolution")
    units = block.get("units")
    unit = find_unit(units[0]) if isinstance(units, list) and units else None
    return _find_reversed(plain, n_dims), unit


def _find_reversed(values: object, n_dims: int) -> tuple[float, ...] | None:
    """Sizes of x, y, z as those of z, y, x; further dimensions have none."""
    if not isinstance(values, list) or not values or len(values) > n_dims:
        return None
    sizes = find_sizes(values, len(values))
    return None if sizes is None else ((1.0,) * (n_dims - len(values))) + sizes[::-1]


def _find_numbers(values: object, n_dims: int) -> tuple[float, ...] | None:
    if not isinstance(values, list) or not 0 < len(values) <= n_dims:
        return None
    if not all(isinstance(value, int | float) and abs(value) < 1e300 for value in values):
        return None
    return (0.0,) * (n_dims - len(values)) + tuple(float(value) for value in reversed(values))


def _keep_space(values: tuple[float, ...], axes: tuple[Axis, ...], other: float) -> tuple[float, ...]:
    return tuple(other if axis.type == "channel" else value for value, axis in zip(values, axes, strict=True))
