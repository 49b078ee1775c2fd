"""What an artifact itself can be filtered and ordered by: a field, a lookup and a value. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from vitrina.errors import InputError

type FieldType = Literal["text", "integer", "boolean", "moment"]
type FieldValue = str | int | bool | datetime | None

FIELD_TYPES: Mapping[str, FieldType] = {
    "uid": "text",
    "key": "text",
    "version": "text",
    "description": "text",
    "kind": "text",
    "format": "text",
    "hash": "text",
    "size": "integer",
    "n_files": "integer",
    "n_observations": "integer",
    "created_at": "moment",
    "created_by": "text",
    "is_latest": "boolean",
    "is_folder": "boolean",
    "trashed_at": "moment",
}
ALIASES: Mapping[str, str] = {"size_bytes": "size", "created_by__handle": "created_by"}

COMPARISONS = ("gt", "gte", "lt", "lte")
TEXT_LOOKUPS = ("contains", "icontains", "startswith", "endswith")
LOOKUPS: Mapping[FieldType, tuple[str, ...]] = {
    "text": ("in", "isnull", *COMPARISONS, *TEXT_LOOKUPS),
    "integer": ("in", "isnull", *COMPARISONS),
    "moment": ("in", "isnull", *COMPARISONS),
    "boolean": ("in", "isnull"),
}

RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCondition:
    """One condition: ``lookup`` is ``exact`` or one of LOOKUPS; ``values`` has one entry but for ``in``."""

    field: str
    lookup: str
    values: tuple[FieldValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A field and a direction; the field may be RELEVANCE, best first."""

    field: str
    is_descending: bool


def is_field(name: str) -> bool:
    """Whether artifacts have a field of that name."""
    return name in FIELD_TYPES or name in ALIASES


def parse_condition(name: str, lookup: str, value: object) -> FieldCondition:
    """The condition that a field, a lookup and a value make.

    Raises:
        InputError: An unknown field or lookup, or a value that the field cannot have.
    """
    field = _parse_field(name)
    check_lookup(name, lookup, LOOKUPS[FIELD_TYPES[field]])
    if lookup == "in":
        return FieldCondition(
            field=field, lookup=lookup, values=parse_collection(name, value, partial(parse_value, field))
        )
    if lookup == "isnull":
        return FieldCondition(field=field, lookup=lookup, values=(parse_boolean(name, value),))
    if lookup != "exact" and value is None:
        raise InputError("value-malformed", f"{name}__{lookup} needs a value, and None was given.", where=name)
    return FieldCondition(field=field, lookup=lookup, values=(parse_value(field, value),))


def check_lookup(name: str, lookup: str, lookups: Collection[str]) -> None:
    """Refuse a lookup that a name does not take.

    Raises:
        InputError: It is not ``exact`` and not among those.
    """
    if lookup != "exact" and lookup not in lookups:
        raise InputError(
            "unknown-lookup",
            f"{name} cannot be asked for {lookup!r}.",
            hint=f"It takes {', '.join(f'{name}__{known}' for known in lookups)}, or plain {name}.",
            where=f"{name}__{lookup}",
        )


def parse_order(order: str) -> Order:
    """The order in ``-created_at``.

    Raises:
        InputError: An unknown field.
    """
    if order == RELEVANCE:
        return Order(field=RELEVANCE, is_descending=True)
    return Order(field=_parse_field(order.removeprefix("-")), is_descending=order.startswith("-"))


def parse_value(field: str, value: object) -> FieldValue:
    """A value as the field has it; text from a URL or command line is understood.

    Raises:
        InputError: The field cannot have it.
    """
    field_type = FIELD_TYPES[field]
    if value is None:
        return None
    try:
        return _PARSERS[field_type](value)
    except (ValueError, TypeError, OverflowError) as err:
        raise InputError(
            "value-malformed",
            f"{value!r} is not a value of {field}, which holds {_DESCRIPTIONS[field_type]}.",
            where=field,
        ) from err


def _parse_field(name: str) -> str:
    field = ALIASES.get(name, name)
    if field in FIELD_TYPES:
        return field
    raise build_unknown_error(name)


def build_unknown_error(name: str, others: Collection[str] = ()) -> InputError:
    """The error for a name that is neither a field nor one of ``others``, with the nearest names."""
    nearest = difflib.get_close_matches(name, [*FIELD_TYPES, *ALIASES, *others], n=3)
    return InputError(
        "unknown-field",
        f"Artifacts have no field {name!r}." if not others else f"{name!r} is no field, feature or registry.",
        hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"Fields are {', '.join(FIELD_TYPES)}.",
        where=name,
    )


def parse_collection[T](name: str, value: object, parse: Callable[[object], T]) -> tuple[T, ...]:
    """The values of an ``in``.

    Raises:
        InputError: It is not a list, or holds an impossible value.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
        raise InputError(
            "value-malformed", f"{name}__in needs a list of values, and {value!r} was given.", where=f"{name}__in"
        )
    return tuple(parse(item) for item in value)


def parse_boolean(name: str, value: object) -> bool:
    """Whether something is absent.

    Raises:
        InputError: It is neither true nor false.
    """
    try:
        return _to_boolean(value)
    except ValueError as err:
        raise InputError("value-malformed", f"{name} is true or false, and {value!r} was given.", where=name) from err


def _to_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _to_integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError
    number = int(value)
    if not -(2**63) <= number < 2**63:
        raise OverflowError
    return number


def _to_boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
    except KeyError as err:
        raise ValueError from err


def _to_moment(value: object) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(_to_text(value))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_PARSERS: Mapping[FieldType, Callable[[object], FieldValue]] = {
    "text": _to_text,
    "integer": _to_integer,
    "boolean": _to_boolean,
    "moment": _to_moment,
}
_DESCRIPTIONS = {
    "text": "text",
    "integer": "whole numbers",
    "boolean": "true or false",
    "moment": "dates such as 2026-01-31 or 2026-01-31T12:00:00+00:00 (UTC unless they say otherwise)",
}
