"""Small pictures of datasets, for lists and search results."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING

from vitrina.gateway.colors import GROUP_COLORS, choose_group_color
from vitrina.readers.palette import PALETTE, WHITE
from vitrina.readers.reader import RasterPreview

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

    from vitrina.readers.reader import Preview, ScatterPreview

    type Pixels = npt.NDArray[np.uint8]

_PAPER = (252, 252, 253)
_NO_GROUP = (186, 192, 202)
_SUPERSAMPLING = 3
_DOT_ALPHA = 205
_QUALITY = 86


def draw_thumbnail(preview: Preview, side_px: int = 512) -> bytes:
    """A WebP picture of at most ``side_px`` per side.

    Channels are added up in their colours within their windows; colour images stay as they are; labels get one colour
    each; scattered points are soft dots on light paper, y pointing down in space and up in embeddings.
    """
    if isinstance(preview, RasterPreview):
        image = _fit(_draw_raster(preview), side_px, is_labels=preview.is_labels)
    else:
        image = _draw_scatter(preview, side_px)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()


def _draw_raster(preview: RasterPreview) -> Image:
    from PIL import Image

    if preview.is_labels:
        pixels = _color_labels(preview.pixels_cyx[0])
    elif preview.is_rgb:
        pixels = _scale_rgb(preview)
    else:
        pixels = _add_channels(preview)
    return Image.fromarray(pixels)


def _scale_rgb(preview: RasterPreview) -> Pixels:
    """Red, green and blue as stored, wider integers by their range and floats from 0 to 1."""
    import numpy as np

    pixels = np.moveaxis(preview.pixels_cyx[:3], 0, -1)
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels)
    limit = 2.0 ** (8 * pixels.dtype.itemsize - (pixels.dtype.kind == "i")) - 1 if pixels.dtype.kind in "iu" else 1.0
    return _to_bytes(np.nan_to_num(pixels.astype(np.float32)) / limit)


def _add_channels(preview: RasterPreview) -> Pixels:
    import numpy as np

    n_channels, height, width = preview.pixels_cyx.shape
    total = np.zeros((height, width, 3), np.float32)
    for index in range(n_channels):
        plane = np.nan_to_num(preview.pixels_cyx[index].astype(np.float32))
        low, high = preview.windows[index] if index < len(preview.windows) else (float(plane.min()), float(plane.max()))
        weight = np.clip((plane - low) / max(high - low, 1e-12), 0.0, 1.0)
        default = WHITE if n_channels == 1 else PALETTE[index % len(PALETTE)]
        color = preview.colors_rgb[index] if index < len(preview.colors_rgb) else default
        total += weight[..., None] * (np.asarray(color, np.float32) / 255.0)
    return _to_bytes(total)


def _color_labels(labels: npt.NDArray[np.generic]) -> Pixels:
    """One colour per id from a hash of the id, so that neighbours differ; background dark; borders darker."""
    import numpy as np

    ids = labels.astype(np.int64).astype(np.uint64)
    mixed = (ids * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    palette = np.asarray(GROUP_COLORS, np.float32)
    shade = 0.82 + 0.3 * ((mixed >> np.uint64(8)) & np.uint64(255)).astype(np.float32)[..., None] / 255.0
    colored = palette[(mixed % np.uint64(len(palette))).astype(np.intp)] * shade
    border = np.zeros(labels.shape, bool)
    border[:-1] |= ids[:-1] != ids[1:]
    border[:, :-1] |= ids[:, :-1] != ids[:, 1:]
    colored[border] *= 0.55
    colored[ids == 0] = (17, 20, 28)
    return _to_bytes(colored / 255.0)


def _to_bytes(values: npt.NDArray[np.floating]) -> Pixels:
    import numpy as np

    pixels: Pixels = (np.clip(values, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return pixels


def _fit(image: Image, side_px: int, *, is_labels: bool) -> Image:
    """Shrink or enlarge to ``side_px`` on the longer side, keeping the aspect, at most eightfold."""
    from PIL import Image

    factor = min(side_px / max(image.size), 8.0)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    is_pixel_art = is_labels and factor > 1
    return image.resize(size, Image.Resampling.NEAREST if is_pixel_art else Image.Resampling.LANCZOS)


def _draw_scatter(preview: ScatterPreview, side_px: int) -> Image:
    """Dots on a finer grid, shrunk to smooth their edges."""
    import numpy as np
    from PIL import Image

    points, groups = _keep_finite(preview)
    low, size = _measure(points)
    factor = (side_px - 2 * _margin(side_px)) / float(size.max())
    canvas_px = np.maximum(np.round(size * factor + 2 * _margin(side_px)), side_px * 0.25)
    width, height = (int(value) for value in np.ceil(canvas_px))
    offset = (canvas_px - size * factor) / 2
    positions = (points - low) * factor + offset
    if not preview.is_spatial:
        positions[:, 1] = height - positions[:, 1]
    radius_px = _choose_radius(positions, (height, width))
    canvas = _splat(positions * _SUPERSAMPLING, groups, (height, width), radius_px * _SUPERSAMPLING)
    return Image.fromarray(canvas).resize((width, height), Image.Resampling.LANCZOS)


def _keep_finite(preview: ScatterPreview) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    import numpy as np

    finite = np.isfinite(preview.points_xy).all(axis=1)
    return preview.points_xy[finite], preview.groups[finite]


def _measure(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Lowest corner and size; a single point gets a size of one."""
    import numpy as np

    if not len(points):
        return np.zeros(2), np.ones(2)
    low = points.min(axis=0)
    size = points.max(axis=0) - low
    return low, np.maximum(size, max(float(size.max()) * 1e-3, 1e-9))


def _margin(side_px: int) -> float:
    return side_px * 0.05


def _choose_radius(positions: npt.NDArray[np.float64], size: tuple[int, int]) -> float:
    """Dots that side by side would cover four fifths of where points are, between 0.8 and 5 pixels."""
    import numpy as np

    cell_px = max(size) / 48
    n_occupied = len(np.unique((positions // cell_px).astype(np.int64), axis=0))
    area_px = 0.8 * n_occupied * cell_px**2
    return min(max(math.sqrt(area_px / (math.pi * max(len(positions), 1))), 0.8), 5.0)


def _splat(
    positions: npt.NDArray[np.float64], groups: npt.NDArray[np.int64], size: tuple[int, int], radius_px: float
) -> Pixels:
    """Round dots that let a little of what lies below shine through, in random order so that no group hides another."""
    import numpy as np
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (size[1] * _SUPERSAMPLING, size[0] * _SUPERSAMPLING), _PAPER)
    draw = ImageDraw.Draw(canvas, "RGBA")
    has_groups = bool((groups >= 0).any())
    order = np.random.default_rng(0).permutation(len(positions))
    for index in order[np.argsort(groups[order] >= 0, kind="stable")]:
        x, y = positions[index]
        color = _color_group(int(groups[index]), has_groups=has_groups)
        draw.ellipse((x - radius_px, y - radius_px, x + radius_px, y + radius_px), fill=(*color, _DOT_ALPHA))
    return np.asarray(canvas)


def _color_group(group: int, *, has_groups: bool) -> tuple[int, int, int]:
    if group < 0:
        return _NO_GROUP if has_groups else GROUP_COLORS[0]
    return choose_group_color(group)
