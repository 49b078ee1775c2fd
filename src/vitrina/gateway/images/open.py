"""The images of a dataset, whatever it is stored in, as OME-Zarr 0.4 or 0.5."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from vitrina.gateway.hierarchy import Hierarchy, VirtualArray
from vitrina.gateway.images.pixels import ServedPixels
from vitrina.gateway.images.plan import CHUNK_PX
from vitrina.model.content import ImageElement, LabelsElement, Level
from vitrina.ngff.v04.image import build_image
from vitrina.readers.elements import open_pixels
from vitrina.readers.ngff_image import describe_image
from vitrina.readers.pixels.axes import plan_axes
from vitrina.readers.standard_axes import AXES, arrange_axes

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from vitrina.gateway.images.plan import ServedLevel
    from vitrina.model.content import Content
    from vitrina.readers.source import Source
    from vitrina.readers.standard_axes import StandardAxes

    type Raster = ImageElement | LabelsElement

_SERVED_DTYPES = {"bool": "uint8", "int64": "int32", "uint64": "uint32", "float16": "float32", "float64": "float32"}
"""Types that the viewer has no texture for, and what they are served as; integers are clipped to the range."""


def open_images(source: Source, content: Content, *, etag: str, zarr_format: Literal[2, 3] = 2) -> Hierarchy:
    """The images as a tree, each at its own path; what is open of them stays open as long as the tree lives.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: An image cannot be read as pixels, or is too large to be shown as it is.
    """
    groups: dict[str, dict[str, Any]] = {}
    arrays: dict[str, VirtualArray] = {}
    for element in content.elements:
        if isinstance(element, ImageElement | LabelsElement):
            _add_image(groups, arrays, source, content, element)
    return Hierarchy(etag=etag, groups=groups, arrays=arrays, zarr_format=zarr_format)


def _add_image(
    groups: dict[str, dict[str, Any]],
    arrays: dict[str, VirtualArray],
    source: Source,
    content: Content,
    element: Raster,
) -> None:
    where = str(source.path)
    arranged = arrange_axes(element, where)
    shapes = [plan_axes(element.axes, level.shape, where).shape_tczyx for level in element.levels]
    pixels = ServedPixels(
        partial(open_pixels, source, content, element), shapes, is_labels=isinstance(element, LabelsElement)
    )
    names = [axis.name for axis in arranged.axes]
    served = replace(
        element,
        path="",
        axes=arranged.axes,
        levels=tuple(_describe_level(number, level, pixels, arranged) for number, level in enumerate(pixels.levels)),
    )
    groups[element.path] = build_image(describe_image(served, served.levels))
    prefix = f"{element.path}/" if element.path else ""
    for number, level in enumerate(served.levels):
        arrays[f"{prefix}{level.path}"] = VirtualArray(
            shape=level.shape,
            chunk_shape=tuple(CHUNK_PX if name in "yx" else 1 for name in names),
            dtype=_SERVED_DTYPES.get(element.dtype, element.dtype),
            read=partial(_read, pixels, number, names),
            separator="/",
        )


def _describe_level(number: int, level: ServedLevel, pixels: ServedPixels, arranged: StandardAxes) -> Level:
    finest = pixels.levels[0].shape_tczyx
    steps = [whole / size for whole, size in zip(finest, level.shape_tczyx, strict=True)]
    return arranged.describe_level(str(number), level.shape_tczyx, steps)


def _read(pixels: ServedPixels, level: int, names: list[str], window: tuple[slice, ...]) -> npt.NDArray[np.generic]:
    """The values of a chunk, by its window."""
    starts = dict(zip(names, (part.start for part in window), strict=True))
    t, c, z = (starts.get(name, 0) for name in AXES[:3])
    plane = pixels.read(level, (t, c, z, starts["y"] // CHUNK_PX, starts["x"] // CHUNK_PX))
    return _to_served(plane).reshape(tuple(part.stop - part.start for part in window))


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
