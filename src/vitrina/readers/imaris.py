"""Imaris 5.5 files (``.ims``): HDF5 with a dataset per level, time point and channel.

Source: https://imaris.oxinst.com/support/imaris-file-format
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.content import Axis, Channel, Content, Level
from vitrina.model.finding import Finding
from vitrina.readers.array_axes import find_unit
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.hdf5 import find_child, open_hdf5
from vitrina.readers.pixels.hdf5 import get_dataset, open_hdf5_pixels
from vitrina.readers.pixels.joined import JoinedArrays

if TYPE_CHECKING:
    import h5py

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

_DAMAGE = "imaris-damaged", "Imaris"
_LEVEL, _TIME, _CHANNEL = "DataSet/ResolutionLevel {}", "TimePoint {}", "Channel {}"

MAX_PARTS = 100_000
"""Levels, time points or channels."""


class ImarisReader(PixelReader):
    """Reads images of Imaris."""

    format = "imaris"

    def detect(self, source: Source) -> bool:
        if not source.head.startswith(HDF5_MAGIC):
            return False
        try:
            with open_hdf5(source.path) as file:
                return find_child(file, "DataSetInfo") is not None and find_child(file, "DataSet") is not None
        except (VitrinaError, OSError, RuntimeError, KeyError, ValueError):
            return source.path.suffix.lower() == ".ims"

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            with open_hdf5(source.path) as file:
                stored, findings = _read_image(source, file)
            element, guessed = describe_stored(self, source, stored)
            return Content(format=self.format, container="hdf5", elements=(element,), findings=(*findings, *guessed))

    def open_object(self, source: Source) -> object:
        return open_hdf5(source.path)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        with reading(source, *_DAMAGE):
            with open_hdf5(source.path) as file:
                n_t, n_channels = _count_parts(source, file)
            axes = element.axes[-3:]
            shape = element.levels[level].shape[-3:]
            parts = {}
            for t in range(n_t):
                for c in range(n_channels):
                    path = "/".join((_LEVEL.format(level), _TIME.format(t), _CHANNEL.format(c), "Data"))
                    parts[t, c] = open_hdf5_pixels(source, path, axes, shape, is_padded=True)
            return JoinedArrays(parts, n_t, n_channels, str(source.path))


def _read_image(source: Source, file: h5py.File) -> tuple[StoredImage, list[Finding]]:
    info = _get_group(source, file, "DataSetInfo/Image")
    n_t, n_channels = _count_parts(source, file)
    unit = find_unit(_read_text(info, "Unit"))
    extents = {axis: _measure_extent(info, number) for number, axis in enumerate("xyz")}
    levels = []
    for number in range(_count(file, "DataSet", "ResolutionLevel {}")):
        group = _get_group(source, file, f"{_LEVEL.format(number)}/TimePoint 0/Channel 0")
        dataset = get_dataset(group, "Data", source)
        sizes = [_read_size(group, axis, size) for axis, size in zip("ZYX", dataset.shape, strict=True)]
        chunk = tuple(int(size) for size in dataset.chunks) if dataset.chunks else None
        steps = [
            1.0 if extents[axis] is None else (extents[axis][1] - extents[axis][0]) / size  # type: ignore[index]  # it is there
            for axis, size in zip("zyx", sizes, strict=True)
        ]
        origins = [
            0.0 if extents[axis] is None else extents[axis][0] + step / 2  # type: ignore[index]  # it is there
            for axis, step in zip("zyx", steps, strict=True)
        ]
        has_t = n_t > 1
        levels.append(
            Level(
                path=str(number),
                shape=(*([n_t] if has_t else []), n_channels, *sizes),
                chunk_shape=None if chunk is None else (*([1] if has_t else []), 1, *chunk),
                scale=(*([1.0] if has_t else []), 1.0, *steps),
                translation=(*([0.0] if has_t else []), 0.0, *origins),
            )
        )
    spatial = tuple(Axis(name=axis, type="space", unit=unit if extents[axis] else None) for axis in "zyx")
    outer = (*([Axis(name="t", type="time")] if n_t > 1 else []), Axis(name="c", type="channel"))
    findings = []
    if unit is None or not all(extents.values()):
        message = "The file does not say how large the image is in a known unit, so sizes are given in pixels."
        findings.append(Finding(code="pixel-size-missing", severity="warning", path="#", message=message))
    stored = StoredImage(
        name=_read_text(info, "Name").partition(".")[0].strip() or source.path.stem,
        path="",
        axes=(*outer, *spatial),
        dtype=_read_dtype(source, file),
        levels=tuple(levels),
        channels=tuple(_read_channel(file, number) for number in range(n_channels)),
    )
    return stored, findings


def _read_dtype(source: Source, file: h5py.File) -> str:
    group = _get_group(source, file, f"{_LEVEL.format(0)}/TimePoint 0/Channel 0")
    return str(get_dataset(group, "Data", source).dtype.name)


def _read_channel(file: h5py.File, number: int) -> Channel:
    group = _find_group(file, f"DataSetInfo/{_CHANNEL.format(number)}")
    name = _read_text(group, "Name") if group is not None else ""
    parts = _read_text(group, "Color").split() if group is not None else []
    try:
        values = [round(255 * float(part)) for part in parts]
    except (ValueError, OverflowError):
        values = []
    is_color = len(values) == 3 and all(0 <= value <= 255 for value in values)
    return Channel(name=name or f"Channel {number}", color_rgb=(values[0], values[1], values[2]) if is_color else None)


def _count_parts(source: Source, file: h5py.File) -> tuple[int, int]:
    """Time points, and channels of the first."""
    first = _LEVEL.format(0)
    n_t = _count(file, first, _TIME)
    n_channels = _count(file, f"{first}/{_TIME.format(0)}", _CHANNEL)
    if not n_t or not n_channels:
        raise UnreadableError("image-missing", f"{source.path} holds no image.", where=str(source.path))
    return n_t, n_channels


def _count(file: h5py.File, path: str, name: str) -> int:
    """How many children there are of a name with consecutive numbers."""
    group = _find_group(file, path)
    number = 0
    while group is not None and number < MAX_PARTS and group.get(name.format(number), getlink=True) is not None:
        number += 1
    return number


def _find_group(file: h5py.File, path: str) -> h5py.Group | None:
    item: Any = file
    for part in path.split("/"):
        item = None if item is None else find_child(item, part)
    return item


def _get_group(source: Source, file: h5py.File, path: str) -> h5py.Group:
    group = _find_group(file, path)
    if group is None:
        raise UnreadableError("imaris-damaged", f"{source.path} has no {path!r}.", where=str(source.path))
    return group


def _read_text(group: h5py.Group, name: str) -> str:
    """An attribute, which Imaris stores letter by letter."""
    value = group.attrs.get(name)
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip("\0 ")
    if isinstance(value, str):
        return value.strip("\0 ")
    return bytes(value).decode("utf-8", "replace").strip("\0 ")


def _read_size(group: h5py.Group, axis: str, stored: int) -> int:
    """Pixels along an axis, without those that fill the last chunk."""
    text = _read_text(group, f"ImageSize{axis}")
    return min(int(text), int(stored)) if text.isdecimal() and int(text[:9]) > 0 else int(stored)


def _measure_extent(info: h5py.Group, number: int) -> tuple[float, float] | None:
    try:
        low, high = (float(_read_text(info, f"Ext{end}{number}")) for end in ("Min", "Max"))
    except ValueError:
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None
