"""What a backup of a catalog holds, as the file itself says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

BACKUP_FORMAT = "vitrina-backup"
BACKUP_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupTable:
    """One table in a backup.

    Attributes:
        name: Its rows are the lines of ``tables/{name}.jsonl``.
        columns: What the values of a row are, in their order.
        n_rows: Lines of the file.
        hash: BLAKE3 of the lines, 64 hex digits.
        last_id: The last row id that was given out, None for a table without ids of its own.
    """

    name: str
    columns: tuple[str, ...]
    n_rows: int
    hash: str
    last_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """The manifest of a backup.

    Attributes:
        vitrina: Version of the program that wrote it.
        revision: Revision of the tables.
        uid: Identity of the catalog.
        change: Its change number.
        created_at: UTC.
        tables: In an order in which they can be filled.
        format: BACKUP_FORMAT.
        format_version: BACKUP_VERSION.
    """

    vitrina: str
    revision: str
    uid: str
    change: int
    created_at: datetime
    tables: tuple[BackupTable, ...]
    format: str = BACKUP_FORMAT
    format_version: int = BACKUP_VERSION

    @property
    def n_rows(self) -> int:
        """Rows of all tables."""
        return sum(table.n_rows for table in self.tables)

    def count(self, name: str) -> int:
        """Rows of one table, 0 when there is no such table."""
        return next((table.n_rows for table in self.tables if table.name == name), 0)
