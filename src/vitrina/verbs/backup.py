"""Save the catalog to a file, and load one: between SQLite and PostgreSQL too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.backup import Backup
    from vitrina.storage.store import Progress
    from vitrina.verbs.instance import Instance


def save_backup(instance: Instance, path: Path, *, progress: Progress | None = None) -> Backup:
    """Save the whole catalog, as it is at this moment, to a new file. The stored bytes are not in it.

    Args:
        instance: Whose catalog; it may be in use.
        path: The file; its folder must exist.
        progress: Called with rows done and rows in all.

    Raises:
        ConflictError: There is a file of that name.
        StorageError: The file cannot be written, or the database not be read.
    """
    from vitrina.catalog.backup.save import save_backup as save

    return save(instance.catalog.database, path, progress)


def load_backup(instance: Instance, path: Path, *, progress: Progress | None = None) -> Backup:
    """Fill the instance's empty catalog from a file: all of it, or nothing.

    Args:
        instance: A new one, on any database.
        path: A file that ``save_backup`` wrote.
        progress: Called with rows done and rows in all.

    Raises:
        ConflictError: The catalog is not empty.
        NotFoundError: There is no such file.
        StorageError: The file cannot be read, or the database not be written.
        UnreadableError: The file is no backup, or damaged.
        UnsupportedError: The file was written by another version of Vitrina, with other tables.
    """
    from vitrina.catalog.backup.load import load_backup as load

    return load(instance.catalog.database, path, progress)
