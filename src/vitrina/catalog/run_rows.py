"""Rows of runs, inside a transaction that the catalog has begun."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, insert, literal, select, update
from sqlalchemy.orm import aliased

from vitrina.catalog.tables import ArtifactRow, RunArtifactRow, RunRow, TransformRow, UserRow
from vitrina.catalog.transforms import RECORD as TRANSFORM_RECORD
from vitrina.catalog.transforms import build_transform
from vitrina.errors import NotFoundError
from vitrina.model.run import Run
from vitrina.model.uid import AFTER_BASE62

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

BATCH_SIZE = 10_000
"""Uids in one statement: SQLite takes 32,766 parameters (https://www.sqlite.org/limits.html#max_variable_number)."""

_Parent = aliased(RunRow)
_Author = aliased(UserRow)

SELECT = (
    select(
        RunRow.id.label("run_id"),
        RunRow.uid.label("run_uid"),
        RunRow.parameters,
        RunRow.git_commit.label("run_commit"),
        _Parent.uid.label("parent_uid"),
        RunRow.status,
        RunRow.error,
        RunRow.started_at,
        RunRow.finished_at,
        _Author.handle.label("run_by"),
        *TRANSFORM_RECORD,
    )
    .select_from(RunRow)
    .join(TransformRow, TransformRow.id == RunRow.transform_id)
    .join(UserRow, UserRow.id == TransformRow.created_by_id)
    .join(_Author, _Author.id == RunRow.created_by_id)
    .outerjoin(_Parent, _Parent.id == RunRow.parent_id)
)

_SELECT_BY_UID = SELECT.where(RunRow.uid == bindparam("uid"))
_SELECT_BY_PREFIX = SELECT.where(RunRow.uid >= bindparam("first"), RunRow.uid < bindparam("after")).limit(2)
_SELECT_ARTIFACTS = (
    select(RunArtifactRow.run_id, RunArtifactRow.is_output, ArtifactRow.uid)
    .join(ArtifactRow, ArtifactRow.id == RunArtifactRow.artifact_id)
    .where(RunArtifactRow.run_id.in_(bindparam("run_ids", expanding=True)))
    .order_by(RunArtifactRow.run_id, ArtifactRow.id)
)

INSERT = insert(RunRow).returning(RunRow.uid)
FINISH = update(RunRow).where(RunRow.uid == bindparam("of_uid"))

_SELECT_KNOWN = select(ArtifactRow.uid).where(ArtifactRow.uid.in_(bindparam("uids", expanding=True)))
_LINK = insert(RunArtifactRow).from_select(
    ["run_id", "artifact_id", "is_output"],
    select(
        bindparam("of_run", type_=RunArtifactRow.run_id.type),
        ArtifactRow.id,
        bindparam("as_output", type_=RunArtifactRow.is_output.type),
    ).where(
        ArtifactRow.uid.in_(bindparam("uids", expanding=True)),
        ~exists(
            select(literal(1))
            .select_from(RunArtifactRow)
            .where(
                RunArtifactRow.run_id == bindparam("of_run"),
                RunArtifactRow.artifact_id == ArtifactRow.id,
                RunArtifactRow.is_output == bindparam("as_output"),
            )
        ),
    ),
)


def resolve_run(connection: Connection, ref: str) -> Any:
    """The row of SELECT that a uid, or the beginning of one, means.

    Raises:
        NotFoundError: Nothing fits, or several do.
    """
    row = connection.execute(_SELECT_BY_UID, {"uid": ref}).one_or_none()
    if row is not None:
        return row
    rows = connection.execute(_SELECT_BY_PREFIX, {"first": ref, "after": ref + AFTER_BASE62}).all() if ref else []
    if len(rows) > 1:
        raise NotFoundError("run-ambiguous", f"{ref!r} begins the uids of several runs.", hint="Write more of it.")
    if not rows:
        raise NotFoundError("run-missing", f"No run has the uid {ref!r}.", where=ref)
    return rows[0]


def link_artifacts(connection: Connection, run_id: int, artifact_uids: Iterable[str], *, is_output: bool) -> None:
    """Record what a run read or saved; what is recorded already stays.

    Raises:
        NotFoundError: A uid has no artifact.
    """
    for batch in itertools.batched(dict.fromkeys(artifact_uids), BATCH_SIZE):
        known = set(connection.execute(_SELECT_KNOWN, {"uids": batch}).scalars())
        if missing := [uid for uid in batch if uid not in known]:
            raise NotFoundError(
                "artifact-missing",
                f"{len(missing)} uid(s) have no artifact: {', '.join(missing[:5])}.",
                where=missing[0],
            )
        connection.execute(_LINK, {"of_run": run_id, "as_output": is_output, "uids": batch})


def build_runs(connection: Connection, rows: Sequence[Any]) -> tuple[Run, ...]:
    """The records of rows of SELECT, with what they read and saved: one more statement for all of them."""
    inputs: dict[int, list[str]] = {}
    outputs: dict[int, list[str]] = {}
    run_ids = [row.run_id for row in rows]
    for run_id, is_output, uid in connection.execute(_SELECT_ARTIFACTS, {"run_ids": run_ids}) if rows else ():
        (outputs if is_output else inputs).setdefault(run_id, []).append(uid)
    return tuple(
        Run(
            uid=row.run_uid,
            transform=build_transform(row),
            parameters=row.parameters,
            git_commit=row.run_commit,
            parent_uid=row.parent_uid,
            status=row.status,
            error=row.error,
            started_at=row.started_at,
            finished_at=row.finished_at,
            created_by=row.run_by,
            input_uids=tuple(inputs.get(row.run_id, ())),
            output_uids=tuple(outputs.get(row.run_id, ())),
        )
        for row in rows
    )
