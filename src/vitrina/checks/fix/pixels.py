"""Which arrays of an image must be written: missing levels, chunks and types that do not suit."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from vitrina.checks.fix.plan import ImageJob
from vitrina.checks.viewer.limits import MAX_FLAT_SIDE_PX, MAX_TILE_PIXELS, MIN_TILE_PIXELS
from vitrina.model.content import LabelsElement
from vitrina.pyramid.plan import plan_levels

if TYPE_CHECKING:
    from vitrina.model.content import ImageElement
    from vitrina.pyramid.plan import LevelPlan, Zyx
    from vitrina.pyramid.source import ShapeTczyx

    type Raster = ImageElement | LabelsElement

AXES = "tczyx"

TILE_ZYX: Zyx = (1, 512, 512)
"""Chunks that suit a screen. As ``vitrina.convert.options.PyramidOptions``."""

DRAWN_TYPES = frozenset({"uint8", "uint16", "uint32", "int8", "int16", "int32", "float32", "float64"})
"""Types of pixels that the viewer draws. As ``vitrina.checks.viewer.zarr_arrays``."""

_MAX_SMALL_CHUNKS = 1_000


def is_conventional(element: Raster) -> bool:
    """Whether the axes are some of t, c, z, y and x, in that order, so that arrays can be written as they are."""
    names = [axis.name for axis in element.axes]
    return names == [name for name in AXES if name in names] and {"y", "x"} <= set(names)


def get_sizes(element: Raster, level: int = 0) -> ShapeTczyx:
    """The size of a level in the order t, c, z, y, x."""
    sizes = dict(zip((axis.name for axis in element.axes), element.levels[level].shape, strict=True))
    t, c, z, y, x = (sizes.get(name, 1) for name in AXES)
    return t, c, z, y, x


def count_needed_levels(element: Raster) -> int:
    """How many levels an image should have: those that it has, or as many as a large one without any needs."""
    shape = get_sizes(element)
    if len(element.levels) > 1 or max(shape[3:]) <= MAX_FLAT_SIDE_PX:
        return len(element.levels)
    return len(plan_levels(shape))


def plan_missing_levels(element: Raster, n_levels: int) -> tuple[LevelPlan, ...] | None:
    """All levels of an image that has one; None when there is nothing left to halve."""
    planned = plan_levels(get_sizes(element), n_levels=n_levels)
    return planned if len(planned) == n_levels else None


def reach_levels(element: Raster, n_levels: int) -> int:
    """The number of levels that an image can have without making anew those that it has: that number, or its own."""
    n_now = len(element.levels)
    if n_now > 1 or not is_conventional(element) or plan_missing_levels(element, n_levels) is None:
        return n_now
    return n_levels


def find_chunk_problem(element: Raster) -> str | None:
    """The code of what is wrong with the chunks of an image from the viewer's point of view, None when nothing is."""
    chunk = get_chunk(element)
    if chunk is None:
        return None
    z, y, x = chunk
    height, width = get_sizes(element)[3:]
    n_values = math.prod(element.levels[0].chunk_shape or ())
    if n_values > MAX_TILE_PIXELS:
        return "image-not-tiled"
    if n_values < MIN_TILE_PIXELS and -(-height // y) * -(-width // x) > _MAX_SMALL_CHUNKS:
        return "image-not-tiled"
    return "ngff-z-chunked" if z > 1 else None


def get_chunk(element: Raster) -> Zyx | None:
    """Depth, height and width of the chunks of the finest level."""
    chunk_shape = element.levels[0].chunk_shape
    if chunk_shape is None:
        return None
    sizes = dict(zip((axis.name for axis in element.axes), chunk_shape, strict=True))
    z, y, x = (sizes.get(name, 1) for name in "zyx")
    return z, y, x


def build_job(element: Raster, n_levels: int, *, dtype: str, is_rewritten: bool, is_retiled: bool) -> ImageJob:
    """The arrays to write.

    Args:
        element: The image.
        n_levels: Of all its levels afterwards.
        dtype: Of the pixels afterwards.
        is_rewritten: Whether the levels that are there are written anew.
        is_retiled: Whether chunks become tiles of one plane; else they stay.
    """
    chunk = get_chunk(element)
    is_kept = chunk is not None and not is_retiled and math.prod(chunk) <= MAX_TILE_PIXELS
    paths = [level.path for level in element.levels]
    while len(paths) < n_levels:
        paths.append(name_level(paths[0], len(paths), taken=paths, group=element.path))
    return ImageJob(
        element=element,
        level_paths=tuple(paths),
        chunk_zyx=chunk if is_kept and chunk is not None else TILE_ZYX,
        dtype=dtype,
        is_rewritten=is_rewritten,
    )


def name_level(finest: str, number: int, *, taken: list[str], group: str) -> str:
    """The path of a level: as that of the finest, with another number.

    >>> name_level("labels/cells/s0", 2, taken=[], group="labels/cells")
    'labels/cells/s2'
    """
    own = finest.removeprefix(f"{group}/") if group else finest
    named = re.sub(r"0(?=\D*$)", str(number), own, count=1)
    if named == own or re.search(r"\d0(?=\D*$)", own):
        named = str(number)
    path = f"{group}/{named}" if group else named
    return path if path not in taken else f"{path}-{number}"


def is_labels(element: Raster) -> bool:
    """Whether pixels are label ids."""
    return isinstance(element, LabelsElement)
