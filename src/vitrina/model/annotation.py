"""Annotations: what people and validated columns say of an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

type JsonValue = str | int | float | bool | list[JsonValue] | Mapping[str, JsonValue] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A term on an artifact.

    Attributes:
        registry: Class name, such as ``Tissue``.
        uid: Of the term.
        name: Of the term.
        ontology_id: Of the term, or None.
        feature: Name of the feature that it is a value of; None for a plain label.
    """

    registry: str
    uid: str
    name: str
    ontology_id: str | None = None
    feature: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelDraft:
    """A term to be put on an artifact: its uid, and the uid of a feature or None."""

    term_uid: str
    feature_uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureValue:
    """A value on an artifact that is not a term: a number, text, date (ISO 8601) or JSON; feature by name."""

    feature: str
    dtype: str
    value: JsonValue
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDraft:
    """A value to be put on an artifact."""

    feature_uid: str
    value: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotations:
    """Everything said of one artifact.

    Attributes:
        labels: Ordered by registry, then name.
        values: Ordered by feature.
        schema_uid: Schema that the artifact was validated with, or None.
        slots: Uid of the schema of what each slot has, by slot.
    """

    labels: tuple[Label, ...] = ()
    values: tuple[FeatureValue, ...] = ()
    schema_uid: str | None = None
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotationsDraft:
    """Annotations to be put on an artifact when it is added, or later."""

    labels: tuple[LabelDraft, ...] = ()
    values: tuple[ValueDraft, ...] = ()
    schema_uid: str | None = None
    slots: tuple[tuple[str, str], ...] = ()
