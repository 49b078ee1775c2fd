"""The picture of one field of view: JPEG, PNG or TIFF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.readers.damage import reading
from vitrina.readers.form import TIFF_MAGICS
from vitrina.readers.source import Source
from vitrina.readers.tiff_file import open_tiff

if TYPE_CHECKING:
    from pathlib import Path

    from tifffile import TiffFile

    from vitrina.pyramid.source import Pixels

MAX_PIXELS = 2**28
"""A field of view has 20 million; a header may promise anything."""

_TIEPOINT, _PIXEL_SCALE = 33922, 33550
"""GeoTIFF tags. Source: https://docs.ogc.org/is/19-008r4/19-008r4.html#_requirements_class_georaster"""

_MODES = {"L": 1, "I;16": 1, "RGB": 3, "RGBA": 4, "LA": 2, "P": 3, "CMYK": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class TileShape:
    """What the header of a picture says.

    Attributes:
        tiepoint_xy: Local coordinates of its upper left corner, y upwards, where GeoTIFF tags state them: then it was
            cut out of a field of view.
    """

    height: int
    width: int
    n_samples: int
    dtype: str
    tiepoint_xy: tuple[float, float] | None = None


def measure_tile(path: Path) -> TileShape:
    """The size of a picture, from its header.

    Raises:
        UnreadableError: It is damaged, no picture, or larger than any field of view.
    """
    source = Source(path)
    shape = _measure_tiff(source) if source.head.startswith(TIFF_MAGICS) else _measure_picture(source)
    if not 0 < shape.height * shape.width <= MAX_PIXELS:
        raise UnreadableError(
            "picture-too-large",
            f"{path.name} has {shape.height:,} x {shape.width:,} pixels, more than any field of view.",
            where=str(path),
        )
    return shape


def read_tile(path: Path, shape: TileShape) -> Pixels:
    """All pixels as samples x rows x columns.

    Args:
        path: The picture.
        shape: What it should be.

    Raises:
        UnreadableError: It is damaged, or of another shape.
    """
    source = Source(path)
    if source.head.startswith(TIFF_MAGICS):
        with open_tiff(source) as tiff:
            pixels = _order(tiff, tiff.series[0].asarray())
    else:
        pixels = _read_picture(source)
    if pixels.shape != (shape.n_samples, shape.height, shape.width):
        raise UnreadableError(
            "picture-changed",
            f"{path.name} has the shape {pixels.shape} instead of "
            f"{(shape.n_samples, shape.height, shape.width)}, as when the folder was described.",
            where=str(path),
        )
    return pixels


def _measure_tiff(source: Source) -> TileShape:
    with open_tiff(source) as tiff:
        series = tiff.series[0]
        shape = tuple(int(size) for size in series.shape)
        n_samples, height, width = _find_order(tiff, shape)
        tags = series.keyframe.tags
        tie, scale = tags.get(_TIEPOINT), tags.get(_PIXEL_SCALE)
        tiepoint = None
        if tie is not None and scale is not None and len(tie.value) == 6 and tuple(scale.value[:2]) == (1.0, 1.0):
            column, row, _, x, y, _ = (float(value) for value in tie.value)
            tiepoint = (x - column, y + row)
        return TileShape(height=height, width=width, n_samples=n_samples, dtype=series.dtype.name, tiepoint_xy=tiepoint)


def _find_order(tiff: TiffFile, shape: tuple[int, ...]) -> tuple[int, int, int]:
    axes = tiff.series[0].axes
    sizes = dict(zip(axes, shape, strict=True))
    others = [size for axis, size in sizes.items() if axis not in "YX"]
    if not {"Y", "X"} <= set(axes) or len([size for size in others if size > 1]) > 1:
        raise UnreadableError("picture-axes", f"The axes {axes} with the shape {shape} are no picture.")
    return max(others, default=1), sizes["Y"], sizes["X"]


def _order(tiff: TiffFile, pixels: Any) -> Pixels:
    axes = tiff.series[0].axes
    order = [*(i for i, axis in enumerate(axes) if axis not in "YX"), axes.index("Y"), axes.index("X")]
    moved: Pixels = pixels.transpose(order).reshape(-1, *pixels.transpose(order).shape[-2:])
    return moved


def _measure_picture(source: Source) -> TileShape:
    with reading(source, "picture-damaged", "a picture"):
        from PIL import Image

        with Image.open(source.path, formats=("JPEG", "PNG")) as image:
            width, height = image.size
            if image.mode not in _MODES:
                raise ValueError(f"its pixels are of the mode {image.mode}")
            dtype = "uint16" if image.mode == "I;16" else "uint8"
            return TileShape(height=height, width=width, n_samples=_MODES[image.mode], dtype=dtype)


def _read_picture(source: Source) -> Pixels:
    with reading(source, "picture-damaged", "a picture"):
        import numpy as np
        from PIL import Image

        with Image.open(source.path, formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("it has more pixels than any field of view")
            own = image.convert("RGB") if image.mode in {"P", "CMYK"} else image
            pixels = np.asarray(own)
        return pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
