"""How the channels of an image are displayed: the ``omero`` block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vitrina.ngff.json_value import find_number

type RenderingModel = Literal["color", "greyscale"]

_HEX = re.compile(r"#?([0-9a-fA-F]{6})(?:[0-9a-fA-F]{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeroWindow:
    """Intensities: ``start`` to ``end`` are displayed, ``min`` to ``max`` are possible."""

    start: float
    end: float
    min: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OmeroChannel:
    """Display settings of one channel; None where the metadata says nothing usable."""

    label: str | None = None
    color_rgb: tuple[int, int, int] | None = None
    window: OmeroWindow | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Omero:
    """Display settings of an image, one entry per channel.

    Attributes:
        model: ``greyscale`` for one channel in shades of grey, ``color`` for channels that are added up.
        default_z: Plane to show first.
        default_t: Time point to show first.
    """

    channels: tuple[OmeroChannel, ...]
    model: RenderingModel | None = None
    default_z: int = 0
    default_t: int = 0


def parse_omero(value: object) -> Omero | None:
    """The display settings, None when there are none.

    The block is transitional and only advises how to draw: what is malformed in it is left out, never an error.

    Source: https://ngff.openmicroscopy.org/0.4/#omero-md
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("channels"), list):
        return None
    rdefs = value.get("rdefs")
    rdefs = rdefs if isinstance(rdefs, Mapping) else {}
    model = rdefs.get("model")
    return Omero(
        channels=tuple(_parse_channel(channel) for channel in value["channels"]),
        model=model if model in {"color", "greyscale"} else None,
        default_z=_parse_index(rdefs.get("defaultZ")),
        default_t=_parse_index(rdefs.get("defaultT")),
    )


def build_omero(omero: Omero) -> dict[str, Any]:
    """The display settings as JSON, with ``rdefs`` always there: viewers that came from OMERO insist on it."""
    return {
        "channels": [_build_channel(channel) for channel in omero.channels],
        "rdefs": {
            "model": omero.model or "color",
            "defaultZ": omero.default_z,
            "defaultT": omero.default_t,
        },
    }


def parse_color(value: object) -> tuple[int, int, int] | None:
    """``RRGGBB`` as three parts of 0 to 255, None when it is something else; an opacity after it is ignored."""
    match = _HEX.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    red, green, blue = bytes.fromhex(match.group(1))
    return red, green, blue


def build_color(color_rgb: tuple[int, int, int]) -> str:
    """Three parts of 0 to 255 as ``RRGGBB``."""
    return bytes(color_rgb).hex().upper()


def _parse_channel(value: object) -> OmeroChannel:
    if not isinstance(value, Mapping):
        return OmeroChannel()
    label = value.get("label")
    return OmeroChannel(
        label=str(label) if isinstance(label, str | int | float) and str(label).strip() else None,
        color_rgb=parse_color(value.get("color")),
        window=_parse_window(value.get("window")),
        is_active=value.get("active") is not False,
    )


def _parse_window(value: object) -> OmeroWindow | None:
    if not isinstance(value, Mapping):
        return None
    start, end = find_number(value.get("start")), find_number(value.get("end"))
    if start is None or end is None or start >= end:
        return None
    low, high = find_number(value.get("min")), find_number(value.get("max"))
    return OmeroWindow(start=start, end=end, min=start if low is None else low, max=end if high is None else high)


def _parse_index(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _build_channel(channel: OmeroChannel) -> dict[str, Any]:
    built: dict[str, Any] = {"active": channel.is_active}
    if channel.label is not None:
        built["label"] = channel.label
    if channel.color_rgb is not None:
        built["color"] = build_color(channel.color_rgb)
    if channel.window is not None:
        window = channel.window
        built["window"] = {"start": window.start, "end": window.end, "min": window.min, "max": window.max}
    return built
