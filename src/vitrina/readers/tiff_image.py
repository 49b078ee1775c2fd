"""An image element from a tifffile series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Channel, ImageElement, LabelsElement, Level
from vitrina.model.finding import Finding
from vitrina.readers.contrast import choose_window, measure_windows, read_sample
from vitrina.readers.label_guess import guess_labels
from vitrina.readers.pixels.indexed import IndexedPixels
from vitrina.readers.pixels.tiff import find_white, open_series
from vitrina.readers.plane import PlaneReader
from vitrina.readers.tiff_axes import build_axes, name_axes
from vitrina.readers.tiff_metadata import TiffChannel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tifffile import TiffPageSeries

    from vitrina.model.content import Axis
    from vitrina.readers.plane import Pixels
    from vitrina.readers.source import Source
    from vitrina.readers.tiff_metadata import TiffMetadata

_COLOR_PHOTOMETRICS = {2, 6}
"""RGB, and YCbCr that decodes to it. Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 37"""

_PALETTE_PHOTOMETRIC = 3

_WIDE_DTYPES = {"int64", "uint64", "float64"}

MAX_JUDGED_PIXELS = 2**24
"""Up to so many pixels of 64 bits are looked at, to say which smaller type would hold them: 128 MiB."""

_SAMPLE_CHANNELS = (
    TiffChannel(name="Red", color_rgb=(255, 0, 0)),
    TiffChannel(name="Green", color_rgb=(0, 255, 0)),
    TiffChannel(name="Blue", color_rgb=(0, 0, 255)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffImage:
    """An element and what was odd about it."""

    element: ImageElement | LabelsElement
    findings: tuple[Finding, ...]


def read_tiff_image(
    source: Source,
    series: TiffPageSeries,
    metadata: TiffMetadata,
    *,
    name: str,
    element_path: str,
) -> TiffImage:
    """Describe a series, with contrast windows measured on its coarsest level.

    Args:
        source: The file.
        series: Its series, of a file that stays open meanwhile.
        metadata: What the file says of it.
        name: Name of the element, where the metadata has none.
        element_path: Path of the element.

    Raises:
        UnreadableError: Pixels are missing.
    """
    _check_complete(source.path, series)
    named = name_axes(series.axes, series.shape, metadata)
    axes = build_axes(named.names, metadata)
    levels = _build_levels(series, named.names, metadata)
    last = len(levels) - 1
    array = open_level(source, series, axes, last)
    plane = PlaneReader(array=array, shape=levels[last].shape, axes=axes)
    dtype = str(series.dtype.name)
    name = metadata.name or name
    odd = (*named.findings, *_check_units(metadata, element_path), *_check_width(source, series, axes, element_path))
    guessed = guess_labels(plane, dtype, element_path)
    if guessed is not None:
        labels = LabelsElement(name=name, path=element_path, axes=axes, dtype=dtype, levels=levels)
        return TiffImage(element=labels, findings=(*odd, guessed))
    is_rgb = _is_rgb(series)
    channels, findings = _build_channels(series, metadata, plane.n_channels, is_rgb=is_rgb)
    measured = [] if is_rgb else measure_windows(read_sample(plane))
    element = ImageElement(
        name=name,
        path=element_path,
        axes=axes,
        dtype=dtype,
        levels=levels,
        channels=tuple(
            Channel(
                name=own.name or f"Channel {i}",
                color_rgb=own.color_rgb,
                window=None if is_rgb else choose_window(own.window, window, dtype),
            )
            for i, (own, window) in enumerate(zip_longest(channels, measured))
        ),
        is_rgb=is_rgb,
    )
    return TiffImage(element=element, findings=(*odd, *findings))


def open_level(source: Source, series: TiffPageSeries, axes: Sequence[Axis], level: int) -> Any:
    """The pixels of a level as an array. The file of the series must stay open while it is read, and stays open."""
    if sum(axis.name in {"c", "s"} for axis in axes) > 1:  # channels of several samples are one dimension to pixels
        import zarr

        return zarr.open_array(series.aszarr(level=level), mode="r")
    pixels = open_series(source, series, level, axes, close=_leave_open)
    return IndexedPixels(pixels, axes, tuple(int(size) for size in series.levels[level].shape))


def _leave_open() -> None:
    """The file belongs to the caller."""


def _build_levels(series: TiffPageSeries, names: tuple[str, ...], metadata: TiffMetadata) -> tuple[Level, ...]:
    sizes = {letter.lower(): size for letter, (size, _) in metadata.pixel_sizes.items()}
    base = tuple(sizes.get(name, 1.0) for name in names)
    return tuple(
        _build_level(str(i), level.shape, _find_chunk_shape(level), series.shape, base)
        for i, level in enumerate(series.levels)
    )


def _build_level(
    path: str,
    shape: tuple[int, ...],
    chunk_shape: tuple[int, ...] | None,
    finest: tuple[int, ...],
    base: tuple[float, ...],
) -> Level:
    """Pixels of a coarser level are larger by the ratio of the sizes, and their centres lie further in."""
    ratios = [full / size for full, size in zip(finest, shape, strict=True)]
    return Level(
        path=path,
        shape=tuple(int(size) for size in shape),
        chunk_shape=chunk_shape,
        scale=tuple(size * ratio for size, ratio in zip(base, ratios, strict=True)),
        translation=tuple(size * (ratio - 1) / 2 for size, ratio in zip(base, ratios, strict=True)),
    )


def _find_chunk_shape(level: TiffPageSeries) -> tuple[int, ...] | None:
    """One tile or strip of one page."""
    chunks = tuple(int(size) for size in level.keyframe.chunks)
    missing = len(level.shape) - len(chunks)
    return (1,) * missing + chunks if missing >= 0 else None


def _is_rgb(series: TiffPageSeries) -> bool:
    """Whether pixels are three 8-bit samples that the file calls red, green and blue."""
    if "S" not in series.axes or "C" in series.axes or series.dtype.name != "uint8":
        return False
    n_samples = series.shape[series.axes.index("S")]
    return n_samples == 3 and int(series.keyframe.photometric) in _COLOR_PHOTOMETRICS


def _build_channels(
    series: TiffPageSeries, metadata: TiffMetadata, n_channels: int, *, is_rgb: bool
) -> tuple[list[TiffChannel], list[Finding]]:
    if is_rgb:
        return list(_SAMPLE_CHANNELS), []
    findings = []
    own = list(metadata.channels)
    if own and len(own) != n_channels and len(own) > 1:
        findings.append(_channel_count(len(own), n_channels))
    if len(own) != n_channels:
        own = [] if len(own) == 1 else own[:n_channels]
    if "S" in series.axes and int(series.keyframe.photometric) in _COLOR_PHOTOMETRICS:
        findings.append(_samples_are_channels(n_channels, str(series.dtype.name)))
    if int(series.keyframe.photometric) == _PALETTE_PHOTOMETRIC:
        findings.append(_palette())
    if find_white(series) is not None:
        findings.append(_inverted())
    return own + [TiffChannel()] * (n_channels - len(own)), findings


def _check_complete(path: Path, series: TiffPageSeries) -> None:
    """Whether the pixels of the first and last page of each level lie inside the file.

    Raises:
        UnreadableError: They do not, or there are none.
    """
    if 0 in series.shape or len(series.shape) < 2 or "Y" not in series.axes or "X" not in series.axes:
        raise UnreadableError(
            "tiff-no-image", f"{path} holds no image: its series has the shape {series.shape}.", where=str(path)
        )
    size_bytes = path.stat().st_size
    for level in series.levels:
        for number in {0, len(level.pages) - 1}:
            page = level.pages[number]
            if page is None:
                continue
            ends = [offset + count for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True)]
            if max(ends, default=0) > size_bytes and page.parent.filehandle.size == size_bytes:
                raise UnreadableError(
                    "tiff-truncated",
                    f"{path} has {size_bytes:,} bytes, but its pixels reach to byte {max(ends):,}.",
                    hint="The file is truncated: copy or download it again.",
                    where=str(path),
                )


def check_pixel_size(image: TiffImage) -> list[Finding]:
    """What to tell of an image whose pixels have no known size in the plane, unless it was told of its unit."""
    element = image.element
    is_known = all(axis.unit for axis in element.axes if axis.name in {"y", "x"})
    if is_known or any(one.code == "unit-unknown" for one in image.findings):
        return []
    return [
        Finding(
            code="pixel-size-missing",
            severity="info",
            path=f"{element.path}#",
            message="The file does not say how large a pixel is, so sizes are given in pixels.",
            fix="Say it where the image is annotated, or save it as OME-TIFF with its physical size.",
        )
    ]


def _check_width(source: Source, series: TiffPageSeries, axes: Sequence[Axis], path: str) -> list[Finding]:
    """What to tell of pixels of 64 bits, which nothing displays: which smaller type would hold them all."""
    dtype = str(series.dtype.name)
    if dtype not in _WIDE_DTYPES:
        return []
    message = f"The pixels are {dtype}, which viewers do not display; "
    if math.prod(series.shape) > MAX_JUDGED_PIXELS:
        message += f"there are more than {MAX_JUDGED_PIXELS:,}, so whether a smaller type would hold them is not known."
        return [_wide(path, message, None)]
    fitting = find_fitting_dtype(open_level(source, series, axes, 0)[...])
    if fitting is None:
        return [_wide(path, message + "none of the smaller types would hold their values.", None)]
    return [_wide(path, f"{message}{fitting} would hold all of their values.", f"Save the image as {fitting}.")]


def find_fitting_dtype(pixels: Pixels) -> str | None:
    """The smallest type of at most 32 bits that holds all values exactly, None for none."""
    import numpy as np

    if pixels.size == 0:
        return None
    if pixels.dtype.kind == "f":
        with np.errstate(over="ignore"):
            narrowed = pixels.astype(np.float32)
        return "float32" if np.array_equal(narrowed, pixels, equal_nan=True) else None
    low, high = int(pixels.min()), int(pixels.max())
    candidates = ("uint8", "int8", "uint16", "int16", "uint32", "int32")
    return next((name for name in candidates if np.iinfo(name).min <= low and high <= np.iinfo(name).max), None)


def _wide(path: str, message: str, fix: str | None) -> Finding:
    return Finding(code="pixels-wide", severity="info", path=f"{path}#", message=message, fix=fix)


def _check_units(metadata: TiffMetadata, path: str) -> list[Finding]:
    return [
        Finding(
            code="unit-unknown",
            severity="info",
            path=f"{path}#",
            message=f"The pixel size is given in {unit!r}, which is no physical unit, so sizes are given in pixels.",
        )
        for unit in metadata.unknown_units
    ]


def _channel_count(stated: int, n_channels: int) -> Finding:
    return Finding(
        code="channel-count",
        severity="warning",
        path="#",
        message=f"The metadata names {stated} channels, but the image has {n_channels}.",
    )


def _samples_are_channels(n_channels: int, dtype: str) -> Finding:
    return Finding(
        code="samples-are-channels",
        severity="info",
        path="#",
        message=f"The file stores {n_channels} {dtype} samples per pixel as a colour image would; they are shown as "
        "separate channels, since a colour image has three of 8 bits.",
    )


def _inverted() -> Finding:
    return Finding(
        code="white-is-zero",
        severity="info",
        path="#",
        message="The file says that 0 is white; its pixels are inverted when they are read, so that 0 is black.",
    )


def _palette() -> Finding:
    return Finding(
        code="palette-ignored",
        severity="info",
        path="#",
        message="The file has a colour table; its pixels are shown by their numbers, without it.",
    )
