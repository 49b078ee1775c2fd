"""Raster previews: which level, which channels, how much smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import Channel, ImageElement
from vitrina.readers.contrast import measure_windows
from vitrina.readers.palette import choose_color
from vitrina.readers.plane import PlaneReader, find_yx
from vitrina.readers.reader import RasterPreview

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.content import LabelsElement
    from vitrina.readers.plane import Pixels

MAX_CHANNELS = 4
"""More channels than this added up are no picture any more."""

MAX_BAND_PIXELS = 64 * 2**20
"""A plane is read in bands of rows of at most this many pixels, so that memory stays bounded."""

type OpenLevel = Callable[[int], Any]
"""Gives the array of a level, by its number."""


def read_raster_preview(
    element: ImageElement | LabelsElement, open_level: OpenLevel, min_side_px: int
) -> RasterPreview | None:
    """A small version of an image or label image; None when it has no pixels."""
    number = plan_level(element, min_side_px)
    plane = PlaneReader(array=open_level(number), shape=element.levels[number].shape, axes=element.axes)
    if 0 in plane.shape:
        return None
    if not isinstance(element, ImageElement):
        return RasterPreview(pixels_cyx=_read_reduced(plane, 1, min_side_px, is_labels=True), is_labels=True)
    n_channels = 3 if element.is_rgb else min(plane.n_channels, MAX_CHANNELS)
    pixels = _read_reduced(plane, n_channels, min_side_px, is_labels=False)
    if element.is_rgb:
        return RasterPreview(pixels_cyx=pixels, is_rgb=True)
    measured = measure_windows(pixels.reshape(n_channels, -1))
    windows = (own.window or measured[i] or (0.0, 1.0) for i, own in enumerate(_pad(element.channels, n_channels)))
    colors = (choose_color(own, i, n_channels) for i, own in enumerate(_pad(element.channels, n_channels)))
    return RasterPreview(pixels_cyx=pixels, colors_rgb=tuple(colors), windows=tuple(windows))


def plan_level(element: ImageElement | LabelsElement, min_side_px: int) -> int:
    """Number of the coarsest level whose larger side has enough pixels, else of the finest."""
    y, x = find_yx(element.axes)
    enough = [i for i, level in enumerate(element.levels) if max(level.shape[y], level.shape[x]) >= min_side_px]
    return max(enough, default=0)


def plan_bands(height: int, width: int, n_channels: int, step: int) -> list[slice]:
    """Bands of rows, each a multiple of ``step`` high, that together are the plane without its last odd rows."""
    whole = height - height % step if height >= step else height
    rows = max(step, MAX_BAND_PIXELS // max(1, width * n_channels) // step * step)
    return [slice(start, min(whole, start + rows)) for start in range(0, whole, rows)]


def _read_reduced(plane: PlaneReader, n_channels: int, min_side_px: int, *, is_labels: bool) -> Pixels:
    import numpy as np

    height, width = plane.shape_yx
    step = max(1, max(height, width) // max(1, min_side_px))
    columns = slice(0, width)
    bands = (plane.read(rows, columns, n_channels) for rows in plan_bands(height, width, n_channels, step))
    return np.concatenate([_reduce(band, step, is_labels=is_labels) for band in bands], axis=1)


def _reduce(band_cyx: Pixels, step: int, *, is_labels: bool) -> Pixels:
    """Every block of ``step`` x ``step`` pixels as one: its mean, or its first pixel for labels."""
    n_channels, height, width = band_cyx.shape
    if step == 1:
        return band_cyx
    if is_labels or height < step or width < step:
        return band_cyx[:, ::step, ::step]
    cropped: Any = band_cyx[:, : height - height % step, : width - width % step]
    blocks = cropped.reshape(n_channels, height // step, step, width // step, step)
    reduced: Pixels = blocks.mean(axis=(2, 4)).astype(band_cyx.dtype)
    return reduced


def _pad(channels: tuple[Channel, ...], n_channels: int) -> tuple[Channel, ...]:
    missing = range(len(channels), n_channels)
    return channels[:n_channels] + tuple(Channel(name=f"Channel {i}") for i in missing)
