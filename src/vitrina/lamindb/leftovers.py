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

_COLUMNS = (
    *(("artifact", name) for name in ("version_tag", "extra_data")),
    *(("transform", name) for name in ("version_tag", "environment_id", "plan_id")),
    *(
        ("run", name)
        for name in ("name", "description", "reference", "cli_args", "entrypoint", "extra_data", "plan_id")
    ),
    *(("collection", name) for name in ("version_tag", "reference", "meta_artifact_id", "run_id")),
    *(("project", name) for name in ("start_date", "end_date")),
    *(("record", name) for name in ("extra_data", "schema_id")),
)
"""Columns of the tables above that are not read, and may say something."""

_INTERNAL = re.compile(r"django_|sqlite_|auth_|lamindb_migration|bionty_source")
_BIONTY_READ = re.compile(r"bionty_(artifact)?(?!schema|record)[a-z]+(_parents)?")


def count_leftovers(database: LaminDatabase) -> Mapping[str, int]:
    """The number of rows of each table, and of values of each column, that is not read, without empty ones."""
    known = {f"lamindb_{name}" for name in _READ} | {f"lamindb_{name}_parents" for name in _READ}
    tables = sorted(
        name
        for name in database.tables
        if name not in known and not _INTERNAL.match(name) and not _BIONTY_READ.fullmatch(name)
    )
    counted = {name: f'SELECT count(*) AS n FROM "{name}"' for name in tables}  # noqa: S608 (from the database itself)
    for noun, column in _COLUMNS:
        table = f"lamindb_{noun}"
        if column in database.tables.get(table, frozenset()):
            counted[f"{table}.{column}"] = f"SELECT count({column}) AS n FROM {table}"  # noqa: S608 (names stand above)
    counts = {}
    for name, query in counted.items():
        (row,) = database.select(query)
        if row["n"]:
            counts[name] = row["n"]
    return counts
