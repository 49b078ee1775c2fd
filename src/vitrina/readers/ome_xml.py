"""The images that OME-XML describes.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/developers/ome-xml/
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.readers.xml_prolog import check_prolog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element as XmlElement

UNITS = {
    "m": "meter", "dm": "decimeter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer", "μm": "micrometer",
    "um": "micrometer", "nm": "nanometer", "pm": "picometer", "Å": "angstrom", "in": "inch", "ft": "foot",
    "s": "second", "ms": "millisecond", "µs": "microsecond", "μs": "microsecond", "ns": "nanosecond", "min": "minute",
    "h": "hour", "d": "day",
}  # fmt: skip
"""OME symbols and their UDUNITS-2 names; ``pixel`` and ``reference frame`` are no physical units, so they are absent.

Source: https://www.openmicroscopy.org/Schemas/Documentation/Generated/OME-2016-06/ome_xsd.html#UnitsLength
"""

DEFAULT_UNITS = {"X": "µm", "Y": "µm", "Z": "µm", "T": "s"}
"""What OME-XML means when no unit is given. Source: see UNITS, PhysicalSizeXUnit and TimeIncrementUnit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeChannel:
    """One channel; ``n_samples`` is 3 where a channel is a colour image."""

    name: str | None
    color_rgb: tuple[int, int, int] | None
    n_samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeImage:
    """One image.

    Attributes:
        name: As the file says it, or None.
        sizes: Number of pixels along ``X``, ``Y``, ``Z``, ``C`` and ``T``; samples count as C.
        pixel_sizes: Size of a pixel per axis letter with its unit, only where both are usable.
        unknown_units: Units that are no physical units.
        channels: In order.
    """

    name: str | None
    sizes: dict[str, int]
    pixel_sizes: dict[str, tuple[float, str]]
    unknown_units: tuple[str, ...]
    channels: tuple[OmeChannel, ...]


def parse_ome_xml(text: str) -> tuple[OmeImage, ...]:
    """All images in their order.

    Raises:
        UnreadableError: The text is not XML, or declares a document type.
    """
    from xml.etree import ElementTree as ET

    check_prolog(text)
    try:
        root = ET.fromstring(text)  # noqa: S314 without a document type there are no entities
    except ET.ParseError as err:
        raise UnreadableError("ome-xml-damaged", f"The OME-XML in the file is not valid XML: {err}.") from err
    images = (image for image in root if _get_tag(image) == "Image")
    return tuple(_parse_image(image, pixels) for image in images for pixels in _find_children(image, "Pixels"))


def parse_color(text: str | None) -> tuple[int, int, int] | None:
    """A colour as red, green, blue; OME packs RGBA into one signed 32-bit number."""
    try:
        packed = int(text or "") & 0xFFFFFFFF
    except ValueError:
        return None
    return packed >> 24, (packed >> 16) & 0xFF, (packed >> 8) & 0xFF


def _parse_image(image: XmlElement, pixels: XmlElement) -> OmeImage:
    sizes = {axis: _parse_int(pixels.get(f"Size{axis}")) for axis in "XYZCT"}
    given = {axis: (pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit")) for axis in "XYZ"}
    given["T"] = pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit")
    symbols = {axis: unit or DEFAULT_UNITS[axis] for axis, (size, unit) in given.items() if size is not None}
    values = {axis: _parse_size(size) for axis, (size, _) in given.items()}
    return OmeImage(
        name=image.get("Name") or None,
        sizes={axis: size for axis, size in sizes.items() if size},
        pixel_sizes={
            axis: (value, UNITS[symbols[axis]])
            for axis, value in values.items()
            if value is not None and symbols[axis] in UNITS
        },
        unknown_units=tuple(sorted({unit for unit in symbols.values() if unit not in UNITS})),
        channels=tuple(_parse_channel(channel) for channel in _find_children(pixels, "Channel")),
    )


def _parse_channel(channel: XmlElement) -> OmeChannel:
    return OmeChannel(
        name=channel.get("Name") or None,
        color_rgb=parse_color(channel.get("Color")),
        n_samples=_parse_int(channel.get("SamplesPerPixel")) or 1,
    )


def _find_children(parent: XmlElement, tag: str) -> Iterator[XmlElement]:
    return (child for child in parent if _get_tag(child) == tag)


def _get_tag(element: XmlElement) -> str:
    """The tag without its namespace: files of all schema versions are read alike."""
    return element.tag.rsplit("}", 1)[-1]


def _parse_int(text: str | None) -> int:
    return int(text) if text is not None and text.strip().isdecimal() else 0


def _parse_size(text: str | None) -> float | None:
    try:
        size = float(text or "")
    except ValueError:
        return None
    return size if math.isfinite(size) and size > 0 else None
