"""LaminDB's records in our words: drafts and records that the catalog takes. Pure."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, get_args

from vitrina.lamindb.artifacts import FAMILY_LENGTH
from vitrina.model.feature import FeatureDraft
from vitrina.model.run import Run, RunStatus, Transform, TransformKind
from vitrina.model.schema import SchemaDraft
from vitrina.model.term import TermDraft
from vitrina.model.uid import FAMILY_LENGTH as OUR_FAMILY_LENGTH
from vitrina.model.uid import VERSION_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.lamindb.records import LaminFeature, LaminRun, LaminSchema, LaminTerm, LaminTransform

_KINDS: tuple[TransformKind, ...] = get_args(TransformKind.__value__)
_STATUSES: tuple[RunStatus, ...] = get_args(RunStatus.__value__)


def build_term_draft(
    term: LaminTerm,
    *,
    registry: str,
    parent_keys: tuple[str, ...],
    ancestor_keys: tuple[str, ...],
    organism: str | None,
    reference: TermDraft | None,
) -> TermDraft:
    """A term under the name that LaminDB's users know, with what our reference knows of its ontology id.

    Args:
        term: Of LaminDB.
        registry: Ours.
        parent_keys: Keys of its parents in LaminDB: ontology ids, or our uids of terms without one.
        ancestor_keys: Those of them that are in the reference, and what is above them there.
        organism: Name of the organism that it is of.
        reference: The term with the same ontology id, where the reference has one.
    """
    known = reference or TermDraft(registry=registry, name=term.name)
    names = (*term.synonyms, *((known.name,) if reference else ()), *known.synonyms)
    return TermDraft(
        registry=registry,
        name=term.name,
        ontology_id=term.ontology_id,
        synonyms=tuple(name for name in dict.fromkeys(names) if name != term.name),
        description=term.description or known.description,
        source=known.source,
        organism=known.organism or organism,
        attributes={**term.attributes, **known.attributes},
        parent_ids=tuple(dict.fromkeys((*known.parent_ids, *parent_keys))),
        ancestor_ids=tuple(dict.fromkeys((*known.ancestor_ids, *ancestor_keys))),
        is_obsolete=known.is_obsolete,
    )


def build_feature_draft(feature: LaminFeature, dtype: str) -> FeatureDraft:
    """A feature with a dtype of ours."""
    default = feature.default
    return FeatureDraft(
        name=feature.name,
        dtype=dtype,
        unit=feature.unit,
        description=feature.description,
        synonyms=feature.synonyms,
        is_nullable=feature.is_nullable,
        default=default if isinstance(default, str | int | float | bool) else None,
        is_coerced=feature.is_coerced,
    )


def build_schema_draft(
    schema: LaminSchema, *, itype: str | None, dtype: str | None, features: Mapping[int, str], slots: Mapping[str, str]
) -> SchemaDraft:
    """A schema of features and component schemas that are there.

    Args:
        schema: Of LaminDB, where the index is one of the members; here it is none.
        itype: In our words.
        dtype: In our words.
        features: Uids by LaminDB's ids.
        slots: Uids of our schemas by slot.
    """
    members = [id_ for id_ in schema.feature_ids if id_ != schema.index_id and id_ in features]
    return SchemaDraft(
        name=schema.name,
        description=schema.description,
        feature_uids=tuple(dict.fromkeys(features[id_] for id_ in members)),
        optional_uids=frozenset(features[id_] for id_ in members if id_ in schema.optional_ids),
        index_uid=None if schema.index_id is None else features.get(schema.index_id),
        itype=itype,
        dtype=dtype,
        otype=schema.otype,
        slots=dict(slots),
        is_minimal=schema.is_minimal,
        is_maximal=schema.is_maximal,
        is_ordered=schema.is_ordered,
        is_flexible=schema.is_flexible,
        is_coerced=schema.is_coerced,
    )


def build_transform_uid(uid: str) -> str:
    """LaminDB's 12 characters for the family and 4 for the version as our 16 and 4: zeros stand between."""
    family, version = uid[:-VERSION_LENGTH], uid[-VERSION_LENGTH:]
    return family[:OUR_FAMILY_LENGTH].ljust(OUR_FAMILY_LENGTH, "0") + version


def build_transform(transform: LaminTransform, created_by: str) -> Transform:
    """A version of some code; its source goes apart."""
    return Transform(
        uid=build_transform_uid(transform.uid),
        key=transform.key,
        kind=next((kind for kind in _KINDS if kind == transform.kind), "script"),
        description=transform.description,
        hash=None,
        reference=transform.reference,
        git_commit=None,
        is_latest=False,
        created_at=transform.created_at,
        created_by=created_by,
    )


def build_run(run: LaminRun, transform: Transform, *, parent_uid: str | None, created_by: str) -> Run:
    """A run; one that is scheduled or restarted has at most started."""
    return Run(
        uid=run.uid,
        transform=transform,
        parameters=run.parameters,
        git_commit=None,
        parent_uid=parent_uid,
        status=next((status for status in _STATUSES if status == run.status), "started"),
        error=None,
        started_at=run.started_at,
        finished_at=run.finished_at,
        created_by=created_by,
    )


def list_keys(*, uid: str, key: str | None, suffix: str) -> tuple[str, ...]:
    """What a family may be called, the best first: its key, then that with some or all of the uid.

    Without a key it is called by the uid, as LaminDB calls its bytes.
    """
    family = uid[:FAMILY_LENGTH]
    if key is None:
        return (f"{family}{suffix}",)
    path = PurePosixPath(key)
    stem, dot, ending = path.name.partition(".") if not path.name.startswith(".") else (path.name, "", "")
    return (key, *(str(path.with_name(f"{stem}~{mark}{dot}{ending}")) for mark in (family[:4], family)))
