"""Transforms and runs: code, its executions, what they read and what they saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal, select, tuple_

from vitrina.catalog.cursors import build_cursor, parse_cursor
from vitrina.catalog.fields import Order
from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.lineage import MAX_NODES, read_graph
from vitrina.catalog.long_texts import clean_text, write_text
from vitrina.catalog.run_rows import FINISH, INSERT, build_runs, link_artifacts, resolve_run
from vitrina.catalog.run_rows import SELECT as SELECT_RUNS
from vitrina.catalog.tables import ArtifactRow, LongTextRow, RunArtifactRow, RunRow, TransformRow, UserRow
from vitrina.catalog.transforms import SELECT as SELECT_TRANSFORMS
from vitrina.catalog.transforms import build_transform, get_or_insert_transform, read_transform, resolve_transform
from vitrina.errors import ConflictError
from vitrina.model.page import Page
from vitrina.model.uid import build_family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, Select

    from vitrina.catalog.database import Database
    from vitrina.model.lineage import LineageGraph
    from vitrina.model.run import Run, RunDraft, RunStatus, Transform, TransformDraft, TransformKind

_NEWEST_FIRST = Order(field="created_at", is_descending=True)

_SOURCE = select(LongTextRow.text).where(
    LongTextRow.hash == select(TransformRow.source_hash).where(TransformRow.id == bindparam("id")).scalar_subquery()
)
_ENVIRONMENT = select(LongTextRow.text).where(
    LongTextRow.hash == select(RunRow.environment_hash).where(RunRow.id == bindparam("id")).scalar_subquery()
)
_LOG = select(LongTextRow.text).where(
    LongTextRow.hash == select(RunRow.log_hash).where(RunRow.id == bindparam("id")).scalar_subquery()
)


class Runs:
    """Transforms and runs of one instance. Thread-safe.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_transform(self, draft: TransformDraft) -> Transform:
        """The version of a transform that has the draft's key and source: the one that is there, else a new one."""
        with self._database.write() as connection:
            id_ = get_or_insert_transform(connection, draft, self._database.clock())
            return read_transform(connection, id_)

    def get_transform(self, ref: str) -> Transform:
        """The transform that a key, ``key@0001``, a uid, its family or its beginning means.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        with self._database.read() as connection:
            return build_transform(resolve_transform(connection, ref))

    def find_transforms(
        self,
        *,
        key: str | None = None,
        kind: TransformKind | None = None,
        latest_only: bool = True,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Transform]:
        """A page of the transforms that match, newest first.

        Raises:
            InputError: The cursor is malformed.
        """
        conditions: list[ColumnElement[bool]] = [TransformRow.is_latest.is_(True)] if latest_only else []
        if key is not None:
            conditions.append(TransformRow.key == key)
        if kind is not None:
            conditions.append(TransformRow.kind == kind)
        order = (TransformRow.created_at, TransformRow.id)
        count = select(func.count()).select_from(TransformRow).where(*conditions)
        page = _build_page(SELECT_TRANSFORMS.where(*conditions), order, limit, cursor)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(page).all()
        items = tuple(build_transform(row) for row in rows[:limit])
        following = build_cursor(_NEWEST_FIRST, items[-1].created_at, rows[limit - 1].id) if rows[limit:] else None
        return Page(items=items, total=total, next_cursor=following)

    def read_source(self, ref: str) -> str | None:
        """The code of a transform; None where none was recorded.

        Raises:
            NotFoundError: There is no such transform.
        """
        with self._database.read() as connection:
            row = resolve_transform(connection, ref)
            return connection.execute(_SOURCE, {"id": row.id}).scalar_one_or_none()

    def start(self, draft: RunDraft) -> Run:
        """Record that a transform is being run.

        Raises:
            NotFoundError: There is no such transform, or no such parent.
        """
        with self._database.write() as connection:
            parent = None if draft.parent_uid is None else resolve_run(connection, draft.parent_uid)
            values = {
                "uid": build_family(),
                "transform_id": resolve_transform(connection, draft.transform_uid).id,
                "parent_id": None if parent is None else parent.run_id,
                "parameters": dict(draft.parameters),
                "git_commit": draft.git_commit,
                "status": "started",
                "environment_hash": write_text(connection, draft.environment),
                "started_at": self._database.clock(),
                "created_by_id": get_or_insert_user(connection, draft.created_by),
            }
            uid = connection.execute(INSERT, values).scalar_one()
            return build_runs(connection, [resolve_run(connection, uid)])[0]

    def finish(
        self,
        uid: str,
        status: RunStatus,
        *,
        error: str | None = None,
        log: str | None = None,
        environment: str | None = None,
        transform: TransformDraft | None = None,
    ) -> Run:
        """Record how a run ended.

        Args:
            uid: The run.
            status: How it ended.
            error: Why, when it did not end well.
            log: What it printed.
            environment: Lock of the environment, when it was not recorded at the start.
            transform: What was run, when it is better known now than at the start: the source of a notebook.

        Raises:
            NotFoundError: There is no such run.
            ConflictError: It has ended before.
        """
        with self._database.write() as connection:
            row = resolve_run(connection, uid)
            if row.finished_at is not None:
                raise ConflictError("run-finished", f"The run {uid} has ended already: {row.status}.", where=uid)
            now = self._database.clock()
            values: dict[str, Any] = {
                "of_uid": row.run_uid,
                "status": status,
                "error": None if error is None else clean_text(error),
                "log_hash": write_text(connection, log),
                "finished_at": now,
            }
            if environment is not None:
                values["environment_hash"] = write_text(connection, environment)
            if transform is not None:
                values["transform_id"] = get_or_insert_transform(connection, transform, now)
            connection.execute(FINISH, values)
            return build_runs(connection, [resolve_run(connection, row.run_uid)])[0]

    def add_inputs(self, run_uid: str, artifact_uids: Iterable[str]) -> None:
        """Record artifacts that a run read; those recorded before stay.

        Raises:
            NotFoundError: There is no such run, or no such artifact.
        """
        with self._database.write() as connection:
            link_artifacts(connection, resolve_run(connection, run_uid).run_id, artifact_uids, is_output=False)

    def add_outputs(self, run_uid: str, artifact_uids: Iterable[str]) -> None:
        """Record artifacts that a run saved; those recorded before stay.

        Raises:
            NotFoundError: There is no such run, or no such artifact.
        """
        with self._database.write() as connection:
            link_artifacts(connection, resolve_run(connection, run_uid).run_id, artifact_uids, is_output=True)

    def get(self, uid: str) -> Run:
        """The run with a uid, or with the only uid that begins so.

        Raises:
            NotFoundError: Nothing fits, or several do.
        """
        with self._database.read() as connection:
            return build_runs(connection, [resolve_run(connection, uid)])[0]

    def find(
        self,
        *,
        transform: str | None = None,
        status: RunStatus | None = None,
        created_by: str | None = None,
        parent_uid: str | None = None,
        input_uid: str | None = None,
        output_uid: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Run]:
        """A page of the runs that match, newest first.

        Args:
            transform: Whole uid of a version, or a key or family for all of its versions.
            status: ``started``, ``completed``, ``errored`` or ``aborted``.
            created_by: Handle of a user.
            parent_uid: The run that started them.
            input_uid: An artifact that they read.
            output_uid: An artifact that they saved.
            limit: Runs per page.
            cursor: ``next_cursor`` of the page before.

        Raises:
            InputError: The cursor is malformed.
        """
        conditions: list[ColumnElement[bool]] = []
        if transform is not None:
            named = (
                (TransformRow.uid == transform) | (TransformRow.key == transform) | (TransformRow.family == transform)
            )
            conditions.append(RunRow.transform_id.in_(select(TransformRow.id).where(named)))
        if status is not None:
            conditions.append(RunRow.status == status)
        if created_by is not None:
            conditions.append(RunRow.created_by_id.in_(select(UserRow.id).where(UserRow.handle == created_by)))
        if parent_uid is not None:
            conditions.append(RunRow.parent_id.in_(select(RunRow.id).where(RunRow.uid == parent_uid)))
        conditions += [
            RunRow.id.in_(_select_linked(uid, is_output=is_output))
            for uid, is_output in ((input_uid, False), (output_uid, True))
            if uid is not None
        ]
        count = select(func.count()).select_from(RunRow).where(*conditions)
        page = _build_page(SELECT_RUNS.where(*conditions), (RunRow.started_at, RunRow.id), limit, cursor)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            rows = connection.execute(page).all()
            items = build_runs(connection, rows[:limit])
        following = build_cursor(_NEWEST_FIRST, items[-1].started_at, rows[limit - 1].run_id) if rows[limit:] else None
        return Page(items=items, total=total, next_cursor=following)

    def read_environment(self, uid: str) -> str | None:
        """The lock of the environment that a run had; None where none was recorded.

        Raises:
            NotFoundError: There is no such run.
        """
        with self._database.read() as connection:
            return connection.execute(_ENVIRONMENT, {"id": resolve_run(connection, uid).run_id}).scalar_one_or_none()

    def read_log(self, uid: str) -> str | None:
        """What a run printed; None where it was not recorded.

        Raises:
            NotFoundError: There is no such run.
        """
        with self._database.read() as connection:
            return connection.execute(_LOG, {"id": resolve_run(connection, uid).run_id}).scalar_one_or_none()

    def read_graph(self, artifact_uid: str, *, depth: int | None = None, max_nodes: int = MAX_NODES) -> LineageGraph:
        """Ancestors and descendants of an artifact.

        Args:
            artifact_uid: A whole uid.
            depth: How many runs to follow in each direction; None for all.
            max_nodes: The nearest so many artifacts and runs are given, and the graph says that it is not complete.

        Raises:
            NotFoundError: There is no such artifact.
        """
        with self._database.read() as connection:
            return read_graph(connection, artifact_uid, depth=depth, max_nodes=max_nodes)


def _select_linked(artifact_uid: str, *, is_output: bool) -> Select[int]:
    return (
        select(RunArtifactRow.run_id)
        .join(ArtifactRow, ArtifactRow.id == RunArtifactRow.artifact_id)
        .where(ArtifactRow.uid == artifact_uid, RunArtifactRow.is_output.is_(is_output))
    )


def _build_page(
    statement: Select[*tuple[Any, ...]], order: tuple[Any, Any], limit: int, cursor: str | None
) -> Select[*tuple[Any, ...]]:
    """The statement newest first, from a cursor on, with one row more than the page has."""
    moment, row_id = order
    if cursor is not None:
        start = parse_cursor(cursor, _NEWEST_FIRST)
        there = tuple_(literal(start.value, moment.type), literal(start.row_id, row_id.type))
        statement = statement.where(tuple_(moment, row_id) < there)
    return statement.order_by(moment.desc(), row_id.desc()).limit(limit + 1)
