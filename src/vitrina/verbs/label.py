"""Label artifacts: with terms of registries, and with values of features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import InputError
from vitrina.model.annotation import Annotations, AnnotationsDraft, LabelDraft
from vitrina.model.term import Term, TermDraft
from vitrina.verbs.label_plan import build_unknown_name
from vitrina.verbs.terms import add_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.model.annotation import Label
    from vitrina.model.artifact import Artifact
    from vitrina.model.feature import Feature
    from vitrina.verbs.instance import Instance
    from vitrina.verbs.label_plan import LabelPlan


def build_annotations(instance: Instance, plan: LabelPlan) -> AnnotationsDraft:
    """The plan as annotations of an artifact; terms that only the reference knows are registered for it."""
    terms = add_terms(instance, [planned.term for planned in plan.terms])
    labels = (
        LabelDraft(term_uid=term.uid, feature_uid=planned.feature_uid)
        for term, planned in zip(terms, plan.terms, strict=True)
    )
    return AnnotationsDraft(labels=tuple(dict.fromkeys(labels)), values=plan.values)


def label(instance: Instance, artifact: Artifact, plan: LabelPlan) -> Annotations:
    """Put labels and values on an artifact; what is said of it then.

    Raises:
        NotFoundError: The artifact is gone.
    """
    instance.catalog.annotations.add({artifact.uid: build_annotations(instance, plan)})
    return read_annotations(instance, artifact)


def unlabel(instance: Instance, artifact: Artifact, plan: LabelPlan) -> Annotations:
    """Take labels and values off an artifact; what is said of it then.

    A plain label goes without regard to the feature that it may be a value of.

    Raises:
        InputError: ``label-absent``: the artifact has no such label or value; nothing is taken off.
    """
    before = read_annotations(instance, artifact)
    uids = {feature.name: feature.uid for feature in _list_features(instance, before)}
    labels: list[LabelDraft] = []
    for planned in plan.terms:
        term, feature_uid = planned.term, planned.feature_uid
        own = [
            LabelDraft(term_uid=one.uid, feature_uid=None if one.feature is None else uids[one.feature])
            for one in before.labels
            if _is_label_of(one, term) and (feature_uid is None or (one.feature and uids[one.feature] == feature_uid))
        ]
        if not own:
            raise _build_absent(artifact, f"{term.registry} {term.name!r}")
        labels += own
    of_values = {uids[value.feature] for value in before.values}
    for draft in plan.values:
        if draft.feature_uid not in of_values:
            raise _build_absent(artifact, "value of that feature")
    instance.catalog.annotations.remove_labels(artifact.uid, labels)
    instance.catalog.annotations.remove_values(artifact.uid, [draft.feature_uid for draft in plan.values])
    return read_annotations(instance, artifact)


def remove_values(instance: Instance, artifact: Artifact, names: Sequence[str]) -> Annotations:
    """Take all values and labels of features off an artifact; what is said of it then.

    Raises:
        InputError: ``label-name-unknown``: there is no such feature.
    """
    features = instance.catalog.features.find(names)
    for name in names:
        if name not in features:
            raise build_unknown_name(instance, name, features_only=True)
    labels = [
        LabelDraft(term_uid=one.uid, feature_uid=features[one.feature].uid)
        for one in read_annotations(instance, artifact).labels
        if one.feature in features
    ]
    instance.catalog.annotations.remove_labels(artifact.uid, labels)
    instance.catalog.annotations.remove_values(artifact.uid, [feature.uid for feature in features.values()])
    return read_annotations(instance, artifact)


def read_annotations(instance: Instance, artifact: Artifact) -> Annotations:
    """Everything said of an artifact; nothing when it is gone."""
    return read_many_annotations(instance, [artifact])[artifact.uid]


def read_many_annotations(instance: Instance, artifacts: Iterable[Artifact]) -> dict[str, Annotations]:
    """Everything said of artifacts, by uid, asked for at once; nothing of those that are gone."""
    uids = [artifact.uid for artifact in artifacts]
    return dict.fromkeys(uids, Annotations()) | instance.catalog.annotations.read(uids)


def _is_label_of(one: Label, term: Term | TermDraft) -> bool:
    if isinstance(term, Term):
        return one.uid == term.uid
    return one.registry == term.registry and one.ontology_id is not None and one.ontology_id == term.ontology_id


def _list_features(instance: Instance, annotations: Annotations) -> Iterable[Feature]:
    names = {label.feature for label in annotations.labels if label.feature is not None}
    names |= {value.feature for value in annotations.values}
    return instance.catalog.features.find(names).values()


def _build_absent(artifact: Artifact, what: str) -> InputError:
    return InputError(
        "label-absent",
        f"{artifact.key} has no {what}.",
        hint=f"See what it has: vitrina show {artifact.key}.",
        where=artifact.uid,
    )
