"""Telling what a foreign JSON value is, in few words and without trusting it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

MAX_SHOWN = 60
"""Characters of a value that a message shows."""

MAX_NUMBER = 10.0**300
"""Larger numbers count as not finite: nothing that is measured or counted comes near, and floats end there."""

_NAME = re.compile(r"[A-Za-z0-9]+")


def show(value: object) -> str:
    """The value as a message shows it: scalars and short lists as JSON spells them, anything larger by its size."""
    if isinstance(value, Mapping):
        keys = ", ".join(repr(str(key)) for key in list(value)[:4])
        return _shorten(f"an object with {keys}" if keys else "an empty object")
    if isinstance(value, list):
        if not value:
            return "an empty list"
        if len(value) <= 6 and not any(isinstance(entry, list | Mapping) for entry in value):
            return _shorten(f"[{', '.join(_show_scalar(entry) for entry in value)}]")
        return f"a list of {len(value):,} entries"
    return _show_scalar(value)


def is_number(value: object) -> TypeGuard[int | float]:
    """Whether the value is a finite number; true and false are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -MAX_NUMBER < value < MAX_NUMBER  # false for what is not finite


def is_integer(value: object) -> TypeGuard[int | float]:
    """Whether the value is a whole number; 1.0 is one, as JSON has only one kind of number."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


def is_index(value: object) -> TypeGuard[int | float]:
    """Whether the value is a whole number from 0 on."""
    return is_integer(value) and value >= 0


def is_text(value: object) -> TypeGuard[str]:
    """Whether the value is text that is not empty."""
    return isinstance(value, str) and value != ""


def is_alphanumeric(value: str) -> bool:
    """Whether the text has only letters of the Latin alphabet and digits."""
    return _NAME.fullmatch(value) is not None


def find_repeated(values: list[Any]) -> list[int]:
    """Positions of texts and numbers that occur before as well."""
    seen: set[Any] = set()
    repeated = []
    for index, value in enumerate(values):
        if not isinstance(value, str | int | float):
            continue
        if value in seen:
            repeated.append(index)
        seen.add(value)
    return repeated


def list_words(words: list[str]) -> str:
    """Words in a row: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part) if words else ""


def escape(key: str) -> str:
    """A key as a part of a JSON pointer.

    Source: https://www.rfc-editor.org/rfc/rfc6901#section-3
    """
    return key.replace("~", "~0").replace("/", "~1")


def _show_scalar(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}" if math.isfinite(value) else str(value)
        case int():
            return f"{value}" if -MAX_NUMBER < value < MAX_NUMBER else "a number of hundreds of digits"
        case _:
            return _shorten(repr(value))


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 3]}..."
