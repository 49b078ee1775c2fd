"""The images of a dataset, whatever it is stored in, as OME-Zarr 0.4 or 0.5."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from vitrina.gateway.hierarchy import Hierarchy, PassedChunks, VirtualArray
from vitrina.gateway.images.pixels import ServedPixels
from vitrina.gateway.images.plan import PASSED_CHUNKS_PX, SERVED_DTYPES
from vitrina.gateway.placing import find_key
from vitrina.model.content import ImageElement, LabelsElement, Level
from vitrina.ngff.v04.image import build_image
from vitrina.readers.elements import open_pixels
from vitrina.readers.ngff_image import describe_image
from vitrina.readers.pixels.axes import plan_axes
from vitrina.readers.standard_axes import AXES, arrange_axes

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from vitrina.gateway.chunk_cache import ChunkCache
    from vitrina.gateway.images.plan import ServedLevel
    from vitrina.model.content import Content
    from vitrina.pyramid.source import PixelSource, ShapeTczyx
    from vitrina.readers.source import Source
    from vitrina.readers.standard_axes import StandardAxes

    type Raster = ImageElement | LabelsElement


def open_images(
    source: Source, content: Content, *, etag: str, zarr_format: Literal[2, 3] = 2, cache: ChunkCache | None = None
) -> Hierarchy:
    """The images as a tree, each at its own path; what is open of them stays open as long as the tree lives.

    Args:
        source: The dataset.
        content: What a reader found in it.
        etag: See VirtualTree.
        zarr_format: In which it is served.
        cache: For chunks of levels that are made.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: An image cannot be read as pixels, or is too large to be shown as it is.
    """
    groups: dict[str, dict[str, Any]] = {}
    arrays: dict[str, VirtualArray] = {}
    for element in content.elements:
        if isinstance(element, ImageElement | LabelsElement):
            add_image(groups, arrays, element, partial(open_pixels, source, content, element), str(source.path))
    return Hierarchy(etag=etag, groups=groups, arrays=arrays, zarr_format=zarr_format, cache=cache)


def add_image(
    groups: dict[str, dict[str, Any]],
    arrays: dict[str, VirtualArray],
    element: Raster,
    open_level: Callable[[int], PixelSource],
    where: str,
) -> None:
    """Add the group of an image at its path, and an array per served level below it.

    Args:
        groups: Attributes by path.
        arrays: By path.
        element: The image with its stored levels.
        open_level: Opens the pixels of a stored level.
        where: What is read, for errors.

    Raises:
        UnsupportedError: It has axes or values that are no pixels, or is too large to be shown as it is.
    """
    arranged = arrange_axes(element, where)
    shapes = [plan_axes(element.axes, level.shape, where).shape_tczyx for level in element.levels]
    is_labels, may_pass = isinstance(element, LabelsElement), _may_pass(element, where)
    pixels = ServedPixels(open_level, shapes, is_labels=is_labels, may_pass=may_pass)
    names = [axis.name for axis in arranged.axes]
    served = replace(
        element,
        path="",
        axes=arranged.axes,
        levels=tuple(_describe_level(number, level, pixels, arranged) for number, level in enumerate(pixels.levels)),
    )
    path = find_key(element)
    groups[path] = build_image(describe_image(served, served.levels))
    prefix = f"{path}/" if path else ""
    dtype = SERVED_DTYPES.get(element.dtype, element.dtype)
    for number, level in enumerate(served.levels):
        arrays[f"{prefix}{level.path}"] = VirtualArray(
            shape=level.shape,
            chunk_shape=tuple(pixels.chunk_px if name in "yx" else 1 for name in names),
            dtype=dtype,
            read=partial(_read, pixels, number, names, dtype),
            separator="/",
            dimension_names=tuple(names),
            passed=_pass_on(pixels, number, names),
            is_kept=pixels.levels[number].stored is None,
        )


def _may_pass(element: Raster, where: str) -> bool:
    """Whether all levels may have chunks of one size that can be passed on as they are stored."""
    if element.dtype in SERVED_DTYPES or any(level.chunk_shape is None for level in element.levels):
        return False
    sides = set()
    for level in element.levels:
        plan = plan_axes(element.axes, level.shape, where)
        sides |= {(level.chunk_shape or ())[plan.find_dims(role)[0]] for role in ("y", "x")}
    return len(sides) == 1 and sides <= set(PASSED_CHUNKS_PX)


def _pass_on(pixels: ServedPixels, level: int, names: list[str]) -> PassedChunks | None:
    if pixels.passed is None or pixels.levels[level].stored is None:
        return None
    name = pixels.passed.compression
    return PassedChunks(
        compressor=None if name is None else {"id": name, "level": 1},
        read=lambda index: pixels.read_stored(level, _arrange(index, names)),
    )


def _arrange(index: tuple[int, ...], names: list[str]) -> ShapeTczyx:
    by_name = dict(zip(names, index, strict=True))
    t, c, z, y, x = (by_name.get(name, 0) for name in AXES)
    return t, c, z, y, x


def _describe_level(number: int, level: ServedLevel, pixels: ServedPixels, arranged: StandardAxes) -> Level:
    finest = pixels.levels[0].shape_tczyx
    steps = [whole / size for whole, size in zip(finest, level.shape_tczyx, strict=True)]
    return arranged.describe_level(str(number), level.shape_tczyx, steps)


def _read(
    pixels: ServedPixels, level: int, names: list[str], dtype: str, window: tuple[slice, ...]
) -> npt.NDArray[np.generic]:
    """The values of a chunk, by its window."""
    t, c, z, y, x = _arrange(tuple(part.start for part in window), names)
    plane = pixels.read(level, (t, c, z, y // pixels.chunk_px, x // pixels.chunk_px))
    return _to_served(plane, dtype).reshape(tuple(part.stop - part.start for part in window))


def _to_served(pixels: npt.NDArray[np.generic], dtype: str) -> npt.NDArray[np.generic]:
    """The pixels in the type that is served of all levels, even where those that are stored differ in theirs."""
    import numpy as np

    if pixels.dtype == dtype:  # its name would take far longer to build
        return pixels
    if np.dtype(dtype).kind in "iu":
        limits = np.iinfo(dtype)
        pixels = np.clip(np.nan_to_num(pixels), limits.min, limits.max)
    served: npt.NDArray[np.generic] = pixels.astype(dtype)
    return served
