"""Load a catalog from a file into an empty one: all of it, or nothing."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from vitrina.catalog import migrations
from vitrina.catalog.backup.archive import read_archive
from vitrina.catalog.backup.copying import copy_rows
from vitrina.catalog.backup.tables import (
    INSTANCE_TABLE,
    KNOWN_BEFOREHAND,
    TEXT_COLUMNS,
    TEXT_TABLE,
    list_tables,
    write_last_id,
)
from vitrina.catalog.backup.values import build_copy_parser, build_insert, build_parser, build_words_parser
from vitrina.catalog.tables import InstanceRow
from vitrina.errors import ConflictError, UnreadableError, UnsupportedError
from vitrina.model.backup import BACKUP_VERSION
from vitrina.storage.threads import Meter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Connection, Table

    from vitrina.catalog.backup.archive import ArchiveReader
    from vitrina.catalog.database import Database
    from vitrina.model.backup import Backup, BackupTable
    from vitrina.storage.store import Progress

ROWS_AT_ONCE = 1_000
"""Rows in memory at a time."""


def load_backup(database: Database, path: Path, progress: Progress | None = None) -> Backup:
    """Fill an empty catalog with all rows of a file, with their ids and the change number.

    The file is held against its own hashes before anything is written, and all of it is written in one transaction. The
    catalog takes the identity of the one that was saved, and keeps the settings that it has itself.

    Args:
        database: What to fill.
        path: A file that ``save_backup`` wrote.
        progress: Called with rows done and rows in all, each of which is checked first and written later.

    Raises:
        ConflictError: The catalog is not empty.
        NotFoundError: There is no such file.
        StorageError: The file cannot be read, or the database not be written.
        UnreadableError: The file is no backup, or damaged.
        UnsupportedError: The file was written by another version of Vitrina, with other tables.
    """
    with read_archive(path) as archive:
        check_tables(archive.manifest, path)
        meter = Meter(2 * archive.manifest.n_rows, progress)
        for table in archive.manifest.tables:
            archive.check(table, meter.advance)
        with database.write() as connection:
            _clear(connection, database)
            try:
                _fill(connection, database, archive, meter)
            except StatementError as err:
                if isinstance(err, DBAPIError) and not isinstance(err, IntegrityError | DataError):
                    raise  # the database's own trouble
                raise UnreadableError(
                    "backup-damaged",
                    f"The rows of {path} do not fit together: {str(err.orig).splitlines()[0]}.",
                    where=str(path),
                ) from err
    return archive.manifest


def check_tables(manifest: Backup, path: Path) -> None:
    """Refuse a file whose tables are not the present ones.

    Raises:
        UnreadableError: They should be, by their revision.
        UnsupportedError: It was written by another version of Vitrina, with other tables.
    """
    if manifest.format_version > BACKUP_VERSION or manifest.revision > migrations.HEAD:
        raise UnsupportedError(
            "backup-newer",
            f"{path} was written by Vitrina {manifest.vitrina}, which has newer tables ({manifest.revision}) than this"
            f" version ({migrations.HEAD}).",
            hint="Update Vitrina.",
            where=str(path),
        )
    if manifest.revision < migrations.HEAD:
        raise UnsupportedError(
            "backup-older",
            f"{path} was written by Vitrina {manifest.vitrina}, which has older tables ({manifest.revision}) than this"
            f" version ({migrations.HEAD}).",
            hint=f"Load it with Vitrina {manifest.vitrina} into a new instance; this version brings that up to date.",
            where=str(path),
        )
    expected = {table.name: {column.name for column in table.columns} for table in list_tables()}
    expected[TEXT_TABLE] = set(TEXT_COLUMNS)
    found = {table.name: set(table.columns) for table in manifest.tables}
    if found != expected:
        differing = sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))
        raise UnreadableError(
            "backup-damaged",
            f"{path} is no whole backup of a catalog: the tables {', '.join(differing)} are not as they should be.",
            where=str(path),
        )


def _clear(connection: Connection, database: Database) -> None:
    """Take out what an instance has before anything is added to it.

    Raises:
        ConflictError: There is more.
    """
    for table in list_tables():
        if table.name not in KNOWN_BEFOREHAND and connection.execute(select(table).limit(1)).first() is not None:
            where = str(database.engine.url)
            raise ConflictError(
                "catalog-not-empty",
                f"The catalog at {where} is not empty: it has rows in {table.name}.",
                hint="Load the backup into a new instance: vitrina init DIR [--db URL].",
                where=where,
            )
    for table in reversed(list_tables()):
        if table.name in KNOWN_BEFOREHAND - {INSTANCE_TABLE}:
            connection.execute(delete(table))
    if connection.dialect.name == "sqlite":  # rows may refer to later ones of the same table
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))


def _fill(connection: Connection, database: Database, archive: ArchiveReader, meter: Meter) -> None:
    tables = {table.name: table for table in list_tables()}
    for table in archive.manifest.tables:
        if table.name == TEXT_TABLE:
            _fill_words(connection, database, archive, table, meter)
        else:
            _fill_table(connection, tables[table.name], archive, table, meter)


def _fill_table(
    connection: Connection, table: Table, archive: ArchiveReader, source: BackupTable, meter: Meter
) -> None:
    if table.name == INSTANCE_TABLE:
        for row in archive.list_rows(source, build_parser(table, source.columns)):
            _restore_instance(connection, row)
            meter.advance(1)
        return
    if connection.dialect.name == "postgresql":
        values = archive.list_rows(source, build_copy_parser(table, source.columns))
        copy_rows(connection, table, source.columns, values, meter.advance)
    else:
        statement = build_insert(table)
        for batch in batched(archive.list_rows(source, build_parser(table, source.columns)), ROWS_AT_ONCE):
            connection.execute(statement, list(batch))
            meter.advance(len(batch))
    n_rows = connection.execute(select(func.count()).select_from(table)).scalar_one()
    if n_rows != source.n_rows:
        raise UnreadableError("backup-damaged", f"{n_rows} of {source.n_rows} rows of {table.name} could be loaded.")
    if source.last_id is not None:
        write_last_id(connection, table, source.last_id)


def _fill_words(
    connection: Connection, database: Database, archive: ArchiveReader, source: BackupTable, meter: Meter
) -> None:
    rows = archive.list_rows(source, build_words_parser(source.columns))
    for batch in batched(rows, ROWS_AT_ONCE):
        database.text_index.write_many(connection, batch)
        meter.advance(len(batch))


def _restore_instance(connection: Connection, row: Mapping[str, Any]) -> None:
    """Take over what the saved catalog was, with a change number that nobody has seen of this one."""
    here = connection.execute(select(InstanceRow.change, InstanceRow.settings)).one()
    keeps_settings = here.settings is not None or row["settings"] is None
    kept = {"id", "settings"} if keeps_settings else {"id"}
    values = {name: value for name, value in row.items() if name not in kept}
    values["change"] = max(row["change"], here.change)
    connection.execute(update(InstanceRow).values(values))
