"""Write rows, inside a transaction that the catalog has begun.

Statements are built once, with parameters: building one takes SQLAlchemy longer than SQLite takes to run it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, insert, select, update

from vitrina.catalog.annotation_insert import insert_annotations
from vitrina.catalog.tables import ArtifactRow, ContentRow, FamilyRow, StorageRow, UserRow
from vitrina.catalog.words import build_search_text
from vitrina.errors import ConflictError, InputError
from vitrina.model.artifact import Artifact
from vitrina.model.jsonable import build_json
from vitrina.model.uid import build_family, build_version, is_uid, parse_version, split_uid

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from vitrina.catalog.textindex import TextIndex
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import ArtifactDraft

_SELECT_FAMILY_OF_KEY = select(FamilyRow.uid, FamilyRow.last_version).where(FamilyRow.key == bindparam("key"))
_INSERT_FAMILY = insert(FamilyRow)
_COUNT_VERSION_UP = update(FamilyRow).where(FamilyRow.uid == bindparam("family"))

_SELECT_RESERVED = select(
    FamilyRow.key,
    FamilyRow.last_version,
    select(func.max(ArtifactRow.version))
    .where(ArtifactRow.family == bindparam("family"))
    .scalar_subquery()
    .label("newest"),
).where(FamilyRow.uid == bindparam("family"))
_SELECT_ARTIFACT = select(ArtifactRow.id).where(ArtifactRow.uid == bindparam("uid"))
_INSERT_ARTIFACT = insert(ArtifactRow).returning(ArtifactRow.id)
_INSERT_CONTENT = insert(ContentRow)
_RETIRE_LATEST = (
    update(ArtifactRow)
    .where(ArtifactRow.family == bindparam("of_family"), ArtifactRow.is_latest.is_(True))
    .values(is_latest=False)
)

_SELECT_USER = select(UserRow.id).where(UserRow.handle == bindparam("handle"))
_INSERT_USER = insert(UserRow).returning(UserRow.id)
_SELECT_STORAGE = select(StorageRow.id).where(StorageRow.url == bindparam("url"))
_INSERT_STORAGE = insert(StorageRow).returning(StorageRow.id)


def reserve_uid(connection: Connection, key: str) -> str:
    """The uid for the next version under a key, which nobody else gets."""
    family = connection.execute(_SELECT_FAMILY_OF_KEY, {"key": key}).one_or_none()
    if family is None:
        uid, number = build_family(), 1
        connection.execute(_INSERT_FAMILY, {"uid": uid, "key": key, "last_version": number})
    else:
        uid, number = family.uid, family.last_version + 1
        connection.execute(_COUNT_VERSION_UP, {"family": uid, "last_version": number})
    return uid + build_version(number)


def insert_artifact(
    connection: Connection,
    draft: ArtifactDraft,
    now: datetime,
    index: TextIndex,
    annotations: AnnotationsDraft | None = None,
) -> Artifact:
    """The artifact with its user, storage, annotations and words; the latest unless a later version came first.

    Raises:
        ConflictError: The uid has an artifact already.
        InputError: The uid was not reserved for the key.
        NotFoundError: A label, feature or schema of the annotations is not there.
    """
    family, version = split_uid(draft.uid)
    newest = _check_reserved(connection, draft)
    if newest is not None and newest >= version:
        _check_absent(connection, draft.uid)
    is_latest = newest is None or version > newest
    if is_latest and newest is not None:
        connection.execute(_RETIRE_LATEST, {"of_family": family})
    artifact = _build_artifact(draft, now, is_latest=is_latest)
    values = {
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
        "storage_id": get_or_insert_storage(connection, draft.storage_url),
        "storage_key": artifact.storage_key,
        "is_folder": artifact.is_folder,
        "is_latest": artifact.is_latest,
        "created_at": artifact.created_at,
        "created_by_id": get_or_insert_user(connection, draft.created_by),
    }
    artifact_id = connection.execute(_INSERT_ARTIFACT, values).scalar_one()
    connection.execute(_INSERT_CONTENT, {"artifact_id": artifact_id, "content": build_json(artifact.content)})
    texts = () if annotations is None else insert_annotations(connection, artifact_id, annotations)
    words = build_search_text(
        key=artifact.key,
        description=artifact.description,
        kind=artifact.kind,
        content=artifact.content,
        annotations=texts,
    )
    index.write(connection, artifact_id, words)
    return artifact


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


def _check_reserved(connection: Connection, draft: ArtifactDraft) -> str | None:
    """The newest version that the family has, None without one."""
    family, version = split_uid(draft.uid)
    row = connection.execute(_SELECT_RESERVED, {"family": family}).one_or_none() if is_uid(draft.uid) else None
    if row is None or row.key != draft.key or parse_version(version) > row.last_version:
        raise InputError(
            "uid-not-reserved",
            f"The uid {draft.uid!r} was not reserved for the key {draft.key!r}.",
            where=draft.uid,
        )
    newest: str | None = row.newest
    return newest


def _check_absent(connection: Connection, uid: str) -> None:
    if connection.execute(_SELECT_ARTIFACT, {"uid": uid}).first() is not None:
        raise ConflictError("uid-taken", f"There is already an artifact {uid}, and artifacts never change.", where=uid)


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
