"""Read labels and feature values of a page of artifacts, inside a transaction that the catalog has begun."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vitrina.catalog.tables import (
    ArtifactRow,
    ArtifactSlotRow,
    FeatureRow,
    LabelRow,
    SchemaRow,
    TermRow,
    ValueRow,
)
from vitrina.model.annotation import Annotations, FeatureValue, Label

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import BindParameter, Connection

CHUNK = 10_000

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_SELECT_ARTIFACTS = (
    select(ArtifactRow.id, ArtifactRow.uid, SchemaRow.uid.label("schema_uid"))
    .outerjoin(SchemaRow, SchemaRow.id == ArtifactRow.schema_id)
    .where(ArtifactRow.uid.in_(bindparam("uids", expanding=True)))
)
_SELECT_LABELS = (
    select(
        LabelRow.artifact_id,
        TermRow.registry_name.label("registry"),
        TermRow.uid,
        TermRow.name,
        TermRow.ontology_id,
        FeatureRow.name.label("feature"),
    )
    .join(TermRow, TermRow.id == LabelRow.term_id)
    .outerjoin(FeatureRow, FeatureRow.id == LabelRow.feature_id)
    .where(LabelRow.artifact_id.in_(_IDS))
    .order_by(TermRow.registry_name, TermRow.name, TermRow.id, LabelRow.feature_id)
)
_SELECT_VALUES = (
    select(ValueRow.artifact_id, ValueRow.value, FeatureRow.name, FeatureRow.dtype, FeatureRow.unit)
    .join(FeatureRow, FeatureRow.id == ValueRow.feature_id)
    .where(ValueRow.artifact_id.in_(_IDS))
    .order_by(FeatureRow.name)
)
_SELECT_SLOTS = (
    select(ArtifactSlotRow.artifact_id, ArtifactSlotRow.slot, SchemaRow.uid)
    .join(SchemaRow, SchemaRow.id == ArtifactSlotRow.schema_id)
    .where(ArtifactSlotRow.artifact_id.in_(_IDS))
    .order_by(ArtifactSlotRow.slot)
)


def read_annotations(connection: Connection, uids: Collection[str]) -> dict[str, Annotations]:
    """Everything said of artifacts, by their uids; those that are not there are left out. Four statements."""
    found: dict[str, Annotations] = {}
    for chunk in batched(dict.fromkeys(uids), CHUNK):
        found |= _read_chunk(connection, chunk)
    return found


def _read_chunk(connection: Connection, uids: Collection[str]) -> dict[str, Annotations]:
    artifacts = connection.execute(_SELECT_ARTIFACTS, {"uids": uids}).all()
    ids = [row.id for row in artifacts]
    labels: dict[int, list[Label]] = {id_: [] for id_ in ids}
    values: dict[int, list[FeatureValue]] = {id_: [] for id_ in ids}
    slots: dict[int, list[tuple[str, str]]] = {id_: [] for id_ in ids}
    for row in connection.execute(_SELECT_LABELS, {"ids": ids}):
        label = Label(
            registry=row.registry, uid=row.uid, name=row.name, ontology_id=row.ontology_id, feature=row.feature
        )
        labels[row.artifact_id].append(label)
    for row in connection.execute(_SELECT_VALUES, {"ids": ids}):
        value = FeatureValue(feature=row.name, dtype=row.dtype, value=row.value, unit=row.unit)
        values[row.artifact_id].append(value)
    for artifact_id, slot, schema_uid in connection.execute(_SELECT_SLOTS, {"ids": ids}):
        slots[artifact_id].append((slot, schema_uid))
    return {
        row.uid: Annotations(
            labels=tuple(labels[row.id]),
            values=tuple(values[row.id]),
            schema_uid=row.schema_uid,
            slots=tuple(slots[row.id]),
        )
        for row in artifacts
    }
