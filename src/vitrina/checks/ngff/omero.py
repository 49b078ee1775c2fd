"""The ``omero`` block: how the channels are displayed.

Source: https://ngff.openmicroscopy.org/0.4/#omero-md, https://ngff.openmicroscopy.org/0.5/#omero-md
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.value import is_number, list_words, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding

MAX_CHANNELS = 4096
"""Further channels are not looked at."""

_HEX = re.compile(r"[0-9A-Fa-f]{6}")
_LIMITS = ("min", "max", "start", "end")
_FIELDS: tuple[tuple[str, type, str], ...] = (
    ("label", str, "text"),
    ("family", str, "text"),
    ("active", bool, "true or false"),
)


def check_omero(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the display settings of an image."""
    if not isinstance(value, Mapping):
        yield place.find("omero-invalid", pointer, f"omero at {pointer} is {show(value)}; an object is expected.")
        return
    channels = value.get("channels")
    where = f"{pointer}/channels"
    if not isinstance(channels, list):
        found = "has no channels" if "channels" not in value else f"has the channels {show(channels)}"
        yield place.find(
            "omero-channels-missing", where, f"omero at {pointer} {found}; a list of channels is expected."
        )
        return
    yield from _check_missing(place, channels[:MAX_CHANNELS], where)
    for i, channel in enumerate(channels[:MAX_CHANNELS]):
        at = f"{where}/{i}"
        if not isinstance(channel, Mapping):
            message = f"The channel at {at} is {show(channel)}; an object is expected."
            yield place.find("omero-channel-invalid", at, message)
            continue
        yield from _check_color(place, channel, at)
        yield from _check_window(place, channel, at)
        for key, type_, expected in _FIELDS:
            if key in channel and not isinstance(channel[key], type_):
                message = f"{key} of the channel at {at} is {show(channel[key])}; {expected} is expected."
                yield place.find("omero-channel-field-invalid", f"{at}/{key}", message)


def _check_missing(place: Place, channels: list[Any], pointer: str) -> Iterator[Finding]:
    """One finding for the channels without a color, and one for those without a window."""
    for key, expected in (
        ("color", 'six hexadecimal digits such as "00FF00" are expected'),
        ("window", "an object with min, max, start and end is expected"),
    ):
        lacking = [i for i, channel in enumerate(channels) if isinstance(channel, Mapping) and key not in channel]
        if lacking:
            at = f"{pointer}/{lacking[0]}"
            count = f", like {len(lacking) - 1} others" if len(lacking) > 1 else ""
            message = f"The channel at {at} has no {key}{count}; {expected}."
            yield place.find(f"omero-{key}-missing", f"{at}/{key}", message, fix=f"Add a {key} to each channel.")


def _check_color(place: Place, channel: Mapping[str, Any], pointer: str) -> Iterator[Finding]:
    color = channel.get("color")
    where = f"{pointer}/color"
    if "color" not in channel or (isinstance(color, str) and _HEX.fullmatch(color)):
        return
    message = f'The color at {where} is {show(color)}; six hexadecimal digits such as "00FF00" are expected.'
    is_strict = place.version.rules >= "0.4" or not isinstance(color, str)  # before 0.4 the text gives an example only
    yield place.find("omero-color-invalid", where, message, severity=None if is_strict else "warning")


def _check_window(place: Place, channel: Mapping[str, Any], pointer: str) -> Iterator[Finding]:
    window = channel.get("window")
    where = f"{pointer}/window"
    if "window" not in channel:
        return
    if not isinstance(window, Mapping):
        message = f"The window at {where} is {show(window)}; an object with min, max, start and end is expected."
        yield place.find("omero-window-invalid", where, message)
        return
    missing = [key for key in _LIMITS if key not in window]
    if missing:
        message = f"The window at {where} has no {list_words(missing)}; min, max, start and end are expected."
        yield place.find("omero-window-incomplete", where, message)
    for key in _LIMITS:
        if key in window and not is_number(window[key]):
            message = f"{key} of the window at {where} is {show(window[key])}; a finite number is expected."
            yield place.find("omero-window-invalid", f"{where}/{key}", message)
            return
    if not missing and window["start"] >= window["end"]:
        message = (
            f"The window at {where} starts at {show(window['start'])} and ends at {show(window['end'])}; an end "
            "after the start is usual."
        )
        yield place.find("omero-window-empty", where, message)
