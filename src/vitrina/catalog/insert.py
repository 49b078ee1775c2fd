"""Write artifacts, inside a transaction that the catalog has begun: one or thousands, in as many statements.

Statements are built once, with parameters: building one takes SQLAlchemy longer than SQLite takes to run it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from vitrina.catalog.annotation_insert import write_annotations
from vitrina.catalog.annotation_words import read_annotation_texts
from vitrina.catalog.overrides import read_overrides, write_overrides
from vitrina.catalog.prepared import Prepared
from vitrina.catalog.tables import ArtifactRow, ContentRow, FamilyRow, OverridesRow, StorageRow, UserRow
from vitrina.catalog.words import build_search_text
from vitrina.errors import ConflictError, InputError
from vitrina.model.apply_overrides import apply_overrides, keep_fitting
from vitrina.model.artifact import Artifact
from vitrina.model.jsonable import build_json
from vitrina.model.uid import build_family, is_uid, parse_version, split_uid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import ArtifactDraft

BATCH = 5_000
"""Artifacts per call: databases limit the parameters of a statement."""

_LATEST = (ArtifactRow.family == FamilyRow.uid) & ArtifactRow.is_latest.is_(True)
_FAMILY_COLUMNS = (
    FamilyRow.uid,
    FamilyRow.key,
    FamilyRow.last_version,
    ArtifactRow.id.label("latest_id"),
    ArtifactRow.version.label("latest_version"),
    OverridesRow.artifact_id.label("overridden_id"),
)
_STORAGE_ID = select(StorageRow.id).where(StorageRow.url == bindparam("storage_url")).scalar_subquery()
_USER_ID = select(UserRow.id).where(UserRow.handle == bindparam("created_by")).scalar_subquery()

_SELECT_FAMILIES = (
    select(*_FAMILY_COLUMNS)
    .outerjoin(ArtifactRow, _LATEST)
    .outerjoin(OverridesRow, OverridesRow.artifact_id == ArtifactRow.id)
    .where(FamilyRow.uid.in_(bindparam("families", expanding=True)))
)
_SELECT_ALL_OF_ONE = Prepared(
    select(*_FAMILY_COLUMNS, _STORAGE_ID.label("storage_id"), _USER_ID.label("user_id"))
    .outerjoin(ArtifactRow, _LATEST)
    .outerjoin(OverridesRow, OverridesRow.artifact_id == ArtifactRow.id)
    .where(FamilyRow.uid == bindparam("family"))
)
_RETIRE = Prepared(update(ArtifactRow).where(ArtifactRow.id == bindparam("retired")).values(is_latest=False))
_LEFT_OUT = {"id", "trashed_at", "schema_id"}
_GIVEN = [column.name for column in ArtifactRow.__table__.columns if column.name not in _LEFT_OUT]
_INSERT_ARTIFACT = Prepared(insert(ArtifactRow).returning(ArtifactRow.id), _GIVEN)
_INSERT_ARTIFACTS = insert(ArtifactRow).returning(ArtifactRow.id, sort_by_parameter_order=True)
_INSERT_CONTENT = Prepared(insert(ContentRow), ("artifact_id", "content"))

_SELECT_USER = select(UserRow.id).where(UserRow.handle == bindparam("handle"))
_INSERT_USER = insert(UserRow).returning(UserRow.id)
_SELECT_STORAGE = select(StorageRow.id).where(StorageRow.url == bindparam("url"))
_INSERT_STORAGE = insert(StorageRow).returning(StorageRow.id)


class _Family(NamedTuple):
    """A family with its latest version; ``overridden_id`` is ``latest_id`` where that has overrides."""

    uid: str
    key: str
    last_version: int
    latest_id: int | None
    latest_version: str | None
    overridden_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What is there of all that drafts name: families by their uids, ids of storages and users by their names."""

    families: Mapping[str, _Family]
    storages: Mapping[str, int]
    users: Mapping[str, int]


