"""Make a new instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, StorageError, UnsupportedError
from vitrina.settings import build_settings, read_settings, write_last_root, write_settings
from vitrina.verbs.connect import open_instance

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.verbs.instance import Instance


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """An instance, and whether it was made just now."""

    instance: Instance
    is_new: bool


def init(root: Path, *, database_url: str | None = None, storage_url: str | None = None) -> Initialised:
    """Make an instance in a folder, or open the one that is there.

    Args:
        root: Made when it does not exist.
        database_url: Catalog elsewhere than in the folder's own SQLite file.
        storage_url: Root for bytes elsewhere than in ``root/data``.

    Raises:
        ConflictError: The instance exists with another database or storage.
        UnsupportedError: The database is not SQLite.
        StorageError: The folder cannot be made.
    """
    if database_url is not None and not database_url.startswith("sqlite:"):
        raise UnsupportedError(
            "database-unsupported",
            f"The catalog runs on SQLite only so far, and {database_url.split(':', 1)[0]} was asked for.",
            hint="Leave --db away, or give sqlite:///PATH.",
        )
    wanted = build_settings(root, database_url=database_url, storage_url=storage_url)
    if (wanted.folder / "settings.toml").is_file():
        found = read_settings(root)
        for name, asked, there in (
            ("database", database_url, found.database_url),
            ("storage", storage_url, found.storage_url),
        ):
            if asked is not None and asked != there:
                raise ConflictError(
                    "instance-exists",
                    f"{root} is an instance already, with its {name} at {there} instead of {asked}.",
                    hint=f"Leave the option away, or edit {found.folder / 'settings.toml'}.",
                    where=str(root),
                )
        write_last_root(root)
        return Initialised(instance=open_instance(root), is_new=False)
    try:
        write_settings(wanted)
    except OSError as err:
        raise StorageError(
            "folder-not-writable", f"{root} cannot be made an instance: {err.strerror}.", where=str(root)
        ) from err
    write_last_root(root)
    return Initialised(instance=open_instance(root), is_new=True)
