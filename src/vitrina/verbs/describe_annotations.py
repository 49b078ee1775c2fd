"""What is said of an artifact, in words: labels and features as lines of the tree that ``vitrina show`` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vitrina.model.annotation import Annotations, FeatureValue, Label
    from vitrina.model.schema import Schema

type Lines = list[tuple[str, str]]
"""A name and what is said of it."""


def list_label_lines(labels: Iterable[Label]) -> Lines:
    """Per registry its plural and the names of the labels: ``("tissues", "left lung (UBERON:0002168)")``."""
    names: dict[str, dict[str, str]] = {}
    for label in labels:
        shown = f"{label.name} ({label.ontology_id})" if label.ontology_id else label.name
        names.setdefault(REGISTRIES[label.registry].plural, {})[label.uid] = shown
    return [(plural, ", ".join(found.values())) for plural, found in names.items()]


def list_feature_lines(annotations: Annotations) -> Lines:
    """Per feature its name, and its value with the dtype: ``("donor_age", "63 year · int")``."""
    kinds = {label.feature: f"cat[{label.registry}]" for label in annotations.labels if label.feature is not None}
    kinds |= {one.feature: one.dtype for one in annotations.values}
    return sorted((name, f"{text} · {kinds[name]}") for name, text in _list_values(annotations).items())


def list_slot_lines(annotations: Annotations, schemas: Mapping[str, Schema]) -> list[tuple[str, Lines]]:
    """Per slot its features with dtype and value; features of no slot come last, under an empty name.

    Args:
        annotations: What is said of the artifact.
        schemas: Those of its slots, by uid.
    """
    values = _list_values(annotations)
    slots: list[tuple[str, Lines]] = []
    told: set[str] = set()
    for slot, uid in annotations.slots:
        schema = schemas[uid]
        features = [member.feature for member in schema.members]
        told.update(feature.name for feature in features)
        lines = [
            (one.name, f"{values[one.name]} · {one.dtype}" if one.name in values else one.dtype) for one in features
        ]
        slots.append((slot, lines + ([("names", schema.itype)] if schema.itype and schema.itype != "Feature" else [])))
    rest = [line for line in list_feature_lines(annotations) if line[0] not in told]
    return [*slots, ("", rest)] if rest else slots


def format_value(value: FeatureValue) -> str:
    """A value with its unit; JSON where it is not one text or number."""
    text = value.value if isinstance(value.value, str) else json.dumps(value.value, ensure_ascii=False)
    return f"{text} {value.unit}" if value.unit else text


def describe_labels(labels: Iterable[Label]) -> str:
    """The labels as aligned lines; empty without any."""
    return "\n".join(_align(list_label_lines(labels)))


def describe_features(annotations: Annotations) -> str:
    """The values of features as aligned lines; empty without any."""
    return "\n".join(_align(list_feature_lines(annotations)))


def _list_values(annotations: Annotations) -> dict[str, str]:
    """The values of each feature in words."""
    names: dict[str, list[str]] = {}
    for label in annotations.labels:
        if label.feature is not None:
            names.setdefault(label.feature, []).append(label.name)
    found = {feature: ", ".join(texts) for feature, texts in names.items()}
    return found | {one.feature: format_value(one) for one in annotations.values}


def _align(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in lines), default=0)
    return (f"{name:<{width}}  {text}" for name, text in lines)
