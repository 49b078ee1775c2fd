"""What a query demands, with every name understood: records that SQL and the facet index both evaluate. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitrina.catalog.fields import FieldCondition, FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelCondition:
    """The artifact has one of the terms as a label.

    Attributes:
        term_ids: Ids of rows; empty for a value that nothing is labelled with.
        feature_id: Of the feature that the label must be a value of; None for any or none.
        registry: The registry of the terms; None when they are of several.
    """

    term_ids: frozenset[int]
    feature_id: int | None = None
    registry: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabeledCondition:
    """The artifact has any term of a registry as a label, or any as a value of a feature."""

    registry: str | None = None
    feature_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCondition:
    """The artifact has a value of a feature that compares so.

    Attributes:
        column: Where values of the feature's dtype are compared.
        lookup: As in FieldCondition; ``isnull`` with False for any value at all.
    """

    feature_id: int
    column: Literal["number", "text"]
    lookup: str
    values: tuple[FieldValue | float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextCondition:
    """Each of the words begins a word of the artifact."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """All must hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """At least one must hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """The part must not hold."""

    part: Condition


type Condition = (
    FieldCondition | LabelCondition | LabeledCondition | ValueCondition | TextCondition | All | Some | Absent
)
