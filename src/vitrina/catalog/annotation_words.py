"""What artifacts are found by: their own words, and those of their labels and features."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, null, select

from vitrina.catalog.overrides import build_content, build_overrides
from vitrina.catalog.tables import ArtifactRow, ContentRow, FeatureRow, LabelRow, OverridesRow, TermRow, ValueRow
from vitrina.catalog.words import build_search_text

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import BindParameter, Connection

    from vitrina.catalog.database import Database
    from vitrina.catalog.words import SearchText

BATCH = 1_000
"""Artifacts whose contents are in memory at once."""

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_SELECT_LABELS = (
    select(LabelRow.artifact_id, LabelRow.term_id)
    .where(LabelRow.artifact_id.in_(_IDS))
    .order_by(LabelRow.artifact_id, LabelRow.term_id)
)
_SELECT_TERMS = select(TermRow.id, TermRow.name, TermRow.synonyms, TermRow.ontology_id).where(TermRow.id.in_(_IDS))
_SELECT_FEATURE_WORDS = select(FeatureRow.name, FeatureRow.synonyms)
_OF_LABELS = (
    _SELECT_FEATURE_WORDS.add_columns(LabelRow.artifact_id)
    .join(LabelRow, LabelRow.feature_id == FeatureRow.id)
    .where(LabelRow.artifact_id.in_(_IDS))
    .order_by(LabelRow.artifact_id, FeatureRow.name)
)
_OF_VALUES = (
    _SELECT_FEATURE_WORDS.add_columns(ValueRow.artifact_id)
    .join(ValueRow, ValueRow.feature_id == FeatureRow.id)
    .where(ValueRow.artifact_id.in_(_IDS))
    .order_by(ValueRow.artifact_id, FeatureRow.name)
)
_SELECT_OWN = (
    select(
        ArtifactRow.id,
        ArtifactRow.key,
        ArtifactRow.description,
        ArtifactRow.kind,
        cast(ContentRow.content, Text).label("content"),
        cast(OverridesRow.elements, Text).label("overrides"),
        OverridesRow.changed_at.label("overrides_at"),
        null().label("overrides_by"),
    )
    .join(ContentRow, ContentRow.artifact_id == ArtifactRow.id)
    .outerjoin(OverridesRow, OverridesRow.artifact_id == ArtifactRow.id)
    .where(ArtifactRow.id.in_(_IDS))
)
_SELECT_LABELLED = select(LabelRow.artifact_id).where(LabelRow.term_id == bindparam("term_id")).distinct()


def read_annotation_texts(connection: Connection, artifact_ids: Collection[int]) -> dict[int, list[str]]:
    """Names and synonyms of the labels and features of artifacts, by the ids of their rows."""
    labels = connection.execute(_SELECT_LABELS, {"ids": artifact_ids}).all()
    terms = connection.execute(_SELECT_TERMS, {"ids": list({term_id for _, term_id in labels})}) if labels else ()
    words = {row.id: [*filter(None, (row.name, *row.synonyms, row.ontology_id))] for row in terms}
    texts: dict[int, list[str]] = {}
    for artifact_id, term_id in labels:
        texts.setdefault(artifact_id, []).extend(words[term_id])
    for statement in (_OF_LABELS, _OF_VALUES):
        for row in connection.execute(statement, {"ids": artifact_ids}):
            texts.setdefault(row.artifact_id, []).extend((row.name, *row.synonyms))
    return texts


def refresh(connection: Connection, database: Database, artifact_ids: Collection[int]) -> None:
    """Bring up to date what is derived from the labels and values of artifacts that were there before."""
    database.touch(connection, artifact_ids)
    for ids in batched(sorted(artifact_ids), BATCH):
        words = _read_words(connection, ids)
        database.text_index.remove_many(connection, ids)
        database.text_index.write_many(connection, words)


def refresh_labelled(connection: Connection, database: Database, term_id: int) -> None:
    """Bring up to date what is derived from the names of a term that changed."""
    refresh(connection, database, connection.execute(_SELECT_LABELLED, {"term_id": term_id}).scalars().all())


def _read_words(connection: Connection, artifact_ids: Collection[int]) -> list[tuple[int, SearchText]]:
    texts = read_annotation_texts(connection, artifact_ids)
    return [
        (
            row.id,
            build_search_text(
                key=row.key,
                description=row.description,
                kind=row.kind,
                content=build_content(row, build_overrides(row)),
                annotations=texts.get(row.id, ()),
            ),
        )
        for row in connection.execute(_SELECT_OWN, {"ids": artifact_ids})
    ]
