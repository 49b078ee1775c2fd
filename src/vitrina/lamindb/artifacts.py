"""Artifacts with everything that is said of them, and the users and storages that they refer to."""

from __future__ import annotations

from collections import defaultdict
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from vitrina.lamindb.database import DATABASE, parse_json, parse_moment
from vitrina.lamindb.records import TRASH, LaminArtifact, LaminLabel, LaminStorage, LaminUser

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vitrina.lamindb.database import LaminDatabase
    from vitrina.lamindb.terms import LaminRegistry

BATCH = 1_000
"""Artifacts read at a time, so that an instance of millions fits in memory."""

FAMILY_LENGTH = 16
"""Characters of an artifact's uid that its versions share; 4 more count the versions from ``0000``."""

_MARKER = "storage_uid.txt"
"""In ``.lamindb`` of each storage, its uid on the first line: tells which one it is, wherever it was moved."""

_PATH_COLUMNS = "id, uid, key, suffix, hash, storage_id, _real_key, _key_is_virtual, _overwrite_versions"


def read_users(database: LaminDatabase) -> tuple[LaminUser, ...]:
    """All users."""
    rows = database.select("SELECT * FROM lamindb_user ORDER BY id")
    return tuple(LaminUser(id=row["id"], handle=row["handle"], name=row["name"] or None) for row in rows)


def read_storages(database: LaminDatabase) -> tuple[LaminStorage, ...]:
    """All storages, with the folders that they are on this machine."""
    return tuple(
        LaminStorage(id=row["id"], root=row["root"], folder=_find_folder(database.path, row["root"], row["uid"]))
        for row in database.select("SELECT id, uid, root FROM lamindb_storage ORDER BY id")
    )


def _find_folder(path: Path, root: str, uid: str) -> Path | None:
    """The folder of a storage: where it is said to be, else the one that the SQLite file lies in, if it is that one."""
    parts = urlsplit(root)
    if parts.scheme not in {"", "file"}:
        return None
    folder = Path(unquote(parts.path) if parts.scheme else root)
    home = path.absolute().parent.parent
    marker = home / DATABASE.parent / _MARKER
    is_home = marker.is_file() and marker.read_text(errors="replace").split("\n")[0].strip() == uid
    return home if is_home else folder if folder.is_dir() else None


def count_artifacts(database: LaminDatabase) -> int:
    """The number of artifacts."""
    (row,) = database.select("SELECT count(*) AS n FROM lamindb_artifact")
    n: int = row["n"]
    return n


def sum_sizes(database: LaminDatabase) -> int:
    """Bytes of all artifacts, as far as LaminDB knows."""
    (row,) = database.select("SELECT coalesce(sum(size), 0) AS n FROM lamindb_artifact")
    n: int = row["n"]
    return n


def read_artifacts(database: LaminDatabase, registries: Sequence[LaminRegistry]) -> Iterator[LaminArtifact]:
    """All artifacts in the order of their ids, which is that in which they were made."""
    newest = _find_newest(database)
    last = -1
    while rows := list(
        database.select("SELECT * FROM lamindb_artifact WHERE id > ? ORDER BY id LIMIT ?", (last, BATCH))
    ):
        first, last = rows[0]["id"], rows[-1]["id"]
        labels = _read_labels(database, registries, first, last)
        values = _read_values(database, first, last)
        slots = _read_slots(database, first, last)
        for row in rows:
            id_ = row["id"]
            yield _build_artifact(row, newest, labels.get(id_, ()), values.get(id_, ()), slots.get(id_, {}))


def find_places(database: LaminDatabase, ids: Iterable[int]) -> Mapping[int, tuple[int, str]]:
    """Storage and path below it of artifacts, by their ids."""
    places = {}
    for part in batched(ids, BATCH):
        marks = ", ".join("?" * len(part))
        query = f"SELECT {_PATH_COLUMNS} FROM lamindb_artifact WHERE id IN ({marks})"  # noqa: S608 (marks only)
        for row in database.select(query, part):
            places[row["id"]] = (row["storage_id"], _build_row_key(row))
    return places


def build_storage_key(
    *, uid: str, key: str | None, suffix: str, real_key: str | None, key_is_virtual: bool, overwrites: bool
) -> str:
    """Where LaminDB keeps the bytes of an artifact, below the root of its storage.

    Source: ``auto_storage_key_from_artifact`` in
        https://github.com/laminlabs/lamindb/blob/main/lamindb/core/storage/paths.py
    """
    if real_key is not None:
        return real_key
    if key is None or key_is_virtual:
        return f"{DATABASE.parent}/{uid[:FAMILY_LENGTH] if overwrites else uid}{suffix}"
    return key


