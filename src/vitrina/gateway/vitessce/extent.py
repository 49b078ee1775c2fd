"""Extents in a coordinate system, and the camera that shows one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from vitrina.gateway.placing import transform_extent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.model.content import Axis, ExtentXY, Level

WIDE_VIEW_PX = (960.0, 680.0)
"""Size of the spatial view next to layers only, in a browser window of 1280 to 1920 pixels."""

HALF_VIEW_PX = (600.0, 680.0)
"""Size of the spatial view next to a table's panels."""

_MARGIN = 0.1
"""Levels of zoom kept free around the data, as Vitessce does when it fits an image."""


def join_extents(extents: Iterable[ExtentXY | None]) -> ExtentXY | None:
    """The smallest box around all that are known and finite, None when none is."""
    known = [extent for extent in extents if extent is not None and all(map(math.isfinite, extent))]
    if not known:
        return None
    return (
        min(extent[0] for extent in known),
        min(extent[1] for extent in known),
        max(extent[2] for extent in known),
        max(extent[3] for extent in known),
    )


def measure_pixels(axes: tuple[Axis, ...], level: Level) -> ExtentXY | None:
    """The extent of an image in pixels of a level, None without x and y."""
    sizes = dict(zip((axis.name for axis in axes), level.shape, strict=False))
    return (0.0, 0.0, float(sizes["x"]), float(sizes["y"])) if {"x", "y"} <= sizes.keys() else None


def measure_level(axes: tuple[Axis, ...], level: Level) -> ExtentXY | None:
    """The extent of an image in physical units, as NGFF's transformations place it; None without x and y."""
    pixels = measure_pixels(axes, level)
    if pixels is None:
        return None
    names = [axis.name for axis in axes]
    x, y = names.index("x"), names.index("y")
    scale, translation = level.scale, level.translation
    return transform_extent(pixels, (scale[x], 0.0, translation[x], 0.0, scale[y], translation[y]))


def pad_extent(extent: ExtentXY, margin: float) -> ExtentXY:
    """The extent with a margin all around; one without a size becomes a unit wide."""
    if extent[0] == extent[2] and extent[1] == extent[3]:
        margin = max(margin, 0.5)
    return (extent[0] - margin, extent[1] - margin, extent[2] + margin, extent[3] + margin)


def compute_zoom(extent: ExtentXY, view_px: tuple[float, float]) -> float:
    """Zoom at which the extent fills the view: one unit is ``2**zoom`` screen pixels."""
    width = max(extent[2] - extent[0], 1e-9)
    height = max(extent[3] - extent[1], 1e-9)
    return math.log2(min(view_px[0] / width, view_px[1] / height)) - _MARGIN


def compute_target(extent: ExtentXY) -> tuple[float, float]:
    """The middle of the extent."""
    return ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)


def estimate_spacing(extent: ExtentXY, n_points: int) -> float:
    """Distance between neighbours if the points covered the extent evenly; at least a thousandth of its size.

    An extent without a size counts as a unit wide.
    """
    width, height = extent[2] - extent[0], extent[3] - extent[1]
    size = max(width, height)
    if not size:
        return 1.0
    return max(math.sqrt(max(width, size * 1e-3) * max(height, size * 1e-3) / max(n_points, 1)), size * 1e-3)
