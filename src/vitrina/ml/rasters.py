"""Where pixels come from: stored datasets, and arrays in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.model.content import Axis, LabelsElement, Level
from vitrina.readers.elements import open_pixels
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.pixels.zarr import open_zarr_pixels
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.content import Content, ImageElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.pixels.array import ArrayLike
    from vitrina.readers.source import Source


@dataclass(frozen=True, kw_only=True)
class StoredRaster:
    """One level of an image in a dataset.

    Attributes:
        source: The dataset.
        content: What its reader found.
        element: The image or label image.
        level: Number of the level.
    """

    source: Source
    content: Content
    element: ImageElement | LabelsElement
    level: int = 0

    def open(self) -> PixelSource:
        """The pixels; the caller closes them."""
        return open_pixels(self.source, self.content, self.element, self.level)

    def __getstate__(self) -> dict[str, Any]:
        """Without what the source has open."""
        return {**self.__dict__, "source": replace(self.source)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayRaster:
    """An array of NumPy, Dask or xarray.

    Attributes:
        array: Its windows are taken with slices.
        axes: One letter per dimension, such as ``cyx``.
        where: What it is, for errors.
    """

    array: ArrayLike
    axes: str
    where: str = "the array"

    def open(self) -> PixelSource:
        """The pixels; nothing needs to be closed."""
        return ArrayPixels(self.array, self.axes, self.where)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZarrRaster:
    """One Zarr array in a folder.

    Attributes:
        folder: Root of its hierarchy.
        path: Of the array inside the hierarchy.
        shape: Of the array.
        axes: One letter per dimension.
    """

    folder: Path
    path: str
    shape: tuple[int, ...]
    axes: str

    def open(self) -> PixelSource:
        """The pixels, read straight from the files where that is possible."""
        ones, zeros = (1.0,) * len(self.shape), (0.0,) * len(self.shape)
        level = Level(path=self.path, shape=self.shape, chunk_shape=None, scale=ones, translation=zeros)
        axes = tuple(Axis(name=axis) for axis in self.axes)
        element = LabelsElement(name=self.path, path=self.path, axes=axes, dtype="", levels=(level,))
        return open_zarr_pixels(open_source(self.folder), element)


def build_raster(array: Any, axes: str, where: str) -> ArrayRaster | ZarrRaster:
    """The fastest way to read an array: from its files where it is a whole Zarr array in a folder that Dask opened.

    Args:
        array: An array of NumPy or Dask.
        axes: One letter per dimension.
        where: What it is, for errors.
    """
    stored = _find_stored(array)
    if stored is None or tuple(stored.shape) != tuple(array.shape):
        return ArrayRaster(array=array, axes=axes, where=where)
    return ZarrRaster(folder=stored.store.root, path=stored.path, shape=tuple(stored.shape), axes=axes)


def _find_stored(array: Any) -> Any:
    """The Zarr array in a folder that a Dask array is, unchanged; None for any other."""
    import zarr

    layers = getattr(getattr(array, "dask", None), "layers", {})
    original = layers.get(f"original-{getattr(array, 'name', '')}")
    if original is None or len(layers) != 2:
        return None
    found = [value for value in dict(original).values() if isinstance(value, zarr.Array)]
    is_local = len(found) == 1 and isinstance(found[0].store, zarr.storage.LocalStore)
    return found[0] if is_local else None
