"""What an instance holds that has no place elsewhere, counted, so that moving in loses nothing unsaid."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.lamindb.database import LaminDatabase

_READ = (
    *("artifact", "feature", "jsonvalue", "schema", "transform", "run", "collection", "storage", "user"),
    *("ulabel", "project", "record", "reference", "branch", "space"),
    *("artifactjsonvalue", "artifactschema", "schemafeature", "schemacomponent", "collectionartifact"),
    *("artifact_input_of_runs", "artifactulabel", "artifactproject", "artifactrecord", "artifactreference"),
)
"""Tables of LaminDB itself that the other parts read, or that say nothing of data (branches and spaces)."""

_INTERNAL = re.compile(r"django_|sqlite_|auth_|lamindb_migration|bionty_source")
_BIONTY_READ = re.compile(r"bionty_(artifact)?(?!schema|record)[a-z]+(_parents)?")


def count_leftovers(database: LaminDatabase) -> Mapping[str, int]:
    """The number of rows of each table that is not read, without empty ones."""
    known = {f"lamindb_{name}" for name in _READ} | {f"lamindb_{name}_parents" for name in _READ}
    tables = sorted(
        name
        for name in database.tables
        if name not in known and not _INTERNAL.match(name) and not _BIONTY_READ.fullmatch(name)
    )
    counts = {}
    for name in tables:
        # the name of a table that the database itself has given
        (row,) = database.select(f'SELECT count(*) AS n FROM "{name}"')  # noqa: S608
        if row["n"]:
            counts[name] = row["n"]
    return counts
