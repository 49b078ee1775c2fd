"""Where the volumes of BigDataViewer lie: in one HDF5 file, or in an N5 container.

HDF5: ``t00000/s00/0/cells``, with the factors of levels along x, y, z in ``s00/resolutions``. N5:
``setup0/timepoint0/s0``, with ``downsamplingFactors`` in ``setup0``.
Source: https://imagej.net/plugins/bdv/ (HDF5 file) and
https://github.com/bigdataviewer/bigdataviewer-core/blob/master/BDV%20N5%20format.md
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.hdf5 import find_child, open_hdf5
from vitrina.readers.n5.pixels import open_n5_pixels
from vitrina.readers.n5.tree import find_array, read_attributes
from vitrina.readers.pixels.hdf5 import get_dataset, open_hdf5_pixels
from vitrina.readers.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from vitrina.model.content import Axis
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.bdv.xml import SpimData

MAX_LEVELS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVolume:
    """One level of one view.

    Attributes:
        path: In the file or container.
        shape_zyx: In pixels.
        chunk_zyx: None where it lies in one piece.
        dtype: NumPy name.
        factor_zyx: Pixels of the finest level per pixel.
    """

    path: str
    shape_zyx: tuple[int, int, int]
    chunk_zyx: tuple[int, int, int] | None
    dtype: str
    factor_zyx: tuple[float, float, float]


class Volumes(Protocol):
    """Where volumes lie."""

    def list_levels(self, timepoint: int, setup: int) -> list[StoredVolume]:
        """The levels of a view, finest first; none where the view is not there."""

    def open_pixels(self, path: str, axes: Sequence[Axis], shape: tuple[int, ...]) -> PixelSource:
        """One level."""


def open_volumes(xml: Path, data: SpimData) -> Volumes:
    """Where the volumes of a dataset lie.

    Raises:
        UnreadableError: They are not there.
        UnsupportedError: They are stored in another way.
    """
    path = xml.parent / data.path
    kinds: dict[str, type[Any]] = {"bdv.hdf5": Hdf5Volumes, "bdv.n5": N5Volumes}
    if data.format not in kinds:
        raise UnsupportedError(
            "bdv-format-unsupported",
            f"{xml} has its images in the format {data.format!r}; {' and '.join(kinds)} are known.",
            where=str(xml),
        )
    if not path.exists() or not path.resolve().is_relative_to(xml.parent.resolve()):
        raise UnreadableError(
            "bdv-images-missing",
            f"{xml} names its images as {data.path!r}, which is not there.",
            hint="Copy them beside the XML.",
            where=str(xml),
        )
    opened: Volumes = kinds[data.format](path)
    return opened


class Hdf5Volumes:
    """Volumes in an HDF5 file.

    Args:
        path: Of the file.
    """

    def __init__(self, path: Path) -> None:
        self._source = Source(path)

    def list_levels(self, timepoint: int, setup: int) -> list[StoredVolume]:
        with open_hdf5(self._source.path) as file:
            own = find_child(file, f"s{setup:02}")
            view = find_child(file, f"t{timepoint:05}")
            view = find_child(view, f"s{setup:02}") if view is not None else None
            if own is None or view is None:
                return []
            factors = get_dataset(own, "resolutions", self._source)[...]
            levels = []
            for number, factor in enumerate(factors[:MAX_LEVELS]):
                level = find_child(view, str(number))
                if level is None:
                    break
                cells = get_dataset(level, "cells", self._source)
                z, y, x = (int(size) for size in cells.shape)
                chunks = tuple(int(size) for size in cells.chunks) if cells.chunks else None
                levels.append(
                    StoredVolume(
                        path=f"t{timepoint:05}/s{setup:02}/{number}/cells",
                        shape_zyx=(z, y, x),
                        chunk_zyx=(chunks[0], chunks[1], chunks[2]) if chunks else None,
                        dtype=_find_pixel_type(str(cells.dtype.name)),
                        factor_zyx=(float(factor[2]), float(factor[1]), float(factor[0])),
                    )
                )
            return levels

    def open_pixels(self, path: str, axes: Sequence[Axis], shape: tuple[int, ...]) -> PixelSource:
        pixels = open_hdf5_pixels(self._source, path, axes, shape)
        return _UnsignedPixels(pixels) if pixels.dtype.name == "int16" else pixels


class N5Volumes:
    """Volumes in an N5 container.

    Args:
        path: Of the container.
    """

    def __init__(self, path: Path) -> None:
        self._root = path

    def list_levels(self, timepoint: int, setup: int) -> list[StoredVolume]:
        stated = read_attributes(self._root, f"setup{setup}").get("downsamplingFactors")
        levels: list[StoredVolume] = []
        for number in range(MAX_LEVELS):
            array = find_array(self._root, f"setup{setup}/timepoint{timepoint}/s{number}")
            if array is None or len(array.shape) != 3:
                break
            z, y, x = array.shape
            finest = levels[0].shape_zyx if levels else array.shape
            factor: Any = [full / size for full, size in zip(finest, array.shape, strict=True)]
            if isinstance(stated, list) and number < len(stated) and len(stated[number]) == 3:
                factor = [float(value) for value in reversed(stated[number])]
            levels.append(
                StoredVolume(
                    path=array.path,
                    shape_zyx=(z, y, x),
                    chunk_zyx=(array.block_shape[0], array.block_shape[1], array.block_shape[2]),
                    dtype=array.dtype,
                    factor_zyx=(factor[0], factor[1], factor[2]),
                )
            )
        return levels

    def open_pixels(self, path: str, axes: Sequence[Axis], shape: tuple[int, ...]) -> PixelSource:
        return open_n5_pixels(self._root, path, axes, shape)


class _UnsignedPixels:
    """Pixels that are stored as signed and meant as unsigned, as BigDataViewer writes HDF5 from Java."""

    def __init__(self, source: PixelSource) -> None:
        import numpy as np

        self._source = source
        self.shape_tczyx = source.shape_tczyx
        self.dtype = np.dtype("uint16")
        self.n_joint_channels = source.n_joint_channels
        self.chunk_shape_tczyx = source.chunk_shape_tczyx

    def read_into(self, start_tczyx: Any, out_czyx: Any) -> None:
        self._source.read_into(start_tczyx, out_czyx.view("int16"))

    def close(self) -> None:
        self._source.close()


def _find_pixel_type(name: str) -> str:
    return "uint16" if name == "int16" else name
