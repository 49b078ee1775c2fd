"""Write labels and feature values, inside a transaction that the catalog has begun."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from vitrina.catalog.annotation_words import read_annotation_texts
from vitrina.catalog.tables import (
    NO_FEATURE,
    ArtifactRow,
    ArtifactSlotRow,
    FeatureRow,
    LabelRow,
    SchemaRow,
    TermRow,
    ValueRow,
)
from vitrina.catalog.values import build_comparable
from vitrina.errors import NotFoundError
from vitrina.model.dtype import parse_dtype
from vitrina.model.dtype_value import convert_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import BindParameter, Connection

    from vitrina.model.annotation import AnnotationsDraft, LabelDraft, ValueDraft

CHUNK = 10_000

_UIDS: BindParameter[Any] = bindparam("uids", expanding=True)
_SELECT_TERMS = select(TermRow.uid, TermRow.id).where(TermRow.uid.in_(_UIDS))
_SELECT_FEATURES = select(FeatureRow.uid, FeatureRow.id, FeatureRow.name, FeatureRow.dtype).where(
    FeatureRow.uid.in_(_UIDS)
)
_SELECT_SCHEMAS = select(SchemaRow.uid, SchemaRow.id).where(SchemaRow.uid.in_(_UIDS))
_SELECT_LABELS = select(LabelRow.artifact_id, LabelRow.term_id, LabelRow.feature_id).where(
    LabelRow.artifact_id.in_(bindparam("ids", expanding=True))
)
_INSERT_LABEL = insert(LabelRow)
_DELETE_VALUE = delete(ValueRow).where(
    ValueRow.artifact_id == bindparam("of_artifact"), ValueRow.feature_id == bindparam("of_feature")
)
_INSERT_VALUE = insert(ValueRow)
_DELETE_SLOT = delete(ArtifactSlotRow).where(
    ArtifactSlotRow.artifact_id == bindparam("of_artifact"), ArtifactSlotRow.slot == bindparam("of_slot")
)
_INSERT_SLOT = insert(ArtifactSlotRow)
_SET_SCHEMA = update(ArtifactRow).where(ArtifactRow.id == bindparam("of_artifact")).values(schema_id=bindparam("to"))


def insert_annotations(connection: Connection, artifact_id: int, draft: AnnotationsDraft) -> list[str]:
    """Put annotations on a new artifact; gives the texts that it is found by because of them.

    Raises:
        NotFoundError: ``term-missing``, ``feature-not-found`` or ``schema-not-found``.
        InputError: ``value-mismatch``: a value is not of its feature's dtype.
    """
    write_annotations(connection, {artifact_id: draft})
    return read_annotation_texts(connection, [artifact_id]).get(artifact_id, [])


def write_annotations(connection: Connection, drafts: Mapping[int, AnnotationsDraft]) -> None:
    """Put annotations on artifacts, by the ids of their rows; labels that are there stay, values are replaced.

    Raises:
        NotFoundError: ``term-missing``, ``feature-not-found`` or ``schema-not-found``.
        InputError: ``value-mismatch``: a value is not of its feature's dtype.
    """
    features = _read_features(connection, drafts.values())
    _write_labels(connection, {id_: draft.labels for id_, draft in drafts.items()}, features)
    _write_values(connection, {id_: draft.values for id_, draft in drafts.items()}, features)
    _write_schemas(connection, drafts)


def find_label_keys(connection: Connection, labels: Iterable[LabelDraft]) -> list[tuple[int, int]]:
    """Ids of the term and the feature of each label.

    Raises:
        NotFoundError: ``term-missing`` or ``feature-not-found``.
    """
    wanted = list(labels)
    terms = _read_ids(connection, _SELECT_TERMS, {label.term_uid for label in wanted}, "term-missing", "term")
    uids = {label.feature_uid for label in wanted if label.feature_uid is not None}
    features = _read_rows(connection, _SELECT_FEATURES, uids, "feature-not-found", "feature")
    return [
        (terms[label.term_uid], NO_FEATURE if label.feature_uid is None else features[label.feature_uid].id)
        for label in wanted
    ]


def _read_features(connection: Connection, drafts: Iterable[AnnotationsDraft]) -> dict[str, Any]:
    uids: set[str] = set()
    for draft in drafts:
        uids.update(label.feature_uid for label in draft.labels if label.feature_uid is not None)
        uids.update(value.feature_uid for value in draft.values)
    return _read_rows(connection, _SELECT_FEATURES, uids, "feature-not-found", "feature")


def _write_labels(
    connection: Connection, labels: Mapping[int, Collection[LabelDraft]], features: Mapping[str, Any]
) -> None:
    uids = {label.term_uid for drafts in labels.values() for label in drafts}
    if not uids:
        return
    terms = _read_ids(connection, _SELECT_TERMS, uids, "term-missing", "term")
    wanted = {
        (artifact_id, terms[label.term_uid], features[label.feature_uid].id if label.feature_uid else NO_FEATURE)
        for artifact_id, drafts in labels.items()
        for label in drafts
    }
    for ids in batched(labels, CHUNK):
        wanted.difference_update(tuple(row) for row in connection.execute(_SELECT_LABELS, {"ids": ids}))
    if wanted:
        rows = [
            {"artifact_id": artifact_id, "term_id": term_id, "feature_id": feature_id}
            for artifact_id, term_id, feature_id in sorted(wanted)
        ]
        connection.execute(_INSERT_LABEL, rows)


def _write_values(
    connection: Connection, values: Mapping[int, Collection[ValueDraft]], features: Mapping[str, Any]
) -> None:
    rows = [
        _build_value(artifact_id, draft, features[draft.feature_uid])
        for artifact_id, drafts in values.items()
        for draft in drafts
    ]
    if rows:
        keys = [{"of_artifact": row["artifact_id"], "of_feature": row["feature_id"]} for row in rows]
        connection.execute(_DELETE_VALUE, keys)
        connection.execute(_INSERT_VALUE, rows)


def _build_value(artifact_id: int, draft: ValueDraft, feature: Any) -> dict[str, Any]:
    dtype = parse_dtype(feature.dtype)
    value = convert_value(dtype, draft.value)
    number, text = build_comparable(dtype, value)
    return {
        "artifact_id": artifact_id,
        "feature_id": feature.id,
        "value": value,
        "number": number,
        "text": text,
    }


def _write_schemas(connection: Connection, drafts: Mapping[int, AnnotationsDraft]) -> None:
    uids = {uid for draft in drafts.values() for _, uid in draft.slots}
    uids |= {draft.schema_uid for draft in drafts.values() if draft.schema_uid is not None}
    if not uids:
        return
    schemas = _read_ids(connection, _SELECT_SCHEMAS, uids, "schema-not-found", "schema")
    wholes = [
        {"of_artifact": id_, "to": schemas[draft.schema_uid]}
        for id_, draft in drafts.items()
        if draft.schema_uid is not None
    ]
    if wholes:
        connection.execute(_SET_SCHEMA, wholes)
    slots = [
        {"artifact_id": id_, "slot": slot, "schema_id": schemas[uid]}
        for id_, draft in drafts.items()
        for slot, uid in draft.slots
    ]
    if slots:
        keys = [{"of_artifact": row["artifact_id"], "of_slot": row["slot"]} for row in slots]
        connection.execute(_DELETE_SLOT, keys)
        connection.execute(_INSERT_SLOT, slots)


def _read_ids(connection: Connection, statement: Any, uids: Collection[str], code: str, noun: str) -> dict[str, int]:
    return {uid: row.id for uid, row in _read_rows(connection, statement, uids, code, noun).items()}


def _read_rows(connection: Connection, statement: Any, uids: Collection[str], code: str, noun: str) -> dict[str, Any]:
    rows = {
        row.uid: row for chunk in batched(sorted(uids), CHUNK) for row in connection.execute(statement, {"uids": chunk})
    }
    for uid in sorted(uids):
        if uid not in rows:
            raise NotFoundError(code, f"There is no {noun} with the uid {uid!r}.", where=uid)
    return rows
