"""Transforms, runs and collections."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from vitrina.lamindb.database import parse_json, parse_moment
from vitrina.lamindb.records import TRASH, LaminCollection, LaminRun, LaminTransform

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vitrina.lamindb.database import LaminDatabase

_STATUS: Mapping[int, str] = {
    -3: "scheduled",
    -2: "restarted",
    -1: "started",
    0: "completed",
    1: "errored",
    2: "aborted",
}
"""Source: ``Run.status`` in https://github.com/laminlabs/lamindb/blob/main/lamindb/models/run.py"""


def read_transforms(database: LaminDatabase) -> Iterator[LaminTransform]:
    """All versions of all code, oldest first."""
    for row in database.select("SELECT * FROM lamindb_transform ORDER BY id"):
        yield LaminTransform(
            id=row["id"],
            uid=row["uid"],
            key=row["key"],
            kind=row["kind"],
            description=row["description"] or None,
            source=row["source_code"] or None,
            reference=row["reference"] or None,
            created_at=parse_moment(row["created_at"]),
            created_by_id=row["created_by_id"],
        )


def read_runs(database: LaminDatabase) -> Iterator[LaminRun]:
    """All runs in the order of their ids, in which a run comes after the one that started it."""
    inputs = _group(database, "SELECT run_id, artifact_id FROM lamindb_artifact_input_of_runs ORDER BY id")
    for row in database.select("SELECT * FROM lamindb_run ORDER BY id"):
        yield LaminRun(
            id=row["id"],
            uid=row["uid"],
            transform_id=row["transform_id"],
            parent_id=row["initiated_by_run_id"],
            parameters=parse_json(row["params"]) or {},
            status=_STATUS.get(row["_status_code"], "started"),
            environment_id=row["environment_id"],
            report_id=row["report_id"],
            started_at=parse_moment(row["started_at"]),
            finished_at=parse_moment(row["finished_at"]) if row["finished_at"] else None,
            created_by_id=row["created_by_id"],
            input_ids=tuple(inputs.get(row["id"], ())),
        )


def read_collections(database: LaminDatabase) -> Iterator[LaminCollection]:
    """All versions of all collections, oldest first."""
    members = _group(database, "SELECT collection_id, artifact_id FROM lamindb_collectionartifact ORDER BY id")
    for row in database.select("SELECT * FROM lamindb_collection ORDER BY id"):
        yield LaminCollection(
            id=row["id"],
            uid=row["uid"],
            key=row["key"],
            description=row["description"] or None,
            artifact_ids=tuple(members.get(row["id"], ())),
            is_trashed=row["branch_id"] == TRASH,
            run_id=row["run_id"],
            created_at=parse_moment(row["created_at"]),
            created_by_id=row["created_by_id"],
        )


def _group(database: LaminDatabase, query: str) -> Mapping[int, list[int]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for key, value in database.select(query):
        groups[key].append(value)
    return groups
