"""What a query asks for, as a tree: ``(tissue == "lung") & ~(size > 10**9)``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from vitrina.model.annotation import JsonValue


class Operators:
    """``&``, ``|`` and ``~`` between expressions."""

    __slots__ = ()

    def __and__(self, other: Expression) -> And:
        return And(parts=(cast("Expression", self), other))

    def __or__(self, other: Expression) -> Or:
        return Or(parts=(cast("Expression", self), other))

    def __invert__(self) -> Not:
        return Not(part=cast("Expression", self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Operators):
    """One condition.

    Attributes:
        name: A field, a feature, or the alias or plural of a registry, such as ``size``, ``tissue``, ``tissues``; of a
            registry also with ``__name``, ``__ontology_id`` or ``__uid`` after it.
        lookup: ``exact``, ``in``, ``isnull``, ``gt``, ``gte``, ``lt``, ``lte``, ``contains``, ``icontains``,
            ``startswith`` or ``endswith``.
        value: What to compare with; a list of them for ``in``; whether it is absent for ``isnull``. Terms may be given
            as records.
    """

    name: str
    lookup: str = "exact"
    value: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Operators):
    """All must hold; without parts everything does."""

    parts: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Operators):
    """One must hold; without parts nothing does."""

    parts: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Operators):
    """It must not hold."""

    part: Expression


type Expression = Compare | And | Or | Not

LOOKUPS = ("exact", "in", "isnull", "gt", "gte", "lt", "lte", "contains", "icontains", "startswith", "endswith")


def build_expression(where: Mapping[str, object]) -> And:
    """The expression that ``{"format": "anndata", "size__gt": 1000}`` means: all of them must hold."""
    return And(parts=tuple(_build_compare(name, value) for name, value in where.items()))


def describe_expression(expression: Expression) -> JsonValue:
    """The expression as JSON values, to be kept: ``{"tissue": "lung"}``, ``{"or": [...]}``; terms by their names."""
    match expression:
        case Compare():
            suffix = "" if expression.lookup == "exact" else f"__{expression.lookup}"
            return {f"{expression.name}{suffix}": _describe_value(expression.value)}
        case And():
            return {"and": [describe_expression(part) for part in expression.parts]}
        case Or():
            return {"or": [describe_expression(part) for part in expression.parts]}
        case Not():
            return {"not": describe_expression(expression.part)}


def _describe_value(value: object) -> JsonValue:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_describe_value(item) for item in value]
    return str(getattr(value, "name", None) or getattr(value, "uid", None) or value)


def _build_compare(keyword: str, value: object) -> Compare:
    name, separator, lookup = keyword.rpartition("__")
    if separator and lookup in LOOKUPS:
        return Compare(name=name, lookup=lookup, value=value)
    return Compare(name=keyword, value=value)
