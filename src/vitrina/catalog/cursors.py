"""Where the next page begins, as text that callers pass back without looking inside. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime

from vitrina.catalog.fields import FIELD_TYPES, RELEVANCE, FieldValue, Order, parse_value
from vitrina.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last item of a page: its value in the order, and its id. By relevance: how many items came before, and 0."""

    value: FieldValue
    row_id: int


def build_cursor(order: Order, value: FieldValue, row_id: int) -> str:
    """The text for a cursor."""
    plain = value.isoformat() if isinstance(value, datetime) else value
    document = json.dumps([_build_name(order), plain, row_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(document.encode()).decode().rstrip("=")


def parse_cursor(text: str, order: Order) -> Cursor:
    """The cursor that ``build_cursor`` turned into text.

    Raises:
        InputError: It is something else, or belongs to a list in another order.
    """
    try:
        return _decode(text, order)
    except (ValueError, TypeError, RecursionError) as err:  # what base64, JSON and the checks raise
        raise InputError(
            "cursor-malformed",
            f"{text[:100]!r} is not the cursor of a list in this order.",
            hint="Pass next_cursor of the page before, with the same order; leave it away for the first page.",
        ) from err


def _decode(text: str, order: Order) -> Cursor:
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    name, value, row_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    if name != _build_name(order):
        raise ValueError(name)
    if order.field == RELEVANCE:
        return Cursor(value=_check_integer(value), row_id=0)
    if order.field not in FIELD_TYPES:
        return Cursor(value=None, row_id=_check_integer(row_id))
    return Cursor(value=parse_value(order.field, value), row_id=_check_integer(row_id))


def _check_integer(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(value)
    return value


def _build_name(order: Order) -> str:
    return f"-{order.field}" if order.is_descending else order.field
