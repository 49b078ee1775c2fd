"""The trash: artifacts that nobody finds any more, and that can still come back; and removal for good."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from vitrina.catalog.query import build_select
from vitrina.catalog.records import build_artifact, build_artifacts
from vitrina.catalog.resolve import resolve
from vitrina.catalog.tables import (
    ArtifactRow,
    ArtifactSlotRow,
    CollectedRow,
    CollectionRow,
    ContentRow,
    FamilyRow,
    LabelRow,
    OverridesRow,
    RunArtifactRow,
    ValueRow,
    ViewRow,
)
from vitrina.errors import ConflictError, NotFoundError
from vitrina.model.uid import build_version, is_uid, split_uid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from vitrina.catalog.database import Database
    from vitrina.model.artifact import Artifact

BATCH = 1_000
"""Uids per statement, and artifacts per page."""

_UIDS: Any = bindparam("uids", expanding=True)

_SELECT_FAMILY = (
    select(ArtifactRow.id, ArtifactRow.is_latest, ArtifactRow.trashed_at)
    .where(ArtifactRow.family == bindparam("family"))
    .order_by(ArtifactRow.version.desc())
)
_SET_LATEST = update(ArtifactRow).where(ArtifactRow.id == bindparam("of_id")).values(is_latest=bindparam("wanted"))
_SET_TRASHED = update(ArtifactRow).where(ArtifactRow.id == bindparam("of_id")).values(trashed_at=bindparam("moment"))
_SELECT_HOLDERS = (
    select(CollectionRow.key, CollectionRow.version)
    .join(CollectedRow, CollectedRow.collection_id == CollectionRow.id)
    .where(CollectedRow.artifact_id == bindparam("artifact_id"))
    .distinct()
    .order_by(CollectionRow.key, CollectionRow.version)
)
_DELETE_ABOUT = tuple(
    delete(table).where(column == bindparam("artifact_id"))
    for table, column in (
        (LabelRow, LabelRow.artifact_id),
        (ValueRow, ValueRow.artifact_id),
        (ArtifactSlotRow, ArtifactSlotRow.artifact_id),
        (RunArtifactRow, RunArtifactRow.artifact_id),
        (OverridesRow, OverridesRow.artifact_id),
        (ContentRow, ContentRow.artifact_id),
    )
)
_DELETE_VIEWS = delete(ViewRow).where(ViewRow.subject_uid == bindparam("uid"))
_DELETE_ARTIFACT = delete(ArtifactRow).where(ArtifactRow.id == bindparam("artifact_id"))
_SELECT_PRESENT = select(ArtifactRow.uid).where(ArtifactRow.uid.in_(_UIDS))
_SELECT_GIVEN_OUT = select(FamilyRow.uid, FamilyRow.last_version).where(FamilyRow.uid.in_(_UIDS))


class Trash:
    """The trash of one instance. Thread-safe.

    Args:
        database: Where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, uid: str) -> Artifact:
        """Move an artifact to the trash; the newest version of its family that is not there becomes the latest.

        One that is there stays there since the moment it was moved.

        Raises:
            NotFoundError: There is no such artifact.
        """
        with self._database.write() as connection:
            row = _get_row(connection, uid)
            if row.trashed_at is None:
                _set_trashed(connection, self._database, row, self._database.clock())
            return build_artifact(_get_row(connection, row.uid))

    def restore(self, uid: str) -> Artifact:
        """Take an artifact out of the trash; it is the latest when no newer version is.

        Raises:
            NotFoundError: There is no such artifact.
        """
        with self._database.write() as connection:
            row = _get_row(connection, uid)
            if row.trashed_at is not None:
                _set_trashed(connection, self._database, row, None)
            return build_artifact(_get_row(connection, row.uid))

    def remove(self, uid: str) -> Artifact:
        """Remove an artifact for good, with its labels, values, views and its place in lineage; its bytes remain.

        Its uid is never given out again.

        Raises:
            NotFoundError: There is no such artifact.
            ConflictError: A collection holds it.
        """
        with self._database.write() as connection:
            row = _get_row(connection, uid)
            artifact = build_artifact(row)
            _check_not_held(connection, row.id, artifact)
            for statement in _DELETE_ABOUT:
                connection.execute(statement, {"artifact_id": row.id})
            connection.execute(_DELETE_VIEWS, {"uid": artifact.uid})
            self._database.text_index.remove_many(connection, [row.id])
            connection.execute(_DELETE_ARTIFACT, {"artifact_id": row.id})
            _choose_latest(connection, self._database, row)
            return artifact

    def check_not_held(self, uid: str) -> None:
        """Whether an artifact may be removed for good.

        Raises:
            NotFoundError: There is no such artifact.
            ConflictError: A collection holds it.
        """
        with self._database.read() as connection:
            row = _get_row(connection, uid)
            _check_not_held(connection, row.id, build_artifact(row))

    def get(self, ref: str) -> Artifact:
        """The artifact that a reference means; of a key or family its newest version in the trash, if there is one.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        with self._database.read() as connection:
            return build_artifact(resolve(connection, ref, in_trash=True))

    def list_all(self, *, before: datetime | None = None) -> tuple[Artifact, ...]:
        """What is in the trash, what was moved there first coming first.

        Args:
            before: Only what was moved there before.
        """
        conditions: list[ColumnElement[bool]] = [ArtifactRow.trashed_at.is_not(None)]
        if before is not None:
            conditions.append(ArtifactRow.trashed_at < before)
        with self._database.read() as connection:
            statement = build_select(conditions).order_by(ArtifactRow.trashed_at, ArtifactRow.id)
            return build_artifacts(connection.execute(statement).all())

    def iter_stored(self) -> Iterator[Artifact]:
        """Every artifact, those in the trash too, in the order of adding; the catalog may change meanwhile."""
        last_id = 0
        while True:
            with self._database.read() as connection:
                page = build_select([ArtifactRow.id > last_id]).order_by(ArtifactRow.id).limit(BATCH)
                rows = connection.execute(page).all()
            yield from build_artifacts(rows)
            if len(rows) < BATCH:
                return
            last_id = rows[-1].id

    def find_present(self, uids: Iterable[str]) -> frozenset[str]:
        """Those of the uids that have an artifact, in the trash or not."""
        present: set[str] = set()
        with self._database.read() as connection:
            for batch in batched(dict.fromkeys(uids), BATCH):
                present.update(connection.execute(_SELECT_PRESENT, {"uids": batch}).scalars())
        return frozenset(present)

    def find_unused(self, names: Iterable[str]) -> frozenset[str]:
        """Those of the names that are uids which this catalog gave out, and which have no artifact."""
        unused: set[str] = set()
        with self._database.read() as connection:
            for batch in batched((name for name in dict.fromkeys(names) if is_uid(name)), BATCH):
                families = {split_uid(uid)[0] for uid in batch}
                given_out = {
                    row.uid: build_version(row.last_version) if row.last_version else ""
                    for row in connection.execute(_SELECT_GIVEN_OUT, {"uids": list(families)})
                }
                ours = {uid for uid in batch if split_uid(uid)[1] <= given_out.get(split_uid(uid)[0], "")}
                unused |= ours - set(connection.execute(_SELECT_PRESENT, {"uids": list(batch)}).scalars())
        return frozenset(unused)


def move_to_trash(connection: Connection, database: Database, uid: str, moment: datetime) -> Artifact:
    """The artifact with a uid, in the trash since a moment."""
    _set_trashed(connection, database, _get_row(connection, uid), moment)
    return build_artifact(_get_row(connection, uid))


def _set_trashed(connection: Connection, database: Database, row: Any, moment: datetime | None) -> None:
    """Move the artifact of a row to the trash, or out of it with None; another may become the latest."""
    connection.execute(_SET_TRASHED, {"of_id": row.id, "moment": moment})
    _choose_latest(connection, database, row)


def _choose_latest(connection: Connection, database: Database, changed: Any) -> None:
    """The newest version that is not in the trash is the latest; record all that has changed place."""
    rows = connection.execute(_SELECT_FAMILY, {"family": split_uid(changed.uid)[0]}).all()
    newest = next((row.id for row in rows if row.trashed_at is None), None)
    touched = [row.id for row in rows if bool(row.is_latest) != (row.id == newest)]
    for artifact_id in touched:
        connection.execute(_SET_LATEST, {"of_id": artifact_id, "wanted": artifact_id == newest})
    database.touch(connection, [*touched, changed.id])


def _get_row(connection: Connection, uid: str) -> Any:
    """The row with exactly this uid: a key that looks like it means something else."""
    row = connection.execute(build_select([ArtifactRow.uid == uid])).one_or_none()
    if row is None:
        raise NotFoundError("artifact-missing", f"There is no artifact {uid!r}.", where=uid)
    return row


def _check_not_held(connection: Connection, artifact_id: int, artifact: Artifact) -> None:
    holders = connection.execute(_SELECT_HOLDERS, {"artifact_id": artifact_id}).all()
    if holders:
        names = ", ".join(f"{row.key}@{row.version}" for row in holders)
        raise ConflictError(
            "artifact-collected",
            f"{artifact.key}@{artifact.version} is part of {'a collection' if len(holders) == 1 else 'collections'} "
            f"that would lose it: {names}.",
            hint="Delete the collection first, or leave the artifact in the trash.",
            where=artifact.uid,
        )