def _build_row_key(row: sqlite3.Row) -> str:
    return build_storage_key(
        uid=row["uid"],
        key=row["key"],
        suffix=row["suffix"],
        real_key=row["_real_key"],
        key_is_virtual=bool(row["_key_is_virtual"]),
        overwrites=bool(row["_overwrite_versions"]),
    )


def _find_newest(database: LaminDatabase) -> Mapping[tuple[int, str], tuple[int, str | None]]:
    """Id and hash of the newest artifact at each path that several can share."""
    query = (
        f"SELECT {_PATH_COLUMNS} FROM lamindb_artifact "  # noqa: S608 (the names of columns stand above)
        "WHERE _overwrite_versions OR NOT _key_is_virtual OR _real_key IS NOT NULL ORDER BY id"
    )
    return {(row["storage_id"], _build_row_key(row)): (row["id"], row["hash"]) for row in database.select(query)}


def _read_labels(
    database: LaminDatabase, registries: Sequence[LaminRegistry], first: int, last: int
) -> Mapping[int, tuple[LaminLabel, ...]]:
    labels: dict[int, tuple[LaminLabel, ...]] = defaultdict(tuple)
    for registry in registries:
        query = (
            f"SELECT artifact_id, {registry.column} AS term_id, feature_id FROM {registry.links} "  # noqa: S608
            "WHERE artifact_id BETWEEN ? AND ? ORDER BY id"
        )
        for row in database.select(query, (first, last)):
            label = LaminLabel(registry=registry.name, term_id=row["term_id"], feature_id=row["feature_id"])
            labels[row["artifact_id"]] += (label,)
    return labels


def _read_values(database: LaminDatabase, first: int, last: int) -> Mapping[int, tuple[tuple[int, Any], ...]]:
    query = (
        "SELECT link.artifact_id, value.feature_id, value.value FROM lamindb_artifactjsonvalue link "
        "JOIN lamindb_jsonvalue value ON value.id = link.jsonvalue_id "
        "WHERE link.artifact_id BETWEEN ? AND ? AND value.feature_id IS NOT NULL ORDER BY link.id"
    )
    values: dict[int, tuple[tuple[int, Any], ...]] = defaultdict(tuple)
    for row in database.select(query, (first, last)):
        values[row["artifact_id"]] += ((row["feature_id"], parse_json(row["value"])),)
    return values


def _read_slots(database: LaminDatabase, first: int, last: int) -> Mapping[int, Mapping[str, int]]:
    query = "SELECT * FROM lamindb_artifactschema WHERE artifact_id BETWEEN ? AND ? AND slot IS NOT NULL ORDER BY id"
    slots: dict[int, dict[str, int]] = defaultdict(dict)
    for row in database.select(query, (first, last)):
        slots[row["artifact_id"]][row["slot"]] = row["schema_id"]
    return slots


def _build_artifact(
    row: sqlite3.Row,
    newest: Mapping[tuple[int, str], tuple[int, str | None]],
    labels: tuple[LaminLabel, ...],
    values: tuple[tuple[int, Any], ...],
    slots: Mapping[str, int],
) -> LaminArtifact:
    storage_key = _build_row_key(row)
    there_id, there_hash = newest.get((row["storage_id"], storage_key), (row["id"], row["hash"]))
    return LaminArtifact(
        id=row["id"],
        uid=row["uid"],
        key=row["key"],
        description=row["description"] or None,
        kind=row["kind"] or None,
        suffix=row["suffix"],
        size_bytes=row["size"],
        hash=row["hash"],
        hash_type=row["_hash_type"],
        storage_id=row["storage_id"],
        storage_key=storage_key,
        is_overwritten=there_id != row["id"] and there_hash != row["hash"],
        is_latest=bool(row["is_latest"]),
        is_trashed=row["branch_id"] == TRASH,
        run_id=row["run_id"],
        schema_id=row["schema_id"],
        created_at=parse_moment(row["created_at"]),
        updated_at=parse_moment(row["updated_at"]),
        created_by_id=row["created_by_id"],
        labels=labels,
        values=values,
        slots=slots,
    )
