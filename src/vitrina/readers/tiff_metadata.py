"""What a TIFF file says of its axes, pixel sizes and channels, whichever program wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.readers.ome_xml import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.readers.ome_xml import OmeImage

MAX_PLAUSIBLE_UM = 20.0
"""A TIFF resolution in inches or centimetres that gives larger pixels was meant for a printer."""

_IMAGEJ_UNITS = {
    **UNITS, "micron": "micrometer", "microns": "micrometer", "micrometer": "micrometer", "mm": "millimeter",
    "nanometer": "nanometer", "inch": "inch", "sec": "second", "seconds": "second", "msec": "millisecond",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffChannel:
    """What is known of one channel."""

    name: str | None = None
    color_rgb: tuple[int, int, int] | None = None
    window: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffMetadata:
    """What the metadata of one image says; empty where it is silent.

    Attributes:
        name: Name of the image.
        sizes: Number of pixels per axis letter, to tell unlabelled axes apart.
        pixel_sizes: Size of a pixel and its unit per axis letter.
        unknown_units: Units that are no physical units.
        channels: In order, possibly fewer or more than the pixels have.
    """

    name: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    pixel_sizes: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    unknown_units: tuple[str, ...] = ()
    channels: tuple[TiffChannel, ...] = ()


def build_ome_metadata(image: OmeImage) -> TiffMetadata:
    """From OME-XML."""
    return TiffMetadata(
        name=image.name,
        sizes=image.sizes,
        pixel_sizes=image.pixel_sizes,
        unknown_units=image.unknown_units,
        channels=tuple(TiffChannel(name=own.name, color_rgb=own.color_rgb) for own in image.channels),
    )


def parse_imagej(imagej: Mapping[str, Any], resolution: tuple[float, float]) -> TiffMetadata:
    """From the description and the tags that ImageJ writes.

    Args:
        imagej: The description's entries, with ``Ranges``, ``LUTs`` and ``Labels`` from the ImageJ tags.
        resolution: Pixels per unit along x and y.

    Source: https://imagej.net/ij/source/ij/io/TiffDecoder.java and https://imagej.net/ij/source/ij/io/FileInfo.java
    """
    written = str(imagej.get("unit") or "").encode("ascii", "backslashreplace").decode("ascii")
    symbol = re.sub(r"\\\\?u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})", _unescape, written).strip()
    unit = _IMAGEJ_UNITS.get(symbol)
    sizes: dict[str, tuple[float, str]] = {}
    if unit is not None:
        sizes = {axis: (1 / pixels, unit) for axis, pixels in zip("XY", resolution, strict=True) if pixels > 0}
        spacing = _find_positive(imagej.get("spacing"))
        if spacing is not None:
            sizes["Z"] = (spacing, unit)
    interval = _find_positive(imagej.get("finterval"))
    if interval is not None:
        sizes["T"] = (interval, _IMAGEJ_UNITS.get(str(imagej.get("tunit", "s")), "second"))
    return TiffMetadata(
        pixel_sizes=sizes,
        unknown_units=(symbol,) if symbol and unit is None else (),
        channels=_parse_imagej_channels(imagej),
    )


def parse_resolution(resolution: tuple[float, float], unit: int) -> TiffMetadata:
    """From the resolution tags of a plain TIFF, where they are plausible for a microscope.

    Args:
        resolution: Pixels per unit along x and y.
        unit: 2 for inches, 3 for centimetres.

    Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 8, ResolutionUnit
    """
    unit_um = {2: 25_400.0, 3: 10_000.0}.get(unit)
    if unit_um is None or min(resolution) <= 0:
        return TiffMetadata()
    sizes = {axis: (unit_um / pixels, "micrometer") for axis, pixels in zip("XY", resolution, strict=True)}
    is_plausible = all(size <= MAX_PLAUSIBLE_UM for size, _ in sizes.values())
    return TiffMetadata(pixel_sizes=sizes if is_plausible else {})


def parse_svs(description: str) -> TiffMetadata:
    """From the description of an Aperio SVS: ``MPP`` is micrometers per pixel.

    Source: https://openslide.org/formats/aperio/
    """
    match = re.search(r"\|\s*MPP\s*=\s*([0-9.]+)", description)
    mpp = _find_positive(match.group(1)) if match else None
    return TiffMetadata(pixel_sizes=dict.fromkeys("XY", (mpp, "micrometer")) if mpp is not None else {})


def _parse_imagej_channels(imagej: Mapping[str, Any]) -> tuple[TiffChannel, ...]:
    n_channels = int(imagej.get("channels", 1))
    labels = imagej.get("Labels")
    names = [str(label) for label in labels] if isinstance(labels, list) and len(labels) == n_channels else []
    luts = imagej.get("LUTs") or []
    ranges = list(imagej.get("Ranges") or ())
    if not ranges and n_channels == 1 and "min" in imagej and "max" in imagej:
        ranges = [imagej["min"], imagej["max"]]
    return tuple(
        TiffChannel(
            name=names[i] if i < len(names) and n_channels > 1 else None,
            color_rgb=_find_lut_color(luts[i]) if i < len(luts) else None,
            window=(float(ranges[2 * i]), float(ranges[2 * i + 1])) if 2 * i + 1 < len(ranges) else None,
        )
        for i in range(n_channels)
    )


def _find_lut_color(lut: Any) -> tuple[int, int, int] | None:
    """The brightest colour of a look-up table that starts at black; None for any other table."""
    if getattr(lut, "shape", None) != (3, 256) or lut[:, 0].any():
        return None
    red, green, blue = (int(part) for part in lut[:, -1])
    return red, green, blue


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match.group(1) or match.group(2), 16))


def _find_positive(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