def insert_artifacts(
    connection: Connection,
    database: Database,
    drafts: Sequence[ArtifactDraft],
    annotations: Mapping[str, AnnotationsDraft],
    created_at: datetime,
) -> list[Artifact]:
    """Artifacts with their users, storages, annotations and words; each the latest unless a later version came first.

    Args:
        connection: The transaction that writes.
        database: The database of the connection.
        drafts: At most BATCH.
        annotations: What is said of them, by uid.
        created_at: When they were made.

    Raises:
        ConflictError: A uid has an artifact already.
        InputError: A uid was not reserved for the key, or a value is not of its feature's dtype.
        NotFoundError: A label, feature or schema of the annotations is not there.
    """
    around = _read_around(connection, drafts)
    _check_reserved(drafts, around.families)
    latest = _retire_latest(connection, database, drafts, around.families)
    artifacts = [_build_artifact(draft, created_at, is_latest=draft.uid in latest) for draft in drafts]
    ids = _insert_rows(connection, artifacts, around)
    contents = [
        {"artifact_id": id_, "content": build_json(artifact.content)}
        for id_, artifact in zip(ids, artifacts, strict=True)
    ]
    _INSERT_CONTENT.execute_many(connection, contents)
    artifacts = _inherit_overrides(connection, dict(zip(ids, artifacts, strict=True)), around.families)
    said = {
        id_: annotations[artifact.uid]
        for id_, artifact in zip(ids, artifacts, strict=True)
        if artifact.uid in annotations
    }
    if said:
        write_annotations(connection, said)
    texts = read_annotation_texts(connection, said) if said else {}
    words = [
        (
            id_,
            build_search_text(
                key=artifact.key,
                description=artifact.description,
                kind=artifact.kind,
                content=artifact.content,
                annotations=texts.get(id_, ()),
            ),
        )
        for id_, artifact in zip(ids, artifacts, strict=True)
    ]
    database.text_index.write_many(connection, words)
    return artifacts


def _inherit_overrides(
    connection: Connection, artifacts: Mapping[int, Artifact], families: Mapping[str, _Family]
) -> list[Artifact]:
    """The artifacts with what was said of the version before, where its elements are still as they were."""
    before = {family: row.overridden_id for family, row in families.items() if row.overridden_id is not None}
    known = read_overrides(connection, before.values()) if before else {}
    inherited = []
    for id_, artifact in artifacts.items():
        kept = known.get(before.get(split_uid(artifact.uid)[0], 0))
        fitting = None if kept is None else keep_fitting(artifact.content, kept.overrides)
        if kept is None or not fitting or fitting.changed_at is None:
            inherited.append(artifact)
            continue
        write_overrides(connection, id_, fitting, fitting.changed_at, kept.changed_by_id)
        inherited.append(replace(artifact, content=apply_overrides(artifact.content, fitting), overrides=fitting))
    return inherited


def _insert_rows(connection: Connection, artifacts: Sequence[Artifact], around: _Around) -> Sequence[int]:
    storages = dict(around.storages)
    users = dict(around.users)
    for artifact in artifacts:
        if artifact.storage_url not in storages:
            storages[artifact.storage_url] = _insert_storage(connection, artifact.storage_url)
        if artifact.created_by not in users:
            users[artifact.created_by] = _insert_user(connection, artifact.created_by)
    rows = [_build_row(artifact, storages[artifact.storage_url], users[artifact.created_by]) for artifact in artifacts]
    try:
        if len(rows) == 1:
            return [id_ for (id_,) in _INSERT_ARTIFACT.execute(connection, rows[0])]
        return connection.execute(_INSERT_ARTIFACTS, rows).scalars().all()
    except IntegrityError as err:
        uid = artifacts[0].uid if len(artifacts) == 1 else None
        which = f"There is already an artifact {uid}" if uid else "One of the uids has an artifact already"
        raise ConflictError("uid-taken", f"{which}, and artifacts never change.", where=uid) from err


def _build_row(artifact: Artifact, storage_id: int, user_id: int) -> dict[str, Any]:
    family, version = split_uid(artifact.uid)
    return {
        "uid": artifact.uid,
        "family": family,
        "version": version,
        "key": artifact.key,
        "description": artifact.description,
        "kind": artifact.kind,
        "format": artifact.format,
        "hash": artifact.hash,
        "size_bytes": artifact.size_bytes,
        "n_files": artifact.n_files,
        "n_observations": artifact.n_observations,
        "storage_id": storage_id,
        "storage_key": artifact.storage_key,
        "is_folder": artifact.is_folder,
        "is_latest": artifact.is_latest,
        "created_at": artifact.created_at,
        "created_by_id": user_id,
    }


