"""Which datasets of an HDF5 file are images, and what their attributes say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.finding import Finding
from vitrina.readers.array_axes import find_sizes, find_unit, name_axes
from vitrina.readers.hdf5 import find_child, get_attribute

if TYPE_CHECKING:
    from collections.abc import Iterator

    import h5py

    from vitrina.model.content import Axis

MAX_OBJECTS = 10_000
"""Groups and datasets that are looked at."""

MAX_IMAGES = 64
"""Further images of a file are left out of the description."""

MAX_SCALE = 10_000_000
"""Positions of a scale that are read."""

MIN_SIDE_PX = 8
"""What is smaller along two dimensions is a table."""

_FOREIGN = frozenset({"encoding-type", "encoding_type", "pandas_type", "LOOM_SPEC_VERSION", "PYTABLES_FORMAT_VERSION"})
"""Attributes of what is no image, whatever its shape."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetImage:
    """A dataset that is an image.

    Attributes:
        path: Of the dataset, without a leading slash.
        shape: Its shape.
        chunk_shape: Of its chunks, None where it lies in one piece.
        dtype: NumPy name.
        axes: Its axes.
        scale: Size of a pixel along each.
        translation: Centre of the first pixel along each.
        is_guess: Whether the axes follow from the sizes alone.
    """

    path: str
    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...] | None
    dtype: str
    axes: tuple[Axis, ...]
    scale: tuple[float, ...]
    translation: tuple[float, ...]
    is_guess: bool

    def tell_left_out(self, err: VitrinaError) -> Finding:
        """What to tell when it cannot be read."""
        return Finding(code=err.code, severity="warning", path=f"{self.path}#", message=err.message, fix=err.hint)


def find_images(file: h5py.File) -> tuple[list[DatasetImage], list[Finding]]:
    """The images of a file, and what was refused in it.

    Raises:
        VitrinaError: It cannot be read.
    """
    refused: list[VitrinaError] = []
    found: list[DatasetImage] = []
    n_more = 0
    for path, dataset in iterate_datasets(file, refused):
        if not is_image(dataset):
            continue
        if len(found) == MAX_IMAGES:
            n_more += 1
            continue
        found.append(_describe(path, dataset))
    findings = [
        Finding(code=err.code, severity="warning", path="#", message=err.message, fix=err.hint) for err in refused[:8]
    ]
    if n_more:
        message = f"The file holds {n_more:,} more images, which are not shown."
        findings.append(Finding(code="images-left-out", severity="info", path="#", message=message))
    return found, findings


def iterate_datasets(file: h5py.Group, refused: list[VitrinaError]) -> Iterator[tuple[str, h5py.Dataset]]:
    """Datasets of a file by their paths; nothing that lies outside of it.

    Args:
        file: The file, or a group of it.
        refused: Gets what names other files.
    """
    import h5py

    waiting: list[tuple[str, Any]] = [("", file)]
    seen = set()
    n_objects = 0
    while waiting:
        path, group = waiting.pop()
        address = h5py.h5o.get_info(group.id).addr  # a group may lie in itself
        if address in seen or _FOREIGN.intersection(group.attrs):
            continue
        seen.add(address)
        below = []
        for name in group:
            n_objects += 1
            if n_objects > MAX_OBJECTS:
                return
            own = f"{path}/{name}".lstrip("/")
            try:
                child = find_child(group, name)
            except UnreadableError as err:
                refused.append(err)
                continue
            if isinstance(child, h5py.Dataset):
                yield own, child
            elif child is not None:
                below.append((own, child))
        waiting += reversed(below)


def is_image(dataset: h5py.Dataset) -> bool:
    """Whether a dataset has numbers in 2 to 5 dimensions, and two of them are more than a few wide."""
    shape = dataset.shape or ()
    if dataset.dtype.kind not in "buif" or not 2 <= len(shape) <= 5 or 0 in shape:
        return False
    if _FOREIGN.intersection(dataset.attrs) or bool(dataset.is_scale):
        return False
    return sum(int(size) >= MIN_SIDE_PX for size in shape) >= 2


def _describe(path: str, dataset: h5py.Dataset) -> DatasetImage:
    shape = tuple(int(size) for size in dataset.shape)
    names, sizes, units = _read_axistags(dataset)
    origins: list[float] = [0.0] * len(shape)
    if not any(names):
        names, sizes, units, origins = _read_scales(dataset)
    stated = find_sizes(get_attribute(dataset, "element_size_um"), 3)
    named = name_axes(shape, names, units)
    if stated is not None:
        by_name = dict(zip("zyx", stated, strict=True))
        sizes = [by_name.get(axis.name, size) for axis, size in zip(named.axes, sizes, strict=True)]
        units = ["micrometer" if axis.name in by_name else unit for axis, unit in zip(named.axes, units, strict=True)]
        named = name_axes(shape, names, units)
    return DatasetImage(
        path=path,
        shape=shape,
        chunk_shape=tuple(int(size) for size in dataset.chunks) if dataset.chunks else None,
        dtype=str(dataset.dtype.name),
        axes=named.axes,
        scale=tuple(1.0 if axis.name == "c" else size for axis, size in zip(named.axes, sizes, strict=True)),
        translation=tuple(0.0 if axis.name == "c" else at for axis, at in zip(named.axes, origins, strict=True)),
        is_guess=named.is_guess,
    )


def _read_axistags(dataset: h5py.Dataset) -> tuple[list[str | None], list[float], list[str | None]]:
    """Names, sizes and units of dimensions as vigra writes them; nothing where it does not."""
    n_dims = len(dataset.shape)
    nothing: tuple[list[str | None], list[float], list[str | None]] = ([None] * n_dims, [1.0] * n_dims, [None] * n_dims)
    text = get_attribute(dataset, "axistags")
    try:
        axes = json.loads(text)["axes"] if isinstance(text, str) else []
        keys = [str(axis["key"]) for axis in axes]
        sizes = [float(axis.get("resolution") or 0) for axis in axes]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return nothing
    if len(keys) != n_dims:
        return nothing
    return list(keys), [size if 0 < size < float("inf") else 1.0 for size in sizes], [None] * n_dims


def _read_scales(
    dataset: h5py.Dataset,
) -> tuple[list[str | None], list[float], list[str | None], list[float]]:
    """Names, sizes, units and origins of dimensions by their labels and scales."""
    names: list[str | None] = []
    sizes, origins = [], []
    units: list[str | None] = []
    for dimension in dataset.dims:
        scale = dimension[0] if len(dimension) else None
        label = dimension.label or (scale.name.rpartition("/")[2] if scale is not None else None)
        step, origin = (1.0, 0.0) if scale is None else _measure_steps(scale)
        names.append(label)
        sizes.append(step)
        origins.append(origin)
        units.append(None if scale is None else find_unit(get_attribute(scale, "units")))
    return names, sizes, units, origins


def _measure_steps(scale: h5py.Dataset) -> tuple[float, float]:
    """Step and first value of an evenly spaced scale; 1 and 0 for any other."""
    import numpy as np

    is_here = scale.external is None and not scale.is_virtual
    if not is_here or scale.ndim != 1 or scale.dtype.kind not in "iuf" or not 2 <= scale.size <= MAX_SCALE:
        return 1.0, 0.0
    values = np.asarray(scale[...], np.float64)
    steps = np.diff(values)
    if not np.isfinite(values).all() or steps[0] <= 0 or not np.allclose(steps, steps[0], rtol=1e-3):
        return 1.0, 0.0
    return float((values[-1] - values[0]) / (len(values) - 1)), float(values[0])
