"""Records that were made elsewhere, taken over with their own uids, moments and authors.

A uid that is there already is the same record: adopting it again changes nothing. Whoever adopts chooses a key that is
free with ``adopt_family`` first; all versions of a family share it.
"""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, select, update

from vitrina.catalog.insert import get_or_insert_user, insert_artifacts
from vitrina.catalog.long_texts import write_text
from vitrina.catalog.run_rows import INSERT as INSERT_RUN
from vitrina.catalog.tables import (
    ArtifactRow,
    CollectedRow,
    CollectionRow,
    FamilyRow,
    RunRow,
    TransformRow,
    UserRow,
)
from vitrina.catalog.trash import move_to_trash
from vitrina.errors import ConflictError, NotFoundError
from vitrina.model.uid import parse_version, split_uid
from vitrina.storage.keys import check_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.model.annotation import AnnotationsDraft
    from vitrina.model.artifact import Artifact, ArtifactDraft
    from vitrina.model.collection import Collection
    from vitrina.model.run import Run, Transform

MAX_UIDS = 10_000
"""In one statement: SQLite takes 32,766 parameters (https://www.sqlite.org/limits.html#max_variable_number)."""

type _Versioned = type[TransformRow | CollectionRow]

_UIDS = {
    "artifact": ArtifactRow.uid,
    "run": RunRow.uid,
    "transform": TransformRow.uid,
    "collection": CollectionRow.uid,
}
_SELECT_KNOWN = {
    noun: select(column).where(column.in_(bindparam("uids", expanding=True))) for noun, column in _UIDS.items()
}
_SELECT_FAMILY = select(FamilyRow.key, FamilyRow.last_version).where(FamilyRow.uid == bindparam("family"))
_SELECT_TAKEN = select(FamilyRow.key).where(FamilyRow.key.in_(bindparam("keys", expanding=True)))
_INSERT_FAMILY = insert(FamilyRow)
_RAISE_VERSION = update(FamilyRow).where(FamilyRow.uid == bindparam("of_family"))
_SELECT_ARTIFACT_IDS = select(ArtifactRow.uid, ArtifactRow.id).where(
    ArtifactRow.uid.in_(bindparam("uids", expanding=True))
)
_SELECT_TRANSFORM_ID = select(TransformRow.id).where(TransformRow.uid == bindparam("uid"))
_SELECT_RUN_ID = select(RunRow.id).where(RunRow.uid == bindparam("uid"))
_INSERT_TRANSFORM = insert(TransformRow)
_INSERT_COLLECTION = insert(CollectionRow).returning(CollectionRow.id)
_INSERT_COLLECTED = insert(CollectedRow)
_SELECT_USER = select(UserRow.id).where(UserRow.handle == bindparam("handle"))
_SET_NAME = update(UserRow).where(UserRow.handle == bindparam("of_handle"), UserRow.name.is_(None))