def get_or_insert_user(connection: Connection, handle: str) -> int:
    """The id of the user with a handle."""
    found = connection.execute(_SELECT_USER, {"handle": handle}).scalar_one_or_none()
    return _insert_user(connection, handle) if found is None else found


def get_or_insert_storage(connection: Connection, url: str) -> int:
    """The id of the storage with a URL."""
    found = connection.execute(_SELECT_STORAGE, {"url": url}).scalar_one_or_none()
    return _insert_storage(connection, url) if found is None else found


def _insert_user(connection: Connection, handle: str) -> int:
    return connection.execute(_INSERT_USER, {"uid": build_family(), "handle": handle}).scalar_one()


def _insert_storage(connection: Connection, url: str) -> int:
    return connection.execute(_INSERT_STORAGE, {"uid": build_family(), "url": url}).scalar_one()


def _read_around(connection: Connection, drafts: Sequence[ArtifactDraft]) -> _Around:
    """What is there of all that drafts name; of a single one, which is the busiest path, in one statement."""
    if len(drafts) != 1:
        wanted = list({split_uid(draft.uid)[0] for draft in drafts})
        rows = connection.execute(_SELECT_FAMILIES, {"families": wanted})
        return _Around(
            families={row.uid: _Family(*row) for row in rows},
            storages={url: get_or_insert_storage(connection, url) for url in {draft.storage_url for draft in drafts}},
            users={name: get_or_insert_user(connection, name) for name in {draft.created_by for draft in drafts}},
        )
    (draft,) = drafts
    named = {"storage_url": draft.storage_url, "created_by": draft.created_by}
    found = _SELECT_ALL_OF_ONE.execute(connection, {"family": split_uid(draft.uid)[0], **named})
    if not found:
        return _Around(families={}, storages={}, users={})
    *family, storage_id, user_id = found[0]
    return _Around(
        families={family[0]: _Family(*family)},
        storages={} if storage_id is None else {draft.storage_url: storage_id},
        users={} if user_id is None else {draft.created_by: user_id},
    )


def _check_reserved(drafts: Sequence[ArtifactDraft], families: Mapping[str, _Family]) -> None:
    for draft in drafts:
        family, version = split_uid(draft.uid)
        row = families.get(family) if is_uid(draft.uid) else None
        if row is None or row.key != draft.key or parse_version(version) > row.last_version:
            raise InputError(
                "uid-not-reserved",
                f"The uid {draft.uid!r} was not reserved for the key {draft.key!r}.",
                where=draft.uid,
            )


def _retire_latest(
    connection: Connection, database: Database, drafts: Sequence[ArtifactDraft], families: Mapping[str, _Family]
) -> frozenset[str]:
    """The uids of the drafts that are the latest of their families; what was the latest before is not any more."""
    newest = {family: row.latest_version or "" for family, row in families.items()}
    for draft in drafts:
        family, version = split_uid(draft.uid)
        newest[family] = max(newest[family], version)
    retired = [
        row.latest_id
        for family, row in families.items()
        if row.latest_id is not None and row.latest_version != newest[family]
    ]
    if retired:
        _RETIRE.execute_many(connection, [{"retired": id_} for id_ in retired])
        database.touch(connection, retired)
    kept = {family + (row.latest_version or "") for family, row in families.items()}
    return frozenset({family + version for family, version in newest.items()} - kept)


def _build_artifact(draft: ArtifactDraft, now: datetime, *, is_latest: bool) -> Artifact:
    return Artifact(
        uid=draft.uid,
        key=draft.key,
        description=draft.description,
        kind=draft.kind,
        format=draft.content.format,
        hash=draft.hash,
        size_bytes=draft.size_bytes,
        n_files=draft.n_files,
        n_observations=draft.content.n_observations,
        storage_url=draft.storage_url,
        storage_key=draft.storage_key,
        is_folder=draft.is_folder,
        created_at=now,
        created_by=draft.created_by,
        is_latest=is_latest,
        content=draft.content,
    )
