"""What labels that a user names come to: features, terms and values. Nothing is written."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.model.annotation import ValueDraft
from vitrina.model.dtype import parse_dtype
from vitrina.model.dtype_value import convert_value
from vitrina.model.registry import REGISTRIES, find_registry, list_words
from vitrina.model.term import Term, TermDraft
from vitrina.verbs.terms import build_proposal, resolve_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.model.dtype import Dtype
    from vitrina.model.feature import Feature
    from vitrina.verbs.instance import Instance

N_SUGGESTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A value that is wanted of a feature or registry.

    Attributes:
        name: A feature, or a word for a registry such as ``tissue``.
        value: Text that means a term, a term, or a value of the feature's dtype.
    """

    name: str
    value: object


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTerm:
    """A term that is to be a label.

    Attributes:
        name: Of the feature or registry, as it was given.
        value: As it was given: text, or the term itself.
        term: What the value means; a draft is registered when the plan is carried out.
        feature_uid: The feature that it is a value of; None for a plain label.
        is_new: Whether nothing was called so.
    """

    name: str
    value: object
    term: Term | TermDraft
    feature_uid: str | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelPlan:
    """What labelling comes to, before anything is written.

    Attributes:
        terms: In the order of the wishes.
        values: Values of features that are not terms.
    """

    terms: tuple[PlannedTerm, ...] = ()
    values: tuple[ValueDraft, ...] = ()


@dataclass(slots=True)
class _Planned:
    """The plan while it grows."""

    terms: list[PlannedTerm] = field(default_factory=list)
    values: list[ValueDraft] = field(default_factory=list)


def parse_pairs(pairs: Iterable[str]) -> tuple[Wish, ...]:
    """The wishes in texts such as ``tissue=lung``.

    Raises:
        InputError: A text has no ``=``.
    """
    wishes = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise InputError(
                "label-malformed", f"{pair!r} is not a label.", hint="Write F=V, such as tissue=lung.", where=pair
            )
        wishes.append(Wish(name=name.strip(), value=value.strip()))
    return tuple(wishes)


def plan_labels(
    instance: Instance,
    wishes: Iterable[Wish],
    *,
    coerce: bool = True,
    allow_new: bool = False,
    features_only: bool = False,
) -> LabelPlan:
    """What wishes mean: a name is a feature, else a registry; its value a term, or a value of the feature's dtype.

    Args:
        instance: Whose features and terms.
        wishes: Several of one name are several labels, or the items of a list.
        coerce: Whether text is taken for numbers, dates and such.
        allow_new: Make own terms of values that nothing is called, instead of refusing them.
        features_only: Whether a name must be a feature.

    Raises:
        InputError: ``label-name-unknown`` or ``label-value-unknown``, with the nearest names; ``value-mismatch``.
    """
    by_name: dict[str, list[object]] = {}
    for wish in wishes:
        by_name.setdefault(wish.name, []).append(wish.value)
    features = instance.catalog.features.find(by_name)
    planned = _Planned()
    for name, values in by_name.items():
        feature = features.get(name)
        registry = None if features_only else find_registry(name)
        if feature is not None:
            _plan_feature(instance, planned, feature, values, coerce=coerce, allow_new=allow_new)
        elif registry is not None:
            planned.terms += _plan_terms(instance, name, (registry.name,), values, allow_new=allow_new)
        else:
            raise build_unknown_name(instance, name, features_only=features_only)
    return LabelPlan(terms=tuple(planned.terms), values=tuple(planned.values))


def _plan_feature(
    instance: Instance, planned: _Planned, feature: Feature, values: Sequence[object], *, coerce: bool, allow_new: bool
) -> None:
    dtype = parse_dtype(feature.dtype)
    if dtype.is_category:
        items = [item for value in values for item in (value if isinstance(value, list | tuple | set) else [value])]
        terms = _plan_terms(instance, feature.name, dtype.registries, items, dtype=dtype, allow_new=allow_new)
        planned.terms += [replace(planned_term, feature_uid=feature.uid) for planned_term in terms]
        return
    if len(values) > 1 and not dtype.is_list:
        raise InputError(
            "label-repeated", f"{feature.name} is given {len(values)} values, and can have one.", where=feature.name
        )
    value = list(values) if len(values) > 1 else values[0]
    converted = convert_value(dtype, value, coerce=coerce or feature.is_coerced)
    planned.values.append(ValueDraft(feature_uid=feature.uid, value=converted))


def _plan_terms(
    instance: Instance,
    name: str,
    registries: Sequence[str],
    values: Sequence[object],
    *,
    dtype: Dtype | None = None,
    allow_new: bool,
) -> list[PlannedTerm]:
    """The term that each value means, in the first registry that knows it."""
    texts = [value for value in values if isinstance(value, str)]
    asked = "name" if dtype is None or dtype.field is None else dtype.field
    found: dict[str, Term | TermDraft] = {}
    proposals: dict[str, list[str]] = {}
    for registry in registries:
        unknown = [text for text in texts if text not in found]
        for text, resolution in resolve_values(instance, registry, unknown, field=asked).items():
            if resolution.term is not None:
                found[text] = resolution.term
            proposals.setdefault(text, []).extend(resolution.proposals)
    planned = []
    for value in values:
        if isinstance(value, Term | TermDraft):
            planned.append(PlannedTerm(name=name, value=value, term=_check_registry(name, registries, value)))
        elif isinstance(value, str) and value in found:
            planned.append(PlannedTerm(name=name, value=value, term=found[value]))
        elif isinstance(value, str) and allow_new:
            draft = TermDraft(registry=registries[0], name=value)
            planned.append(PlannedTerm(name=name, value=value, term=draft, is_new=True))
        else:
            raise _build_unknown_value(name, registries, value, proposals.get(str(value), ()))
    return planned


def _check_registry(name: str, registries: Sequence[str], term: Term | TermDraft) -> Term | TermDraft:
    if term.registry not in registries:
        raise InputError(
            "label-registry",
            f"{name} takes terms of {' or '.join(registries)}, and {term.name!r} is one of {term.registry}.",
            where=name,
        )
    return term


def build_unknown_name(instance: Instance, name: str, *, features_only: bool) -> InputError:
    """The error for a name that is no feature (nor registry), with the nearest names."""
    words = [feature.name for feature in instance.catalog.features.list_all()]
    if not features_only:
        words += list_words()
    near = difflib.get_close_matches(name, words, n=N_SUGGESTED)
    make = f'Make the feature: vt.Feature(name={name!r}, dtype="str").save().'
    registries = ", ".join(registry.alias for registry in REGISTRIES.values())
    others = make if features_only else f"{make} Registries are {registries}."
    return InputError(
        "label-name-unknown",
        f"There is no feature {name!r}." if features_only else f"{name!r} is neither a feature nor a registry.",
        hint=build_proposal(near) or others,
        where=name,
    )


def _build_unknown_value(name: str, registries: Sequence[str], value: object, proposals: Iterable[str]) -> InputError:
    registry = registries[0]
    make = f"Make it when it is right: --new, or vt.{registry}(name={value!r}).save()."
    near = build_proposal(dict.fromkeys(proposals))
    return InputError(
        "label-value-unknown",
        f"No {' or '.join(registries)} is called {value!r}.",
        hint=f"{near} {make}" if near else make,
        where=name,
    )