class Adoption:
    """Takes records over into one instance. Thread-safe.

    Args:
        database: Where they go.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_known(self, noun: str, uids: Iterable[str]) -> frozenset[str]:
        """Those of the uids that are there; ``noun`` is ``artifact``, ``run``, ``transform`` or ``collection``."""
        known: set[str] = set()
        with self._database.read() as connection:
            for part in batched(dict.fromkeys(uids), MAX_UIDS):
                known.update(connection.execute(_SELECT_KNOWN[noun], {"uids": part}).scalars())
        return frozenset(known)

    def find_family_key(self, family: str, keys: Sequence[str]) -> str | None:
        """The key that ``adopt_family`` would give; None when all are taken."""
        with self._database.read() as connection:
            return _choose_key(connection, family, keys)

    def adopt_family(self, family: str, keys: Sequence[str], last_version: str) -> str:
        """The key of a family: its own when it is there, else the first of the keys that is free.

        Args:
            family: 16 base62 characters.
            keys: What it may be called, the best first.
            last_version: The newest version that was made elsewhere; the next one made here follows it.

        Raises:
            ConflictError: ``key-taken``: other families have all the keys.
            InputError: A key is malformed.
        """
        for key in keys:
            check_key(key)
        number = parse_version(last_version)
        with self._database.write() as connection:
            chosen = _choose_key(connection, family, keys)
            if chosen is None:
                raise ConflictError("key-taken", f"Other artifacts have the keys {', '.join(keys)}.", where=family)
            row = connection.execute(_SELECT_FAMILY, {"family": family}).one_or_none()
            if row is None:
                connection.execute(_INSERT_FAMILY, {"uid": family, "key": chosen, "last_version": number})
            elif row.last_version < number:
                connection.execute(_RAISE_VERSION, {"of_family": family, "last_version": number})
            return chosen

    def add_artifact(
        self,
        draft: ArtifactDraft,
        *,
        created_at: datetime,
        trashed_at: datetime | None = None,
        annotations: AnnotationsDraft | None = None,
    ) -> Artifact:
        """An artifact of an adopted family; its draft has the uid that it had elsewhere.

        Args:
            draft: What it is.
            created_at: When it was made.
            trashed_at: When it was moved to the trash, where it stays; None when it was not.
            annotations: What is said of it.

        Raises:
            ConflictError: The uid has an artifact already.
            InputError: The uid is not of an adopted family with the draft's key, or a value is not of its dtype.
            NotFoundError: A term, feature or schema of the annotations is not there.
        """
        with self._database.write() as connection:
            said = {} if annotations is None else {draft.uid: annotations}
            (artifact,) = insert_artifacts(connection, self._database, [draft], said, created_at)
            return (
                artifact if trashed_at is None else move_to_trash(connection, self._database, artifact.uid, trashed_at)
            )

    def has_user(self, handle: str) -> bool:
        """Whether there is a user with a handle."""
        with self._database.read() as connection:
            return connection.execute(_SELECT_USER, {"handle": handle}).first() is not None

    def add_user(self, handle: str, name: str | None) -> None:
        """A user; one who is there takes the name only where there was none."""
        with self._database.write() as connection:
            get_or_insert_user(connection, handle)
            connection.execute(_SET_NAME, {"of_handle": handle, "name": name})

    def add_transform(self, transform: Transform, source: str | None) -> None:
        """A version of some code, with its uid, moment and author."""
        with self._database.write() as connection:
            if _has(connection, "transform", transform.uid):
                return
            values = {
                **_build_version(connection, TransformRow, transform.uid),
                "key": transform.key,
                "kind": transform.kind,
                "description": transform.description,
                "source_hash": write_text(connection, source),
                "reference": transform.reference,
                "git_commit": transform.git_commit,
                "created_at": transform.created_at,
                "created_by_id": get_or_insert_user(connection, transform.created_by),
            }
            connection.execute(_INSERT_TRANSFORM, values)

    def add_run(self, run: Run, *, environment: str | None = None, log: str | None = None) -> None:
        """A run with its uid, moments, status and author; what it read and saved is linked afterwards.

        Raises:
            NotFoundError: There is no such transform, or no such parent.
        """
        with self._database.write() as connection:
            if _has(connection, "run", run.uid):
                return
            parent_id = None if run.parent_uid is None else _get_id(connection, _SELECT_RUN_ID, "run", run.parent_uid)
            values = {
                "uid": run.uid,
                "transform_id": _get_id(connection, _SELECT_TRANSFORM_ID, "transform", run.transform.uid),
                "parent_id": parent_id,
                "parameters": dict(run.parameters),
                "git_commit": run.git_commit,
                "status": run.status,
                "error": run.error,
                "environment_hash": write_text(connection, environment),
                "log_hash": write_text(connection, log),
                "started_at": run.started_at,
                "finished_at": run.finished_at,
                "created_by_id": get_or_insert_user(connection, run.created_by),
            }
            connection.execute(INSERT_RUN, values)

    def add_collection(self, collection: Collection) -> None:
        """A version of a collection, with its uid, moment and author.

        Raises:
            NotFoundError: One of its artifacts is not there.
        """
        with self._database.write() as connection:
            if _has(connection, "collection", collection.uid):
                return
            ids = _find_artifacts(connection, collection.artifact_uids)
            values = {
                **_build_version(connection, CollectionRow, collection.uid),
                "key": collection.key,
                "description": collection.description,
                "hash": collection.hash,
                "created_at": collection.created_at,
                "created_by_id": get_or_insert_user(connection, collection.created_by),
            }
            collection_id = connection.execute(_INSERT_COLLECTION, values).scalar_one()
            rows = [
                {"collection_id": collection_id, "position": position, "artifact_id": ids[uid]}
                for position, uid in enumerate(collection.artifact_uids)
            ]
            if rows:
                connection.execute(_INSERT_COLLECTED, rows)


def _choose_key(connection: Connection, family: str, keys: Sequence[str]) -> str | None:
    own = connection.execute(_SELECT_FAMILY, {"family": family}).one_or_none()
    if own is not None:
        key: str = own.key
        return key
    taken = set(connection.execute(_SELECT_TAKEN, {"keys": list(keys)}).scalars())
    return next((key for key in keys if key not in taken), None)


def _has(connection: Connection, noun: str, uid: str) -> bool:
    return connection.execute(_SELECT_KNOWN[noun], {"uids": [uid]}).first() is not None


def _get_id(connection: Connection, statement: Any, noun: str, uid: str) -> int:
    found: int | None = connection.execute(statement, {"uid": uid}).scalar_one_or_none()
    if found is None:
        raise NotFoundError(f"{noun}-missing", f"There is no {noun} {uid!r}.", where=uid)
    return found


def _build_version(connection: Connection, table: _Versioned, uid: str) -> dict[str, object]:
    """Uid, family, version, and whether it is the latest; older versions stop being so."""
    family, version = split_uid(uid)
    newest: str | None = connection.execute(
        select(func.max(table.version)).where(table.family == family)
    ).scalar_one_or_none()
    is_latest = newest is None or version > newest
    if is_latest:
        retired = update(table).where(table.family == family, table.is_latest.is_(True))
        connection.execute(retired.values(is_latest=False))
    return {"uid": uid, "family": family, "version": version, "is_latest": is_latest}


def _find_artifacts(connection: Connection, uids: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in batched(dict.fromkeys(uids), MAX_UIDS):
        found.update((row.uid, row.id) for row in connection.execute(_SELECT_ARTIFACT_IDS, {"uids": part}))
    for uid in uids:
        if uid not in found:
            raise NotFoundError("artifact-missing", f"There is no artifact {uid!r}.", where=uid)
    return found
