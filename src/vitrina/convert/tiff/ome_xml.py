"""The OME-XML that describes the images of a file.

Source: https://www.openmicroscopy.org/Schemas/Documentation/Generated/OME-2016-06/ome.html and
https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from vitrina.convert.tiff.image import OME_TYPES
from vitrina.convert.tiff.units import UNKNOWN_LENGTH, find_time_symbol, get_length_symbol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.convert.tiff.image import TiffImage
    from vitrina.model.content import Channel

NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"

_DEFAULT_LENGTH, _DEFAULT_TIME = "µm", "s"

_NOT_XML = re.compile("[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold, or in an attribute only as references. Source: https://www.w3.org/TR/xml/#charsets"""


def build_ome_xml(images: Sequence[TiffImage]) -> bytes:
    """Describe images that lie in a file one after another, each with its planes in its dimension order.

    The text is UTF-8 without character references, which Bio-Formats takes for damage. The usual units, µm and s, go
    without saying, so that they reach also readers that take TIFF's text for ASCII.
    """
    root = ET.Element(
        "OME",
        {
            "xmlns": NAMESPACE,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{NAMESPACE} {NAMESPACE}/ome.xsd",
            "Creator": "Vitrina",
        },
    )
    first_plane = 0
    for i, image in enumerate(images):
        _add_image(root, i, image, first_plane)
        first_plane += image.n_planes
    described: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>' + described


def pack_color(color_rgb: tuple[int, int, int]) -> int:
    """An opaque colour as OME packs it: red, green, blue and alpha in one signed 32-bit number.

    >>> pack_color((255, 255, 255)), pack_color((0, 255, 0))
    (-1, 16711935)
    """
    red, green, blue = color_rgb
    return int.from_bytes(bytes((red, green, blue, 255)), "big", signed=True)


def _add_image(root: ET.Element, i: int, image: TiffImage, first_plane: int) -> None:
    named = {"Name": _clean(image.name)} if image.name else {}
    element = ET.SubElement(root, "Image", {"ID": f"Image:{i}", **named})
    n_times, n_channels, depth, height, width = image.shape_tczyx
    pixels = ET.SubElement(
        element,
        "Pixels",
        {
            "ID": f"Pixels:{i}",
            "DimensionOrder": image.dimension_order,
            "Type": OME_TYPES[image.dtype.name],
            "SizeX": str(width),
            "SizeY": str(height),
            "SizeZ": str(depth),
            "SizeC": str(n_channels),
            "SizeT": str(n_times),
            "BigEndian": "false",
            "Interleaved": "true" if image.is_rgb else "false",
            **_build_pixel_sizes(image),
        },
    )
    for c in range(n_channels // image.n_samples):
        channel = image.channels[c] if image.channels and not image.is_rgb else None
        described = _build_channel(channel)
        ET.SubElement(
            pixels, "Channel", {"ID": f"Channel:{i}:{c}", "SamplesPerPixel": str(image.n_samples), **described}
        )
    ET.SubElement(pixels, "TiffData", {"IFD": str(first_plane), "PlaneCount": str(image.n_planes)})


def _build_pixel_sizes(image: TiffImage) -> dict[str, str]:
    attributes: dict[str, str] = {}
    for axis in "xyz":
        size, unit = image.pixel_sizes.get(axis, (0.0, None))
        symbol = get_length_symbol(unit)
        if math.isfinite(size) and size > 0 and (symbol != UNKNOWN_LENGTH or size != 1):
            name = f"PhysicalSize{axis.upper()}"
            attributes |= {name: repr(float(size)), **({} if symbol == _DEFAULT_LENGTH else {f"{name}Unit": symbol})}
    size, unit = image.pixel_sizes.get("t", (0.0, None))
    time_symbol = find_time_symbol(unit)
    if math.isfinite(size) and size > 0 and time_symbol is not None:
        attributes["TimeIncrement"] = repr(float(size))
        if time_symbol != _DEFAULT_TIME:
            attributes["TimeIncrementUnit"] = time_symbol
    return attributes


def _build_channel(channel: Channel | None) -> dict[str, str]:
    if channel is None:
        return {}
    color = {} if channel.color_rgb is None else {"Color": str(pack_color(channel.color_rgb))}
    return {"Name": _clean(channel.name), **color}


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", " ".join(re.split("[\t\n\r]+", text)))
