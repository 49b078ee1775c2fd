"""Rules for images and label images of every format: lower resolutions, chunks, depth."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from vitrina.checks.viewer.codes import HEALED, build_finding
from vitrina.checks.viewer.limits import MAX_FLAT_SIDE_PX, MAX_TEXTURE_PX, MAX_TILE_PIXELS, MIN_TILE_PIXELS
from vitrina.readers.ngff_image import find_flat_levels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import ImageElement, LabelsElement, Level
    from vitrina.model.finding import Finding

    type Raster = ImageElement | LabelsElement

_PYRAMID_FIXES = {
    "image-not-pyramidal": "Convert it with `vitrina convert`, which writes lower resolutions in tiles.",
    "spatialdata-single-scale": "Parse the element again with scale_factors=[2, 2, 2], and write it.",
}


def check_levels(element: Raster, *, code: str, is_healed: bool) -> Iterator[Finding]:
    """Whether a large plane has lower resolutions.

    Args:
        element: The image.
        code: ``image-not-pyramidal``, or what the format calls it.
        is_healed: Whether the gateway makes lower resolutions up.
    """
    height, width = _get_plane(element, find_flat_levels(element)[-1])
    if max(height, width) <= MAX_FLAT_SIDE_PX:
        return
    what = (
        f"The lowest resolution of the {_name(element)} has {height:,} x {width:,} pixels, more than "
        f"{MAX_FLAT_SIDE_PX:,} a side"
    )
    if is_healed:
        yield build_finding(
            code, element.path, f"{what}, so the viewer would load every pixel. {HEALED}", severity="info"
        )
    elif max(height, width) > MAX_TEXTURE_PX:
        yield build_finding(
            code,
            element.path,
            f"{what}; the viewer makes one texture of it, and graphics cards allow {MAX_TEXTURE_PX:,} pixels a side.",
            fix=_PYRAMID_FIXES[code],
            severity="error",
        )
    else:
        yield build_finding(
            code, element.path, f"{what}, so the viewer loads every pixel at once.", fix=_PYRAMID_FIXES[code]
        )


def check_chunks(element: Raster, *, is_healed: bool) -> Iterator[Finding]:
    """Whether the finest level is stored in parts that suit a screen."""
    level = element.levels[0]
    if level.chunk_shape is None:
        return
    height, width = _get_plane(element, level)
    rows, columns = _get_plane(element, level, of_chunk=True)
    n_pixels = math.prod(level.chunk_shape)
    n_chunks = math.ceil(height / max(rows, 1)) * math.ceil(width / max(columns, 1))
    sizes = " x ".join(f"{size:,}" for size in level.chunk_shape)
    if n_pixels > MAX_TILE_PIXELS:
        problem = f"lies in chunks of {sizes} values, so that each step of the view loads {n_pixels:,} values"
    elif n_pixels < MIN_TILE_PIXELS and n_chunks > 1_000:
        problem = f"lies in {n_chunks:,} chunks of {sizes} values, so that a picture takes thousands of requests"
    else:
        return
    said = f"The {_name(element)} {problem}."
    if is_healed:
        yield build_finding("image-not-tiled", element.path, f"{said} {HEALED}", severity="info")
    else:
        fix = "Write it in tiles of 256 to 1024 pixels a side, one channel each: `vitrina convert` does."
        yield build_finding("image-not-tiled", element.path, said, fix=fix)


def check_factors(element: Raster) -> Iterator[Finding]:
    """Whether each level is half as large as the one before."""
    for finer, coarser in pairwise(element.levels):
        sizes = zip(_get_plane(element, finer), _get_plane(element, coarser), strict=True)
        ratios = [size / max(half, 1) for size, half in sizes if not _is_half(size, half)]
        if ratios:
            yield build_finding(
                "ngff-factor-not-2",
                element.path,
                f"Level {coarser.path} of the {_name(element)} is {ratios[0]:.3g} times smaller than the one before, "
                "not 2 times; the viewer shows it, and loads more pixels than the screen has.",
            )
            return


def check_depth(element: Raster, *, is_healed: bool) -> Iterator[Finding]:
    """Whether lower resolutions keep all planes, and chunks hold one."""
    names = [axis.name for axis in element.axes]
    flat = find_flat_levels(element)
    if flat != element.levels:
        dropped = len(element.levels) - len(flat)
        said = (
            f"{dropped} of the {len(element.levels)} levels of the {_name(element)} have fewer planes than the finest, "
            "and the viewer asks every level for the same plane"
        )
        if is_healed:
            yield build_finding("ngff-z-downsampled", element.path, f"{said}. {HEALED}", severity="info")
        else:
            fix = "Write lower resolutions that shrink along y and x only: `vitrina convert` does."
            yield build_finding("ngff-z-downsampled", element.path, f"{said}.", fix=fix)
    chunk_shape = element.levels[0].chunk_shape
    if "z" in names and chunk_shape is not None and chunk_shape[names.index("z")] > 1:
        yield build_finding(
            "ngff-z-chunked",
            element.path,
            f"Chunks of the {_name(element)} hold {chunk_shape[names.index('z')]} planes each, so the viewer loads "
            "that many to show one.",
            fix="Write chunks of one plane: `vitrina convert` does.",
        )


def _is_half(size: int, half: int) -> bool:
    """Rounded either way; sizes of one pixel cannot shrink."""
    return abs(size - 2 * half) <= max(2, 0.05 * size) or size == half == 1


def _get_plane(element: Raster, level: Level, *, of_chunk: bool = False) -> tuple[int, int]:
    shape = (level.chunk_shape or level.shape) if of_chunk else level.shape
    sizes = dict(zip((axis.name for axis in element.axes), shape, strict=False))
    return sizes.get("y", 1), sizes.get("x", 1)


def _name(element: Raster) -> str:
    kind = "image" if element.kind == "image" else "label image"
    return f"{kind} {element.name!r}"
