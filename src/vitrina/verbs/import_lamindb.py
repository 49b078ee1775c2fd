"""Move in from LaminDB: bring what one of its instances holds.

LaminDB's SQLite file is read and never written, and LaminDB need not be installed. Artifacts, transforms, runs and
collections keep their uids, so that references to them still hold, and a second import brings only what is new. What
has no place here is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.lamindb.artifacts import read_storages, read_users
from vitrina.lamindb.database import LaminDatabase, find_database
from vitrina.lamindb.leftovers import count_leftovers
from vitrina.verbs.import_lamindb_artifacts import bring_artifacts
from vitrina.verbs.import_lamindb_features import bring_features, bring_schemas
from vitrina.verbs.import_lamindb_lineage import bring_collections, bring_runs, bring_transforms, link_runs
from vitrina.verbs.import_lamindb_terms import bring_terms
from vitrina.verbs.import_move import Move

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.storage.store import Progress
    from vitrina.verbs.import_report import ImportReport
    from vitrina.verbs.instance import Instance


def import_lamindb(
    instance: Instance,
    path: Path,
    *,
    copy: bool = False,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring artifacts with all versions, labels, features, schemas, runs and collections of a LaminDB instance.

    Each artifact comes at once with everything that is said of it, so an import that is interrupted has brought whole
    artifacts; the next one goes on. Bytes are held against the hash that LaminDB recorded.

    Args:
        instance: Where it all goes.
        path: The instance's storage folder, or the SQLite file in it.
        copy: Copy the bytes into the store; otherwise they are registered where they lie, and stay LaminDB's.
        dry_run: Write nothing and read no bytes of artifacts; the report says what would happen.
        progress: Called with bytes done and bytes in all, by the sizes that LaminDB recorded.

    Raises:
        NotFoundError: There is no such file.
        UnreadableError: It is no SQLite database, or is damaged.
        UnsupportedError: It is no instance of LaminDB 2.
    """
    with LaminDatabase(find_database(path.expanduser().absolute())) as database:
        move = Move(instance, database, is_copy=copy, is_dry_run=dry_run)
        _bring_users(move)
        bring_terms(move)
        bring_features(move)
        bring_schemas(move)
        bring_transforms(move)
        bring_runs(move)
        bring_artifacts(move, progress)
        link_runs(move)
        bring_collections(move)
        for name, count in count_leftovers(database).items():
            message = "There is no place for it here; it was left."
            move.tally.tell("lamindb-not-brought", "info", f"{name} ({count})", message)
        return move.tally.build_report(is_dry_run=dry_run)


def _bring_users(move: Move) -> None:
    move.storages = {storage.id: storage for storage in read_storages(move.database)}
    for user in read_users(move.database):
        move.handles[user.id] = user.handle
        is_known = move.instance.catalog.adoption.has_user(user.handle)
        move.tally.count("user", found=1, known=is_known, brought=not is_known)
        if not move.is_dry_run:
            move.instance.catalog.adoption.add_user(user.handle, user.name)
