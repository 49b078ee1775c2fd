"""Pixels of a plain picture: PNG, JPEG, BMP, GIF, WebP. Such files are decoded as a whole."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.pixels.array import ArrayPixels
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from vitrina.readers.pixels.axes import Pixels
    from vitrina.readers.source import Source

MAX_PIXELS = 178_956_970
"""A larger picture is refused before it is decoded: a small file can state any size. The number is Pillow's own, which
other libraries switch off.

Source: https://pillow.readthedocs.io/en/stable/reference/Image.html#PIL.Image.open
"""

MAX_FILE_BYTES = 2**31
"""A picture that is read by its bytes and not by Pillow may have so many: more than its pixels take uncompressed."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
_GREY_MODES = {"1": "L", "L": "L", "LA": "L", "La": "L", "I;16": "I;16", "I;16B": "I;16B", "I;16L": "I;16L", "I": "I"}
_ALPHA_MODES = {"LA", "La", "PA", "RGBA", "RGBa"}
_DEEP_COLOR_TYPES = {2: 3, 4: 2, 6: 4}
"""Samples per pixel of the PNG colour types that Pillow would narrow from 16 bits to 8: RGB, grey and alpha, RGBA.

Source: https://www.w3.org/TR/png-3/#3colourTypeDef
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A decoded picture, turned as its EXIF says.

    Attributes:
        pixels: Row x column, or row x column x red, green and blue.
        format: As Pillow calls it.
        resolution: Pixels per inch along x and y as the file says, or None.
        is_color: Whether there are three samples per pixel.
        has_alpha: Whether transparency was dropped.
        has_palette: Whether colours were looked up in a table.
        converted_from: Mode of the file where its colours had to be computed, such as ``CMYK``; else None.
        n_frames: Pictures in the file, of which this is the first.
    """

    pixels: Pixels
    format: str
    resolution: tuple[float, float] | None
    is_color: bool
    has_alpha: bool
    has_palette: bool
    converted_from: str | None
    n_frames: int


def open_picture_pixels(path: Path) -> ArrayPixels:
    """The pixels of a picture: grey with one channel, coloured with three; transparency is dropped.

    Raises:
        NotFoundError: Nothing is there.
        UnreadableError: The file is empty, damaged or no picture.
        UnsupportedError: It is too large to be decoded in memory.
    """
    source = open_source(path)
    picture = read_picture(source)
    return ArrayPixels(picture.pixels, "yxc" if picture.is_color else "yx", str(path))


def read_picture(source: Source) -> Picture:
    """The first picture of a file; see ``open_picture_pixels`` for what is raised."""
    check_not_empty(source)
    with reading(source, "picture-damaged", "a picture"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes below our limit, and of odd but readable metadata
        from PIL import Image

        try:
            with Image.open(source.path, formats=_FORMATS) as image:
                return _read_picture(source, image)
        except Image.DecompressionBombError as err:
            raise _too_large(source, err) from err


def _read_picture(source: Source, image: Image) -> Picture:
    import numpy as np
    from PIL import ImageOps

    if image.width * image.height > MAX_PIXELS:
        raise _too_large(source, f"it has {image.width:,} x {image.height:,} pixels")
    mode = image.mode
    has_alpha = mode in _ALPHA_MODES or "transparency" in image.info
    n_frames = int(getattr(image, "n_frames", 1))
    facts: dict[str, Any] = {
        "format": str(image.format),
        "resolution": _find_resolution(image.info.get("dpi")),
        "n_frames": n_frames,
        "has_palette": mode in {"P", "PA"},
        "converted_from": None if mode in _GREY_MODES or mode in _ALPHA_MODES or mode in {"P", "RGB"} else mode,
    }
    n_samples = _find_deep_samples(source)
    if n_samples is not None:
        pixels = _read_deep(source, n_samples)
        return Picture(
            pixels=_turn(pixels, image), is_color=pixels.ndim == 3, has_alpha=n_samples in {2, 4} or has_alpha, **facts
        )
    turned = ImageOps.exif_transpose(image)
    grey = _GREY_MODES.get(mode)
    target = "RGB" if grey is None else grey
    pixels = np.asarray(turned if turned.mode == target else turned.convert(target))
    native: Any = pixels.dtype.newbyteorder("=")
    return Picture(pixels=pixels.astype(native, copy=False), is_color=grey is None, has_alpha=has_alpha, **facts)


def _find_deep_samples(source: Source) -> int | None:
    """Samples per pixel of a PNG of 16 bits whose depth Pillow would lose; None for anything else."""
    head = source.head
    if not head.startswith(b"\x89PNG") or len(head) < 26 or head[12:16] != b"IHDR" or head[24] != 16:
        return None
    return _DEEP_COLOR_TYPES.get(head[25])


def _read_deep(source: Source, n_samples: int) -> Pixels:
    import imagecodecs

    with source.path.open("rb") as file:
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"it has more than {MAX_FILE_BYTES:,} bytes")
    decoded: Pixels = imagecodecs.png_decode(data)
    return decoded[..., 0] if n_samples == 2 else decoded[..., :3]


def _turn(pixels: Pixels, image: Image) -> Pixels:
    """What ``exif_transpose`` does, for an array.

    Source: https://www.cipa.jp/std/documents/e/DC-X008-Translation-2019-E.pdf, section 4.6.4, Orientation
    """
    import numpy as np

    orientation = image.getexif().get(0x0112, 1)
    if orientation in {5, 6, 7, 8}:
        pixels = pixels.swapaxes(0, 1)
    if orientation in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    if orientation in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _find_resolution(dpi: Any) -> tuple[float, float] | None:
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    x, y = (float(one) for one in dpi)
    return (x, y) if 0 < x < float("inf") and 0 < y < float("inf") else None


def _too_large(source: Source, reason: object) -> UnsupportedError:
    return UnsupportedError(
        "picture-too-large",
        f"{source.path} is too large for a picture of its kind, which is decoded whole: {str(reason).rstrip('.')}.",
        hint="Save it as a tiled TIFF, of which parts can be read.",
        where=str(source.path),
    )
