"""Save a catalog to a file, as it is at one moment."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vitrina.catalog import migrations
from vitrina.catalog.backup.archive import write_archive
from vitrina.catalog.backup.tables import TEXT_COLUMNS, TEXT_TABLE, list_tables, read_last_id
from vitrina.catalog.backup.values import build_select, build_writer, dump_row
from vitrina.catalog.tables import InstanceRow
from vitrina.model.backup import Backup
from vitrina.storage.threads import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Connection, Select

    from vitrina.catalog.backup.archive import ArchiveWriter
    from vitrina.catalog.database import Database
    from vitrina.model.backup import BackupTable
    from vitrina.storage.store import Progress

ROWS_AT_ONCE = 1_000
"""Rows in memory at a time."""


def save_backup(database: Database, path: Path, progress: Progress | None = None) -> Backup:
    """Write all tables to a new file. Others may go on reading and writing; what they write meanwhile is not in it.

    Args:
        database: What to save.
        path: The new file.
        progress: Called with rows done and rows in all.

    Raises:
        ConflictError: There is a file of that name.
        StorageError: The file cannot be written, or the database not be read.
    """
    with database.read() as connection, write_archive(path) as archive:
        meter = Meter(_count_rows(connection, database), progress)
        tables = [
            archive.write_table(
                table.name,
                (column.name for column in table.columns),
                _list_lines(connection, build_select(table), build_writer(table)),
                read_last_id(connection, table),
                meter.advance,
            )
            for table in list_tables()
        ]
        tables.append(_write_words(connection, database, archive, meter.advance))
        manifest = _build_manifest(connection, database, tables)
        archive.write_manifest(manifest)
    return manifest


def _count_rows(connection: Connection, database: Database) -> int:
    sources = [*list_tables(), database.text_index.select_words().order_by(None).subquery()]
    return sum(connection.execute(select(func.count()).select_from(source)).scalar_one() for source in sources)


def _write_words(
    connection: Connection, database: Database, archive: ArchiveWriter, advance: Callable[[int], None]
) -> BackupTable:
    lines = _list_lines(connection, database.text_index.select_words(), dump_row)
    return archive.write_table(TEXT_TABLE, TEXT_COLUMNS, lines, None, advance)


def _list_lines(
    connection: Connection, rows: Select[*tuple[Any, ...]], write: Callable[[Sequence[Any]], bytes]
) -> Iterator[bytes]:
    result = connection.execute(rows, execution_options={"yield_per": ROWS_AT_ONCE})
    return map(write, result)


def _build_manifest(connection: Connection, database: Database, tables: Sequence[BackupTable]) -> Backup:
    instance = connection.execute(select(InstanceRow.uid, InstanceRow.change)).one()
    return Backup(
        vitrina=version("vitrina"),
        revision=migrations.HEAD,
        uid=instance.uid,
        change=instance.change,
        created_at=database.clock(),
        tables=tuple(tables),
    )
