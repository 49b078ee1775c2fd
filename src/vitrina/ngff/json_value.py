"""Getting at values of foreign JSON without trusting it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from vitrina.errors import DataError

type JsonObject = Mapping[str, Any]


def malformed(pointer: str, found: object, expected: str) -> DataError:
    """The error for a value that is not what the specification says.

    Args:
        pointer: JSON pointer of the value inside the group's attributes.
        found: The value; only its start is shown.
        expected: What the specification asks for, to complete "expected ...".
    """
    shown = repr(found)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return DataError(
        "ngff-malformed", f"The OME-Zarr metadata at {pointer!r} is {shown}; expected {expected}.", where=pointer
    )


def get_object(value: object, pointer: str) -> JsonObject:
    """The value as a JSON object.

    Raises:
        DataError: It is something else.
    """
    if not isinstance(value, Mapping):
        raise malformed(pointer, value, "an object")
    return value


def get_list(value: object, pointer: str) -> list[Any]:
    """The value as a JSON list.

    Raises:
        DataError: It is something else.
    """
    if not isinstance(value, list):
        raise malformed(pointer, value, "a list")
    return value


def get_text(value: object, pointer: str) -> str:
    """The value as text that is not empty.

    Raises:
        DataError: It is something else.
    """
    if not isinstance(value, str) or not value:
        raise malformed(pointer, value, "text that is not empty")
    return value


def get_numbers(value: object, pointer: str, length: int) -> tuple[float, ...]:
    """The value as a list of ``length`` finite numbers.

    Raises:
        DataError: It is something else.
    """
    numbers = get_list(value, pointer)
    if len(numbers) != length:
        raise malformed(pointer, value, f"{length} numbers, one per axis")
    return tuple(_get_number(number, f"{pointer}/{i}") for i, number in enumerate(numbers))


def find_number(value: object) -> float | None:
    """The value as a finite number, None when it is something else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _get_number(value: object, pointer: str) -> float:
    number = find_number(value)
    if number is None:
        raise malformed(pointer, value, "a finite number")
    return number
