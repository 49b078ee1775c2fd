"""Which tables a backup holds, and what differs between databases: words to search by, and the last ids given out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, String, bindparam, column, func, select, table, text

from vitrina.catalog.tables import Row

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

TEXT_TABLE = "artifact_text"
TEXT_COLUMNS = ("id", "title", "body")
INSTANCE_TABLE = "instance"
"""Never empty: its row is brought to what the backup says."""

KNOWN_BEFOREHAND = frozenset({INSTANCE_TABLE, "user", "storage"})
"""What an empty instance may have."""

_SQLITE_SEQUENCE = table("sqlite_sequence", column("name", String), column("seq", Integer))
_SELECT_SEQUENCE = select(_SQLITE_SEQUENCE.c.seq).where(_SQLITE_SEQUENCE.c.name == bindparam("of"))
_POSTGRESQL_LAST = text("SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, :column) AS regclass))")
_POSTGRESQL_SET = text("SELECT setval(CAST(pg_get_serial_sequence(:name, :column) AS regclass), :last)")
"""Source: https://www.postgresql.org/docs/15/functions-sequence.html"""


def list_tables() -> list[Table]:
    """All tables but the text index, each after those that it refers to."""
    return list(Row.metadata.sorted_tables)


def read_last_id(connection: Connection, of: Table) -> int | None:
    """The last row id that a table gave out, None when it gives out none. Their rows may be gone."""
    if of.autoincrement_column is None:
        return None
    highest = connection.execute(select(func.max(of.autoincrement_column))).scalar_one() or 0
    if connection.dialect.name == "postgresql":
        last = connection.execute(_POSTGRESQL_LAST, _name_sequence(connection, of)).scalar_one()
    elif _counts_in_sqlite(of):
        last = connection.execute(_SELECT_SEQUENCE, {"of": of.name}).scalar_one_or_none()
    else:
        last = highest
    return max(highest, last or 0)


def write_last_id(connection: Connection, of: Table, last_id: int) -> None:
    """Make a table that has just been filled give out ids after the last one."""
    if last_id == 0 or of.autoincrement_column is None:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_POSTGRESQL_SET, {**_name_sequence(connection, of), "last": last_id})
    elif _counts_in_sqlite(of):
        connection.execute(_SQLITE_SEQUENCE.delete().where(_SQLITE_SEQUENCE.c.name == of.name))
        connection.execute(_SQLITE_SEQUENCE.insert(), {"name": of.name, "seq": last_id})


def _counts_in_sqlite(of: Table) -> bool:
    return bool(of.dialect_options["sqlite"]["autoincrement"])


def _name_sequence(connection: Connection, of: Table) -> dict[str, Any]:
    (key,) = of.primary_key.columns
    return {"name": connection.dialect.identifier_preparer.format_table(of), "column": key.name}
