"""From what people write to overrides: texts of the command line, values of Python."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.model.overrides import ElementOverrides

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.overrides import ColorRGB, Window

_HEX = re.compile(r"#?([0-9a-fA-F]{6})")
_NAMED = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "orange": (255, 165, 0),
}
_KEPT = {"", "-"}
"""Stands for a channel that keeps what the file says."""


def build_element_overrides(path: str, given: Mapping[str, object]) -> ElementOverrides:
    """What was given of one element, as overrides; None and what is not named leave what the file says.

    Args:
        path: Of the element.
        given: Fields of ``ElementOverrides``: axes also as a text such as ``TCZYX``, colours also as ``#rrggbb`` or by
            name, windows also as ``LO:HI``, sizes and affines also as numbers in a text.

    Raises:
        InputError: A field is unknown, or a value is none of its kind.
    """
    unknown = [name for name in given if name not in FIELDS]
    if unknown:
        near = difflib.get_close_matches(unknown[0], FIELDS, n=1)
        raise InputError(
            "override-field-unknown",
            f"{unknown[0]!r} cannot be overridden.",
            hint=f"Did you mean {near[0]!r}?" if near else f"These can: {', '.join(FIELDS)}.",
        )
    values = {name: _PARSERS[name](name, value) for name, value in given.items() if value is not None}
    return ElementOverrides(path=path, **values)


def parse_color(text: object) -> ColorRGB:
    """A colour from ``#rrggbb``, a name, or three numbers from 0 to 255.

    >>> parse_color("#00ff80")
    (0, 255, 128)

    Raises:
        InputError: It is something else.
    """
    if isinstance(text, str):
        named = _NAMED.get(text.strip().lower())
        match = _HEX.fullmatch(text.strip())
        if named:
            return named
        if match:
            red, green, blue = bytes.fromhex(match.group(1))
            return red, green, blue
    elif isinstance(text, Iterable):
        parts = list(text)
        if len(parts) == 3 and all(isinstance(part, int) and 0 <= part <= 255 for part in parts):
            return parts[0], parts[1], parts[2]
    raise InputError(
        "color-malformed", f"{text!r} is no colour.", hint=f"Write #rrggbb, or one of {', '.join(sorted(_NAMED))}."
    )


def parse_window(text: object) -> Window:
    """A contrast window from ``LO:HI`` or two numbers.

    Raises:
        InputError: It is something else.
    """
    numbers = _parse_numbers("window", text, separator=r"[:,\s]+")
    if len(numbers) != 2:
        raise InputError("window-malformed", f"{text!r} is no window.", hint="Write LO:HI, such as 100:4000.")
    return numbers[0], numbers[1]


def _parse_numbers(name: str, value: object, *, separator: str = r"[,x\s]+") -> tuple[float, ...]:
    parts = re.split(separator, value.strip()) if isinstance(value, str) else value
    try:
        return tuple(float(part) for part in parts)  # type: ignore[attr-defined] # what is no iterable is told below
    except (TypeError, ValueError) as err:
        raise InputError(
            "numbers-malformed", f"{value!r} is no {name.replace('_', ' ')}.", hint="Write numbers with commas between."
        ) from err


def _parse_affine(name: str, value: object) -> tuple[float, ...]:
    numbers = _parse_numbers(name, value)
    if len(numbers) != 6:
        raise InputError(
            "affine-malformed",
            f"An affine has six numbers, and {len(numbers)} were given.",
            hint="Write a,b,c,d,e,f for x' = a x + b y + c and y' = d x + e y + f.",
        )
    return numbers


def _parse_axes(_: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, Iterable):
        raise InputError("axes-malformed", f"{value!r} names no axes.", hint="Write their letters, such as TCYX.")
    return tuple(str(axis).strip().lower() for axis in value)


def _parse_each(parse: Callable[[object], object]) -> Callable[[str, object], tuple[object, ...]]:
    def parse_all(name: str, values: object) -> tuple[object, ...]:
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise InputError(
                "channels-malformed", f"{name} takes a list with one value per channel, and got {values!r}."
            )
        return tuple(
            None if value is None or (isinstance(value, str) and value.strip() in _KEPT) else parse(value)
            for value in values
        )

    return parse_all


def _parse_flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise InputError("flag-malformed", f"{name} is True or False, and not {value!r}.")
    return value


def _parse_text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError("text-malformed", f"{name} is a text, and not {value!r}.")
    return value.strip()


_PARSERS: Mapping[str, Callable[[str, Any], Any]] = {
    "axes": _parse_axes,
    "is_labels": _parse_flag,
    "is_rgb": _parse_flag,
    "pixel_size": _parse_numbers,
    "unit": _parse_text,
    "channel_names": _parse_each(str),
    "channel_colors": _parse_each(parse_color),
    "channel_windows": _parse_each(parse_window),
    "affine_xy": _parse_affine,
    "coordinate_system": _parse_text,
}
FIELDS = tuple(field.name for field in fields(ElementOverrides) if field.name != "path")
"""What can be overridden."""
