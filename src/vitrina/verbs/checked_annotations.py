"""From what checking a dataset found to what is said of its artifact."""

from __future__ import annotations

import getpass
from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.curate.checked import NAMES
from vitrina.curate.slots import EVERY, parse_slot
from vitrina.model.annotation import AnnotationsDraft, LabelDraft, ValueDraft
from vitrina.model.schema import SchemaDraft
from vitrina.verbs.label import build_annotations as build_label_annotations
from vitrina.verbs.label_plan import Wish, plan_labels
from vitrina.verbs.terms import add_terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.curate.checked import Checked, CheckedFeature
    from vitrina.model.schema import Schema
    from vitrina.verbs.instance import Instance


def build_annotations(instance: Instance, checked: Checked, schema: Schema) -> AnnotationsDraft:
    """Labels of the terms found in columns, single values, and which features each slot has.

    Terms that only the reference knows are registered. Names that stand for terms (the genes of ``var.T``) become no
    labels: there are tens of thousands, and each dataset of an organism has the same.

    Args:
        instance: Where terms and schemas of slots are kept.
        checked: What was found, without errors.
        schema: What the dataset was held against.
    """
    return AnnotationsDraft(
        labels=tuple(_build_labels(instance, checked)),
        values=tuple(_build_values(checked)),
        schema_uid=schema.uid,
        slots=tuple(_build_slots(instance, checked, schema)),
    )


def build_given(instance: Instance, features: Mapping[str, object]) -> AnnotationsDraft:
    """Values that are given along with a dataset, by feature, as annotations.

    Raises:
        InputError: ``label-name-unknown`` or ``label-value-unknown``, with the nearest names; ``value-mismatch``.
    """
    wishes = [Wish(name=name, value=value) for name, value in features.items()]
    plan = plan_labels(instance, wishes, coerce=False, features_only=True)
    return build_label_annotations(instance, plan)


def unite(one: AnnotationsDraft, other: AnnotationsDraft) -> AnnotationsDraft:
    """Both, with the schema and the slots of the first."""
    return replace(one, labels=tuple(dict.fromkeys((*one.labels, *other.labels))), values=(*one.values, *other.values))


def _build_labels(instance: Instance, checked: Checked) -> Iterator[LabelDraft]:
    found = [(one.feature.uid, term) for one in checked.features if one.feature is not None for term in one.terms]
    terms = add_terms(instance, [term for _, term in found])
    labels = (
        LabelDraft(term_uid=term.uid, feature_uid=feature_uid)
        for (feature_uid, _), term in zip(found, terms, strict=True)
    )
    yield from dict.fromkeys(labels)


def _build_values(checked: Checked) -> Iterator[ValueDraft]:
    """Values that are no terms; of a feature in several slots the last one."""
    values = {
        one.feature.uid: ValueDraft(feature_uid=one.feature.uid, value=one.value)
        for one in checked.features
        if one.feature is not None and one.value is not None and not one.resolutions
    }
    yield from values.values()


def _build_slots(instance: Instance, checked: Checked, schema: Schema) -> Iterator[tuple[str, str]]:
    by_slot: dict[str, list[CheckedFeature]] = {}
    for one in checked.features:
        by_slot.setdefault(one.slot, []).append(one)
    for slot, features in by_slot.items():
        component = _find_component(schema, slot)
        draft = SchemaDraft(
            feature_uids=tuple(dict.fromkeys(one.feature.uid for one in features if one.feature is not None)),
            itype=None if component is None else component.itype,
            dtype=None if component is None else component.dtype,
        )
        yield slot or NAMES, instance.catalog.schemas.add(draft, getpass.getuser()).uid


def _find_component(schema: Schema, slot: str) -> Schema | None:
    """What was demanded of a slot, by its own name or as one of ``*``."""
    if not slot:
        return schema
    steps = parse_slot(slot).steps
    pattern = slot.replace(f":{steps[1]}", f":{EVERY}", 1) if len(steps) > 1 else slot
    return schema.slots.get(slot) or schema.slots.get(pattern)
