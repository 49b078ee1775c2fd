"""Write artifacts, inside a transaction that the catalog has begun: one or thousands, in as many statements.

Statements are built once, with parameters: building one takes SQLAlchemy longer than SQLite takes to run it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from vitrina.catalog.annotation_insert import write_annotations
from vitrina.catalog.annotation_words import read_annotation_texts
from vitrina.catalog.tables import ArtifactRow, ContentRow, FamilyRow, StorageRow, UserRow
from vitrina.catalog.words import build_search_text
from vitrina.errors import ConflictError, InputError
from vitrina.model.artifact import Artifact
from vitrina.model.jsonable import build_json
from vitrina.model.uid import build_family, build_version, is_uid, parse_version, split_uid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection

    from vitrina.catalog.database import Database
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import ArtifactDraft

BATCH = 5_000
"""Artifacts per call: databases limit the parameters of a statement."""

_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_FAMILIES: BindParameter[Any] = bindparam("families", expanding=True)

_SELECT_FAMILIES_OF_KEYS = select(FamilyRow.key, FamilyRow.uid, FamilyRow.last_version).where(FamilyRow.key.in_(_KEYS))
_INSERT_FAMILY = insert(FamilyRow)
_COUNT_VERSION_UP = (
    update(FamilyRow).where(FamilyRow.uid == bindparam("family")).values(last_version=bindparam("number"))
)

_SELECT_FAMILIES = (
    select(
        FamilyRow.uid,
        FamilyRow.key,
        FamilyRow.last_version,
        ArtifactRow.id.label("latest_id"),
        ArtifactRow.version.label("latest_version"),
    )
    .outerjoin(ArtifactRow, (ArtifactRow.family == FamilyRow.uid) & ArtifactRow.is_latest.is_(True))
    .where(FamilyRow.uid.in_(_FAMILIES))
)
_RETIRE = update(ArtifactRow).where(ArtifactRow.id.in_(bindparam("ids", expanding=True))).values(is_latest=False)
_INSERT_ARTIFACT = insert(ArtifactRow).returning(ArtifactRow.id)
_INSERT_ARTIFACTS = insert(ArtifactRow).returning(ArtifactRow.id, sort_by_parameter_order=True)
_INSERT_CONTENT = insert(ContentRow)

_SELECT_USER = select(UserRow.id).where(UserRow.handle == bindparam("handle"))
_INSERT_USER = insert(UserRow).returning(UserRow.id)
_SELECT_STORAGE = select(StorageRow.id).where(StorageRow.url == bindparam("url"))
_INSERT_STORAGE = insert(StorageRow).returning(StorageRow.id)


def reserve_uids(connection: Connection, keys: Sequence[str]) -> list[str]:
    """The uids for the next versions under keys, which nobody else gets; a key may come several times."""
    rows = connection.execute(_SELECT_FAMILIES_OF_KEYS, {"keys": list(set(keys))})
    last = {row.key: (row.uid, row.last_version) for row in rows}
    known = {uid for uid, _ in last.values()}
    uids = []
    for key in keys:
        family, number = last.get(key) or (build_family(), 0)
        last[key] = family, number + 1
        uids.append(family + build_version(number + 1))
    grown = [{"family": uid, "number": last[key][1]} for key in dict.fromkeys(keys) if (uid := last[key][0]) in known]
    new = [{"uid": uid, "key": key, "last_version": number} for key, (uid, number) in last.items() if uid not in known]
    if grown:
        connection.execute(_COUNT_VERSION_UP, grown)
    if new:
        connection.execute(_INSERT_FAMILY, new)
    return uids


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
    families = _read_families(connection, drafts)
    latest = _retire_latest(connection, database, drafts, families)
    artifacts = [_build_artifact(draft, created_at, is_latest=draft.uid in latest) for draft in drafts]
    ids = _insert_rows(connection, artifacts)
    contents = [
        {"artifact_id": id_, "content": build_json(artifact.content)}
        for id_, artifact in zip(ids, artifacts, strict=True)
    ]
    connection.execute(_INSERT_CONTENT, contents)
    said = {
        id_: annotations[artifact.uid]
        for id_, artifact in zip(ids, artifacts, strict=True)
        if artifact.uid in annotations
    }
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


def _insert_rows(connection: Connection, artifacts: Sequence[Artifact]) -> Sequence[int]:
    storages = {url: get_or_insert_storage(connection, url) for url in {artifact.storage_url for artifact in artifacts}}
    users = {name: get_or_insert_user(connection, name) for name in {artifact.created_by for artifact in artifacts}}
    rows = [_build_row(artifact, storages[artifact.storage_url], users[artifact.created_by]) for artifact in artifacts]
    try:
        if len(rows) == 1:  # the plain statement takes half the time
            return connection.execute(_INSERT_ARTIFACT, rows[0]).scalars().all()
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
    if found is not None:
        return found
    return connection.execute(_INSERT_USER, {"uid": build_family(), "handle": handle}).scalar_one()


def get_or_insert_storage(connection: Connection, url: str) -> int:
    """The id of the storage with a URL."""
    found = connection.execute(_SELECT_STORAGE, {"url": url}).scalar_one_or_none()
    if found is not None:
        return found
    return connection.execute(_INSERT_STORAGE, {"uid": build_family(), "url": url}).scalar_one()


def _read_families(connection: Connection, drafts: Sequence[ArtifactDraft]) -> Mapping[str, Any]:
    """The families of drafts by uid, each with its latest version; all uids are reserved in them."""
    wanted = list({split_uid(draft.uid)[0] for draft in drafts})
    families = {row.uid: row for row in connection.execute(_SELECT_FAMILIES, {"families": wanted})}
    for draft in drafts:
        family, version = split_uid(draft.uid)
        row = families.get(family) if is_uid(draft.uid) else None
        if row is None or row.key != draft.key or parse_version(version) > row.last_version:
            raise InputError(
                "uid-not-reserved",
                f"The uid {draft.uid!r} was not reserved for the key {draft.key!r}.",
                where=draft.uid,
            )
    return families


def _retire_latest(
    connection: Connection, database: Database, drafts: Sequence[ArtifactDraft], families: Mapping[str, Any]
) -> frozenset[str]:
    """The uids of the drafts that are the latest of their families; what was the latest before is not any more."""
    newest = {family: row.latest_version or "" for family, row in families.items()}
    for draft in drafts:
        family, version = split_uid(draft.uid)
        newest[family] = max(newest[family], version)
    retired = [row.latest_id for family, row in families.items() if row.latest_version not in {None, newest[family]}]
    if retired:
        connection.execute(_RETIRE, {"ids": retired})
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
