"""Make a new instance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, StorageError
from vitrina.model.database_url import hide_password
from vitrina.place import write_last_place
from vitrina.settings import (
    SettingsFile,
    build_own_database_url,
    build_shared_settings,
    has_settings_file,
    read_settings_file,
    write_settings_file,
)
from vitrina.verbs.connect import open_instance

if TYPE_CHECKING:
    import os

    from vitrina.settings import SharedSettings
    from vitrina.verbs.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """An instance, and whether it was made just now."""

    instance: Instance
    is_new: bool


def init(
    root: str | os.PathLike[str], *, database_url: str | None = None, storage_url: str | None = None
) -> Initialised:
    """Make an instance in a folder, or open the one that is there.

    With a database of its own choice the instance is known by the database's URL too, and keeps its name and storage
    there; a database that is an instance already gets one more folder.

    Args:
        root: Made when it does not exist.
        database_url: Catalog elsewhere than in the folder's own SQLite file.
        storage_url: Root for bytes elsewhere than in ``root/data``.

    Raises:
        ConflictError: The instance exists with another database or storage.
        MissingExtraError: The driver of the database is not installed.
        StorageError: The folder cannot be made, or the database not be opened.
        UnsupportedError: A catalog cannot be in such a database.
    """
    root = Path(root)
    is_new = not has_settings_file(root)
    if is_new:
        file = _plan_file(root, database_url, storage_url)
        try:
            write_settings_file(root, file)
        except OSError as err:
            raise StorageError(
                "folder-not-writable", f"{root} cannot be made an instance: {err.strerror}.", where=str(root)
            ) from err
    elif database_url is not None:
        _check_same(str(root), "database", database_url, read_settings_file(root).database_url)
    instance = open_instance(root)
    if storage_url is not None:
        _check_same(str(root), "storage", storage_url, instance.settings.storage_url)
    write_last_place(root)
    return Initialised(instance=instance, is_new=is_new)


def _plan_file(root: Path, database_url: str | None, storage_url: str | None) -> SettingsFile:
    """What the new folder's settings file will say; a chosen database is opened first, and has the rest from then."""
    shared = build_shared_settings(root, storage_url)
    if database_url is None:
        return SettingsFile(database_url=build_own_database_url(root), shared=shared)
    found = _get_or_add(database_url, shared)
    if storage_url is not None:
        _check_same(database_url, "storage", storage_url, found.storage_url)
    return SettingsFile(database_url=database_url, shared=None)


def _get_or_add(database_url: str, shared: SharedSettings) -> SharedSettings:
    from vitrina.catalog.open import open_catalog
    from vitrina.catalog.shared_settings import get_or_add_shared_settings

    with open_catalog(database_url) as catalog:
        return get_or_add_shared_settings(catalog.database, shared)


def _check_same(place: str, what: str, asked: str, there: str) -> None:
    if asked != there:
        shown = hide_password(place)
        raise ConflictError(
            "instance-exists",
            f"{shown} is an instance already, with its {what} at {hide_password(there)} instead of"
            f" {hide_password(asked)}.",
            hint="Leave the option away to use it as it is, or name another folder or database.",
            where=shown,
        )
