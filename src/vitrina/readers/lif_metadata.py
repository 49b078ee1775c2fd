"""What the XML of an image in a LIF file says of its pixel sizes and channels.

The numbers of dimensions are those of ``DimID`` in the XML. Source: https://www.cgohlke.com/docs/liffile/
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vitrina.model.content import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from xml.etree.ElementTree import Element as XmlElement

_DIMENSIONS = "./Data/Image/ImageDescription/Dimensions/DimensionDescription"
_CHANNELS = "./Data/Image/ImageDescription/Channels/ChannelDescription"
_LETTERS = {"1": "X", "2": "Y", "3": "Z", "4": "T"}
_UNITS = {"m": ("micrometer", 1e6), "s": ("second", 1.0), "inch": ("micrometer", 25_400.0)}
_LUT_COLORS = {
    "red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255), "cyan": (0, 255, 255), "magenta": (255, 0, 255),
    "yellow": (255, 255, 0), "gray": (255, 255, 255), "grey": (255, 255, 255),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LifMetadata:
    """What the XML says; empty where it is silent.

    Attributes:
        pixel_sizes: Size of a pixel and its unit per axis letter.
        colors: Display colour per channel, in the order of the pixels.
    """

    pixel_sizes: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    colors: tuple[tuple[int, int, int] | None, ...] = ()


def parse_lif_metadata(image: XmlElement) -> LifMetadata:
    """From the element of an image."""
    channels = sorted(image.iterfind(_CHANNELS), key=lambda channel: _parse_float(channel.get("BytesInc")))
    return LifMetadata(
        pixel_sizes=_parse_pixel_sizes(image),
        colors=tuple(_LUT_COLORS.get((channel.get("LUTName") or "").lower()) for channel in channels),
    )


def build_channels(names: Sequence[str], metadata: LifMetadata) -> tuple[Channel, ...]:
    """Names and colours together."""
    n_channels = max(len(names), len(metadata.colors))
    return tuple(
        Channel(
            name=names[i] if i < len(names) else "",
            color_rgb=metadata.colors[i] if i < len(metadata.colors) else None,
        )
        for i in range(n_channels)
    )


def _parse_pixel_sizes(image: XmlElement) -> dict[str, tuple[float, str]]:
    """``Length`` goes from the middle of the first pixel to that of the last."""
    sizes = {}
    for dimension in image.iterfind(_DIMENSIONS):
        letter = _LETTERS.get(dimension.get("DimID", ""))
        unit, factor = _UNITS.get(dimension.get("Unit", ""), ("", math.nan))
        n_steps = _parse_float(dimension.get("NumberOfElements")) - 1
        size = abs(_parse_float(dimension.get("Length"))) * factor / n_steps if n_steps > 0 else math.nan
        if letter is not None and 0 < size < math.inf:
            sizes[letter] = (size, unit)
    return sizes


def _parse_float(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return math.nan
