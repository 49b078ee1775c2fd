"""How values of features are compared: numbers, booleans and moments as numbers, all else as text. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from vitrina.model.dtype_value import convert_value

if TYPE_CHECKING:
    from vitrina.model.annotation import JsonValue
    from vitrina.model.dtype import Dtype

_NUMBERS = frozenset({"int", "float", "num", "bool", "date", "datetime"})
_MOMENTS = frozenset({"date", "datetime"})


def choose_column(dtype: Dtype) -> Literal["number", "text"]:
    """Where values of a dtype are compared."""
    return "number" if dtype.kind in _NUMBERS and not dtype.is_list else "text"


def parse_feature_value(dtype: Dtype, value: object) -> str | float:
    """What a value is compared by; text from a URL or command line is understood.

    Raises:
        InputError: The dtype cannot have it.
    """
    number, text = build_comparable(dtype, convert_value(dtype, value, coerce=True))
    if number is not None:
        return number
    return text if text is not None else str(value)


def build_comparable(dtype: Dtype, value: JsonValue) -> tuple[float | None, str | None]:
    """The number and the text that stand for a value of ``convert_value`` in comparisons; at most one of them.

    Moments are seconds since 1970 in UTC. Lists and objects cannot be compared.
    """
    if value is None or isinstance(value, dict | list):
        return None, None
    if dtype.kind in _MOMENTS:
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), None
    if choose_column(dtype) == "number" and isinstance(value, int | float):
        return float(value), None
    return None, str(value)
