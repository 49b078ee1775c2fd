"""What the XML inside a CZI file says of pixel sizes, channels and scenes.

Source: https://zeiss.github.io/libczi/ and https://www.zeiss.com/microscopy/en/products/software/zeiss-zen/czi-image-file-format.html
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vitrina.model.content import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from xml.etree.ElementTree import Element as XmlElement

_METER_IN_UM = 1e6
_CHANNEL_ID = re.compile(r"Channel:(\d+)")
_ARGB = re.compile(r"#[0-9A-Fa-f]{2}([0-9A-Fa-f]{6})")
_RGB = re.compile(r"#([0-9A-Fa-f]{6})")


@dataclass(frozen=True, slots=True, kw_only=True)
class CziMetadata:
    """What the XML says; empty where it is silent.

    Attributes:
        pixel_sizes_um: Per axis letter: ``X``, ``Y``, ``Z``.
        channels: By number.
        scene_names: By number.
    """

    pixel_sizes_um: Mapping[str, float] = field(default_factory=dict)
    channels: Mapping[int, Channel] = field(default_factory=dict)
    scene_names: Mapping[int, str] = field(default_factory=dict)


def parse_czi_metadata(root: XmlElement | None) -> CziMetadata:
    """From the root of the XML, None for a file without."""
    if root is None:
        return CziMetadata()
    return CziMetadata(
        pixel_sizes_um=_parse_pixel_sizes(root),
        channels=_parse_channels(root),
        scene_names=_parse_scenes(root),
    )


def _parse_pixel_sizes(root: XmlElement) -> dict[str, float]:
    """Distances are written in meters."""
    sizes = {}
    for distance in root.iterfind(".//Scaling/Items/Distance"):
        size_um = _parse_float(distance.findtext("Value")) * _METER_IN_UM
        if 0 < size_um < math.inf:
            sizes[distance.get("Id", "")] = size_um
    return {letter: size for letter, size in sizes.items() if letter in {"X", "Y", "Z"}}


def _parse_channels(root: XmlElement) -> dict[int, Channel]:
    """Names of the dimensions; colours, and names where these have none, of how the file was displayed."""
    names: dict[int, str] = {}
    colors: dict[int, tuple[int, int, int]] = {}
    for path in (".//Information/Image/Dimensions/Channels/Channel", ".//DisplaySetting/Channels/Channel"):
        for position, channel in enumerate(root.iterfind(path)):
            match = _CHANNEL_ID.fullmatch(channel.get("Id", ""))
            number = int(match.group(1)) if match else position
            name = channel.get("Name") or channel.findtext("Name")
            if name and number not in names:
                names[number] = name
            color = _parse_color(channel.findtext("Color"))
            if color is not None:
                colors[number] = color
    return {n: Channel(name=names.get(n, ""), color_rgb=colors.get(n)) for n in sorted({*names, *colors})}


def _parse_scenes(root: XmlElement) -> dict[int, str]:
    names = {}
    for scene in root.iterfind(".//Information/Image/Dimensions/S/Scenes/Scene"):
        number, name = scene.get("Index", ""), scene.get("Name")
        if number.isdecimal() and name:
            names[int(number)] = name
    return names


def _parse_color(text: str | None) -> tuple[int, int, int] | None:
    match = _ARGB.fullmatch(text or "") or _RGB.fullmatch(text or "")
    if match is None:
        return None
    red, green, blue = bytes.fromhex(match.group(1))
    return red, green, blue


def _parse_float(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return math.nan
