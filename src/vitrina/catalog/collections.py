"""Collections: frozen sets of artifacts, in versions under a key."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, insert, select, update

from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.query import build_select
from vitrina.catalog.records import build_artifacts
from vitrina.catalog.references import plan_lookups
from vitrina.catalog.tables import ArtifactRow, CollectedRow, CollectionRow, UserRow, ViewRow
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.collection import Collection
from vitrina.model.uid import AFTER_BASE62, FAMILY_LENGTH, build_family, build_version, parse_version
from vitrina.storage.hashing import hash_bytes
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

    from vitrina.catalog.database import Database
    from vitrina.catalog.references import Lookup
    from vitrina.model.artifact import Artifact
    from vitrina.model.collection import CollectionDraft

BATCH = 5_000

_SELECT = select(
    CollectionRow.id,
    CollectionRow.uid,
    CollectionRow.family,
    CollectionRow.version,
    CollectionRow.key,
    CollectionRow.description,
    CollectionRow.hash,
    CollectionRow.is_latest,
    CollectionRow.created_at,
    UserRow.handle.label("created_by"),
).join(UserRow, UserRow.id == CollectionRow.created_by_id)
_SELECT_BY_UID = _SELECT.where(CollectionRow.uid == bindparam("uid"))
_SELECT_VERSIONS = _SELECT.where(CollectionRow.key == bindparam("key")).order_by(CollectionRow.version.desc())
_SELECT_MEMBERS = (
    select(CollectedRow.collection_id, ArtifactRow.uid)
    .join(CollectedRow, CollectedRow.artifact_id == ArtifactRow.id)
    .where(CollectedRow.collection_id.in_(bindparam("ids", expanding=True)))
    .order_by(CollectedRow.collection_id, CollectedRow.position)
)
_SELECT_ARTIFACTS = select(ArtifactRow.uid, ArtifactRow.id, ArtifactRow.trashed_at).where(
    ArtifactRow.uid.in_(bindparam("uids", expanding=True))
)
_RETIRE = update(CollectionRow).where(CollectionRow.key == bindparam("of_key")).values(is_latest=False)
_PROMOTE = update(CollectionRow).where(CollectionRow.id == bindparam("of_id")).values(is_latest=True)
_INSERT = insert(CollectionRow).returning(CollectionRow.id)
_INSERT_MEMBERS = insert(CollectedRow)
_DELETE_MEMBERS = delete(CollectedRow).where(CollectedRow.collection_id == bindparam("of_id"))
_DELETE_VIEWS = delete(ViewRow).where(ViewRow.subject_uid == bindparam("of_uid"))
_DELETE = delete(CollectionRow).where(CollectionRow.id == bindparam("of_id"))


class Collections:
    """The collections of one instance. Thread-safe.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: CollectionDraft) -> Collection:
        """Make a collection; under a known key it becomes a new version, unless one of its versions is the same set.

        Raises:
            InputError: The key is malformed, or it has no artifacts.
            NotFoundError: One of its artifacts is not there.
            ConflictError: One of its artifacts is in the trash.
        """
        check_key(draft.key)
        uids = tuple(dict.fromkeys(draft.artifact_uids))
        if not uids:
            raise InputError("collection-empty", f"The collection {draft.key!r} has no artifacts.", where=draft.key)
        hash_ = build_hash(uids)
        with self._database.write() as connection:
            versions = connection.execute(_SELECT_VERSIONS, {"key": draft.key}).all()
            same = next((row for row in versions if row.hash == hash_), None)
            if same is not None:
                return _build_collection(connection, same)
            ids = _find_artifacts(connection, uids)
            family = versions[0].family if versions else build_family()
            version = build_version(parse_version(versions[0].version) + 1 if versions else 1)
            connection.execute(_RETIRE, {"of_key": draft.key})
            values = {
                "uid": family + version,
                "family": family,
                "version": version,
                "key": draft.key,
                "description": draft.description,
                "hash": hash_,
                "is_latest": True,
                "created_at": self._database.clock(),
                "created_by_id": get_or_insert_user(connection, draft.created_by),
            }
            collection_id = connection.execute(_INSERT, values).scalar_one()
            members = (
                {"collection_id": collection_id, "position": position, "artifact_id": ids[uid]}
                for position, uid in enumerate(uids)
            )
            for batch in batched(members, BATCH):
                connection.execute(_INSERT_MEMBERS, list(batch))
            return _build_collection(connection, _get_row(connection, family + version))

    def get(self, ref: str) -> Collection:
        """The collection that a reference means: a key, ``key@0001``, a uid, its family or its beginning.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        with self._database.read() as connection:
            return _build_collection(connection, _resolve(connection, ref))

    def list_all(self, *, latest_only: bool = True) -> tuple[Collection, ...]:
        """All collections, newest first."""
        statement = _SELECT.order_by(CollectionRow.created_at.desc(), CollectionRow.id.desc())
        if latest_only:
            statement = statement.where(CollectionRow.is_latest.is_(True))
        with self._database.read() as connection:
            return _build_collections(connection, connection.execute(statement).all())

    def list_versions(self, key: str) -> tuple[Collection, ...]:
        """All versions under a key, newest first; empty without the key."""
        with self._database.read() as connection:
            return _build_collections(connection, connection.execute(_SELECT_VERSIONS, {"key": key}).all())

    def list_artifacts(self, collection: Collection) -> tuple[Artifact, ...]:
        """The artifacts of a collection in its order, those in the trash too."""
        found: dict[str, Artifact] = {}
        with self._database.read() as connection:
            for batch in batched(collection.artifact_uids, BATCH):
                rows = connection.execute(build_select([ArtifactRow.uid.in_(batch)])).all()
                found.update((artifact.uid, artifact) for artifact in build_artifacts(rows))
        return tuple(found[uid] for uid in collection.artifact_uids)

    def remove(self, uid: str) -> Collection:
        """Remove one version of a collection and its views; its artifacts stay, and the version before is the latest.

        Raises:
            NotFoundError: There is no such collection.
        """
        with self._database.write() as connection:
            row = _get_row(connection, uid)
            collection = _build_collection(connection, row)
            connection.execute(_DELETE_MEMBERS, {"of_id": row.id})
            connection.execute(_DELETE_VIEWS, {"of_uid": row.uid})
            connection.execute(_DELETE, {"of_id": row.id})
            newest = connection.execute(_SELECT_VERSIONS, {"key": row.key}).first()
            if newest is not None:
                connection.execute(_PROMOTE, {"of_id": newest.id})
            return collection


def build_hash(artifact_uids: Sequence[str]) -> str:
    """The hash of a set of artifacts: that of its sorted uids, one per line."""
    return hash_bytes("".join(f"{uid}\n" for uid in sorted(artifact_uids)).encode())


def _find_artifacts(connection: Connection, uids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in batched(uids, BATCH):
        for row in connection.execute(_SELECT_ARTIFACTS, {"uids": list(batch)}):
            if row.trashed_at is not None:
                raise ConflictError(
                    "artifact-in-trash",
                    f"The artifact {row.uid} is in the trash and cannot be collected.",
                    hint=f"Take it out first: vitrina restore {row.uid}.",
                    where=row.uid,
                )
            found[row.uid] = row.id
    for uid in uids:
        if uid not in found:
            raise NotFoundError("artifact-missing", f"There is no artifact {uid!r}.", where=uid)
    return found


def _get_row(connection: Connection, uid: str) -> Any:
    """The row with exactly this uid: a key that looks like it means something else."""
    row = connection.execute(_SELECT_BY_UID, {"uid": uid}).one_or_none()
    if row is None:
        raise NotFoundError("collection-missing", f"There is no collection {uid!r}.", where=uid)
    return row


def _resolve(connection: Connection, ref: str) -> Any:
    for lookup in plan_lookups(ref):
        rows = connection.execute(_SELECT.where(_build_condition(lookup)).limit(2)).all()
        if len(rows) > 1:
            listed = ", ".join(f"{row.uid} ({row.key})" for row in rows)
            raise NotFoundError(
                "ref-ambiguous",
                f"{ref!r} begins the uids of several collections.",
                hint=f"Write more of it: {listed}.",
                where=ref,
            )
        if rows:
            return rows[0]
    raise NotFoundError("ref-not-found", f"No collection has the key or uid {ref!r}.", where=ref)


def _build_condition(lookup: Lookup) -> ColumnElement[bool]:
    if lookup.by == "uid":
        return CollectionRow.uid == lookup.value
    if lookup.by == "prefix":
        begins = (CollectionRow.uid >= lookup.value) & (CollectionRow.uid < lookup.value + AFTER_BASE62)
        return begins & CollectionRow.is_latest.is_(True) if len(lookup.value) < FAMILY_LENGTH else begins
    named = (CollectionRow.key if lookup.by == "key" else CollectionRow.family) == lookup.value
    if lookup.version is None:
        return named & CollectionRow.is_latest.is_(True)
    return named & (CollectionRow.version == lookup.version)


def _build_collection(connection: Connection, row: Any) -> Collection:
    return _build_collections(connection, [row])[0]


def _build_collections(connection: Connection, rows: Sequence[Any]) -> tuple[Collection, ...]:
    members: dict[int, list[str]] = {row.id: [] for row in rows}
    for batch in batched(members, BATCH):
        for collection_id, uid in connection.execute(_SELECT_MEMBERS, {"ids": list(batch)}):
            members[collection_id].append(uid)
    return tuple(
        Collection(
            uid=row.uid,
            key=row.key,
            description=row.description,
            hash=row.hash,
            artifact_uids=tuple(members[row.id]),
            is_latest=bool(row.is_latest),
            created_at=row.created_at,
            created_by=row.created_by,
        )
        for row in rows
    )
