"""Whether a value has a data type, and as what it is kept. Pure."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.model.annotation import JsonValue
    from vitrina.model.dtype import Dtype

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")
"""Source: https://datatracker.ietf.org/doc/html/rfc3986#section-3.1 (the scheme)."""

_TRUE = frozenset({"true", "yes", "1"})
_FALSE = frozenset({"false", "no", "0"})


def convert_value(dtype: Dtype, value: object, *, coerce: bool = False) -> JsonValue:
    """The value as JSON, as the catalog keeps it; dates and moments in ISO 8601, terms by the field of the dtype.

    Args:
        dtype: What it must be.
        value: A Python or NumPy value, or a list of such when the dtype says so.
        coerce: Also take values of other types that mean the same: text such as ``"3.5"`` for a number, ``3.0`` for an
            int, one value for a list. Sample sheets and command lines have nothing but text.

    Raises:
        InputError: ``value-mismatch``: it is of another type.
    """
    if not dtype.is_list:
        return _convert_item(dtype, value, coerce=coerce)
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        if not coerce:
            raise _build_mismatch(dtype, value)
        value = [part.strip() for part in value.split(",")] if isinstance(value, str) else [value]
    return [_convert_item(dtype, item, coerce=coerce) for item in value]


def check_value(dtype: Dtype, value: object, *, path: str = "", coerce: bool = False) -> list[Finding]:
    """What is wrong with a value; nothing when ``convert_value`` takes it."""
    try:
        convert_value(dtype, value, coerce=coerce)
    except InputError as err:
        return [Finding(code=err.code, severity="error", path=path, message=err.message, fix=err.hint)]
    return []


def _convert_item(dtype: Dtype, value: object, *, coerce: bool) -> JsonValue:
    convert = _CONVERT["str" if dtype.is_category else dtype.kind]
    try:
        return convert(value, coerce)
    except (TypeError, ValueError, OverflowError, AttributeError) as err:
        raise _build_mismatch(dtype, value) from err


def _build_mismatch(dtype: Dtype, value: object) -> InputError:
    shown = repr(value) if len(repr(value)) <= 80 else repr(value)[:77] + "..."
    return InputError("value-mismatch", f"{shown} ({type(value).__name__}) is not of dtype {dtype}.", where=str(dtype))


def _convert_text(value: Any, coerce: bool) -> JsonValue:
    if isinstance(value, str):
        return str(value)
    if coerce and isinstance(value, int | float):
        return str(value)
    raise TypeError


def _convert_int(value: Any, coerce: bool) -> JsonValue:
    if _is_bool(value):
        raise TypeError
    if coerce and isinstance(value, str):
        value = float(value) if not _is_integer_text(value) else int(value)
    if coerce and isinstance(value, float):
        if not value.is_integer():
            raise ValueError
        return int(value)
    return operator.index(value)


def _convert_float(value: Any, coerce: bool) -> JsonValue:
    if _is_bool(value) or (isinstance(value, str) and not coerce):
        raise TypeError
    number = float(value)
    if not math.isfinite(number):
        raise ValueError  # JSON has no such numbers
    return number


def _convert_number(value: Any, coerce: bool) -> JsonValue:
    try:
        return _convert_int(value, coerce=False)
    except TypeError:
        number = _convert_float(value, coerce)
        return int(value) if isinstance(value, str) and _is_integer_text(value) else number


def _convert_bool(value: Any, coerce: bool) -> JsonValue:
    if _is_bool(value):
        return bool(value)
    if coerce and str(value).strip().lower() in _TRUE | _FALSE:
        return str(value).strip().lower() in _TRUE
    raise TypeError


def _convert_date(value: Any, coerce: bool) -> JsonValue:
    if isinstance(value, datetime):
        if not coerce:
            raise TypeError
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(value).isoformat()


def _convert_datetime(value: Any, coerce: bool) -> JsonValue:
    if isinstance(value, date) and not isinstance(value, datetime):
        if not coerce:
            raise TypeError
        return datetime(value.year, value.month, value.day, tzinfo=UTC).isoformat()
    if not isinstance(value, str | datetime):
        value = value.astype("datetime64[us]").item()  # NumPy
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.isoformat()


def _convert_url(value: Any, coerce: bool) -> JsonValue:
    del coerce
    if not _URL.fullmatch(value):
        raise ValueError
    return str(value)


def _convert_path(value: Any, coerce: bool) -> JsonValue:
    del coerce
    if not isinstance(value, str | PathLike):
        raise TypeError
    return str(fspath(value))


def _convert_dict(value: Any, coerce: bool) -> JsonValue:
    if coerce and isinstance(value, str):
        import json

        value = json.loads(value)
    if not isinstance(value, Mapping):
        raise TypeError
    return {str(key): _convert_object(item, coerce) for key, item in value.items()}


def _convert_object(value: Any, coerce: bool) -> JsonValue:
    """Anything that JSON can say."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return _convert_dict(value, coerce)
    if isinstance(value, list | tuple):
        return [_convert_object(item, coerce) for item in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if _is_bool(value):
        return bool(value)
    return _convert_number(value, coerce=False)


def _is_bool(value: object) -> bool:
    """Whether it is a boolean of Python or NumPy; NumPy is not imported for it."""
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _is_integer_text(text: str) -> bool:
    return re.fullmatch(r"\s*[+-]?\d+\s*", text) is not None


_CONVERT: dict[str, Callable[[Any, bool], JsonValue]] = {
    "str": _convert_text,
    "int": _convert_int,
    "float": _convert_float,
    "num": _convert_number,
    "bool": _convert_bool,
    "date": _convert_date,
    "datetime": _convert_datetime,
    "url": _convert_url,
    "path": _convert_path,
    "dict": _convert_dict,
    "object": _convert_object,
}
