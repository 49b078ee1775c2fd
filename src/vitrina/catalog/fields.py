"""What artifacts can be filtered and ordered by: ``field``, or ``field__lookup`` with a value. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
}
ALIASES: Mapping[str, str] = {"size_bytes": "size"}

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
class Condition:
    """One condition: ``lookup`` is ``exact`` or one of LOOKUPS; ``values`` has one entry but for ``in``."""

    field: str
    lookup: str
    values: tuple[FieldValue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A field and a direction; the field may be RELEVANCE, best first."""

    field: str
    is_descending: bool


def parse_conditions(where: Mapping[str, object]) -> tuple[Condition, ...]:
    """The conditions in ``{"format": "anndata", "size__gt": 1000}``, all of which must hold.

    Raises:
        InputError: An unknown field or lookup, or a value that the field cannot have.
    """
    return tuple(_parse_condition(name, value) for name, value in where.items())


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


def _parse_condition(name: str, value: object) -> Condition:
    field_name, separator, lookup = name.partition("__")
    field = _parse_field(field_name)
    lookups = LOOKUPS[FIELD_TYPES[field]]
    if separator and lookup not in lookups:
        raise InputError(
            "unknown-lookup",
            f"{field} cannot be asked for {lookup!r}.",
            hint=f"It takes {', '.join(f'{field}__{known}' for known in lookups)}, or plain {field}.",
            where=name,
        )
    if lookup == "in":
        return Condition(field=field, lookup=lookup, values=_parse_collection(field, value))
    if lookup == "isnull":
        return Condition(field=field, lookup=lookup, values=(_parse_boolean(name, value),))
    if lookup and value is None:
        raise InputError("value-malformed", f"{name} needs a value, and None was given.", where=name)
    return Condition(field=field, lookup=lookup or "exact", values=(parse_value(field, value),))


def _parse_field(name: str) -> str:
    field = ALIASES.get(name, name)
    if field in FIELD_TYPES:
        return field
    nearest = difflib.get_close_matches(name, [*FIELD_TYPES, *ALIASES], n=3)
    raise InputError(
        "unknown-field",
        f"Artifacts have no field {name!r}.",
        hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"They have {', '.join(FIELD_TYPES)}.",
        where=name,
    )


def _parse_collection(field: str, value: object) -> tuple[FieldValue, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Collection):
        raise InputError(
            "value-malformed", f"{field}__in needs a list of values, and {value!r} was given.", where=f"{field}__in"
        )
    return tuple(parse_value(field, item) for item in value)


def _parse_boolean(name: str, value: object) -> bool:
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
