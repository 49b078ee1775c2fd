"""Lists of terms: from fields, words and cursors to SQL."""

from __future__ import annotations

import base64
import binascii
import difflib
import operator
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from vitrina.catalog.tables import TermNameRow, TermRow, UserRow
from vitrina.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from vitrina.model.registry import Registry

FIELDS: Mapping[str, Any] = {
    "name": TermRow.name,
    "ontology_id": TermRow.ontology_id,
    "uid": TermRow.uid,
    "description": TermRow.description,
    "source": TermRow.source,
    "organism": TermRow.organism,
    "created_by": UserRow.handle,
}


def build_conditions(registry: Registry, text: str, where: Mapping[str, object]) -> list[ColumnElement[bool]]:
    """Conditions on terms joined to their users.

    Args:
        registry: Whose terms.
        text: Words that must all occur in one name, synonym or identifier.
        where: Fields with lookups, attributes of the registry among them: ``{"name__startswith": "left"}``.

    Raises:
        InputError: An unknown field or lookup.
    """
    conditions = [TermRow.registry_name == registry.name]
    words = text.casefold().split()
    if words:
        named = select(TermNameRow.term_id).where(TermNameRow.registry_name == registry.name)
        named = named.where(*(TermNameRow.folded.contains(word, autoescape=True) for word in words))
        conditions.append(TermRow.id.in_(named))
    return conditions + [_build_condition(registry, name, value) for name, value in where.items()]


def build_order(text: str) -> list[ColumnElement[Any]]:
    """By name; with a text, names that are it first, then those that begin with it, then the shortest."""
    folded = " ".join(text.casefold().split())
    by_name: list[ColumnElement[Any]] = [TermRow.name.asc(), TermRow.id.asc()]
    if not folded:
        return by_name
    name = func.lower(TermRow.name)
    return [(name == folded).desc(), name.startswith(folded, autoescape=True).desc(), func.length(name), *by_name]


def build_cursor(n_before: int) -> str:
    """The cursor of a page that begins after so many terms."""
    return base64.urlsafe_b64encode(f"terms {n_before}".encode()).decode().rstrip("=")


def parse_cursor(text: str | None) -> int:
    """How many terms come before the page.

    Raises:
        InputError: It is not the cursor of a list of terms.
    """
    if text is None:
        return 0
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        name, number = base64.b64decode(padded, altchars=b"-_", validate=True).decode().split(" ")
        n_before = int(number)
    except (ValueError, binascii.Error) as err:
        raise _build_cursor_error(text) from err
    if name != "terms" or not 0 <= n_before < 2**63:
        raise _build_cursor_error(text)
    return n_before


def _build_cursor_error(text: str) -> InputError:
    return InputError(
        "cursor-malformed",
        f"{text[:100]!r} is not the cursor of a list of terms.",
        hint="Pass next_cursor of the page before; leave it away for the first page.",
    )


def _build_condition(registry: Registry, keyword: str, value: object) -> ColumnElement[bool]:
    name, separator, lookup = keyword.partition("__")
    attributes = (*(field for field in registry.key_fields if field not in FIELDS), *registry.attributes)
    if name not in FIELDS and name not in attributes:
        known = [*FIELDS, *attributes]
        nearest = difflib.get_close_matches(name, known, n=3)
        raise InputError(
            "unknown-field",
            f"{registry.name} has no field {name!r}.",
            hint=f"Did you mean {' or '.join(nearest)}?" if nearest else f"Fields are {', '.join(known)}.",
            where=keyword,
        )
    compare = _COMPARE.get(lookup if separator else "exact")
    if compare is None:
        known = [f"{name}__{other}" for other in _COMPARE if other != "exact"]
        raise InputError(
            "unknown-lookup",
            f"{name} cannot be asked for {lookup!r}.",
            hint=f"It takes {', '.join(known)}, or plain {name}.",
            where=keyword,
        )
    _check_value(keyword, lookup, value)
    return compare(FIELDS[name] if name in FIELDS else TermRow.attributes[name].as_string(), value)


def _check_value(keyword: str, lookup: str, value: object) -> None:
    if lookup == "in":
        is_fitting = isinstance(value, Collection) and not isinstance(value, str | bytes)
        wanted = "a list of texts"
    elif lookup == "isnull":
        is_fitting, wanted = isinstance(value, bool), "true or false"
    else:
        is_fitting, wanted = isinstance(value, str) or (value is None and not lookup), "text"
    if not is_fitting:
        raise InputError("value-malformed", f"{keyword} needs {wanted}, and {value!r} was given.", where=keyword)


def _build_ending(column: Any, value: Any) -> ColumnElement[bool]:
    ending: ColumnElement[bool] = func.substr(column, func.length(column) - len(value) + 1, len(value)) == value
    return ending


_COMPARE: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "exact": operator.eq,  # SQLAlchemy makes IS NULL of None
    "in": lambda column, values: column.in_(list(values)),
    "isnull": lambda column, value: column.is_(None) if value else column.is_not(None),
    "contains": lambda column, value: func.replace(column, value, "") != column if value else column.is_not(None),
    "icontains": lambda column, value: column.icontains(value, autoescape=True),
    "startswith": lambda column, value: func.substr(column, 1, len(value)) == value,
    "endswith": _build_ending,
}
"""With regard to case, but for ``icontains``; LIKE has none on SQLite, so ``contains`` sees what replacing changes."""
