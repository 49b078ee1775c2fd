"""Settings of an instance: one frozen record, read from ``.vitrina/settings.toml`` or from its database."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError, NotFoundError
from vitrina.model.database_url import has_password

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = ".vitrina"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765
DEFAULT_CHUNK_CACHE_BYTES = 2 * 2**30

_FILE_MODE = 0o644
_SECRET_FILE_MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSettings:
    """What is the same for all who use an instance; see Settings. One known by its database keeps them there."""

    name: str
    storage_url: str
    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    chunk_cache_bytes: int = DEFAULT_CHUNK_CACHE_BYTES
    isolate_readers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """What ``.vitrina/settings.toml`` says.

    Attributes:
        database_url: See Settings.
        shared: None when the database has them.
    """

    database_url: str = field(repr=False)
    shared: SharedSettings | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an instance is and where its parts lie.

    Attributes:
        root: The instance's folder, which holds ``.vitrina/``; this user's cache folder for it when it is known by its
            database alone.
        name: Shown in the hub and in listings.
        database_url: SQLAlchemy URL of the catalog. May hold a password; show it with ``hide_password`` only.
        storage_url: Root under which new bytes are stored.
        public_url: Where users reach the hub, when it is behind a proxy; None for the address it listens on.
        allowed_hosts: Further values of the Host header that the server answers.
        chunk_cache_bytes: How much is kept on this disk of the chunks that the gateway makes; 0 for none.
        isolate_readers: Whether the parsers of all that is added run in the sandbox, not only those of the untrusted.
    """

    root: Path
    name: str
    database_url: str = field(repr=False)
    storage_url: str
    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    chunk_cache_bytes: int = DEFAULT_CHUNK_CACHE_BYTES
    isolate_readers: bool = False

    @property
    def folder(self) -> Path:
        """The instance's own folder: settings, SQLite, caches."""
        return self.root / FOLDER

    @property
    def cache(self) -> Path:
        """What can be deleted at any time and is made again."""
        return self.folder / "cache"


def build_settings(root: Path, database_url: str, shared: SharedSettings) -> Settings:
    """The settings of an instance from their parts."""
    return Settings(
        root=root.absolute(),
        name=shared.name,
        database_url=database_url,
        storage_url=shared.storage_url,
        public_url=shared.public_url,
        allowed_hosts=shared.allowed_hosts,
        chunk_cache_bytes=shared.chunk_cache_bytes,
        isolate_readers=shared.isolate_readers,
    )


def build_shared_settings(root: Path, storage_url: str | None = None) -> SharedSettings:
    """Settings of a new instance in a folder, with its bytes there unless told otherwise."""
    root = root.absolute()
    return SharedSettings(name=root.name or "vitrina", storage_url=storage_url or (root / "data").as_uri())


def build_own_database_url(root: Path) -> str:
    """URL of the SQLite file inside an instance's folder."""
    return f"sqlite:///{root.absolute() / FOLDER / 'catalog.sqlite'}"


def has_settings_file(root: Path) -> bool:
    """Whether the folder is an instance."""
    return (root / FOLDER / "settings.toml").is_file()


def write_settings_file(root: Path, settings: SettingsFile) -> None:
    """Write ``.vitrina/settings.toml``, whole or not at all; for its owner's eyes only when it holds a password."""
    values: dict[str, object] = {"database_url": settings.database_url}
    if settings.shared is not None:
        values |= {
            "name": settings.shared.name,
            "storage_url": settings.shared.storage_url,
            "public_url": settings.shared.public_url,
            "allowed_hosts": list(settings.shared.allowed_hosts),
            "chunk_cache_bytes": settings.shared.chunk_cache_bytes,
            "isolate_readers": settings.shared.isolate_readers,
        }
    # A JSON string, list of strings or number is a valid TOML value: https://toml.io/en/v1.0.0#string
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items() if value is not None)
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "settings.toml.new"
    draft.unlink(missing_ok=True)
    mode = _SECRET_FILE_MODE if has_password(settings.database_url) else _FILE_MODE
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(folder / "settings.toml")


def read_settings_file(root: Path) -> SettingsFile:
    """What the settings file of the instance in a folder says.

    Raises:
        NotFoundError: The folder holds no instance.
        InputError: The settings file is not valid.
    """
    path = root / FOLDER / "settings.toml"
    try:
        return _parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as err:
        raise NotFoundError(
            "instance-missing",
            f"There is no Vitrina instance in {root}.",
            hint=f"Make one with `vitrina init {root}`.",
            where=str(root),
        ) from err
    except (ValueError, TypeError, KeyError) as err:
        raise InputError(
            "settings-malformed",
            f"{path} cannot be read as settings: {err!r}.",
            hint="Correct the file, or restore it from a backup.",
            where=str(path),
        ) from err


def _parse(values: dict[str, Any]) -> SettingsFile:
    shared = None
    if values.keys() - {"database_url"}:
        shared = SharedSettings(
            name=str(values["name"]),
            storage_url=str(values["storage_url"]),
            public_url=values.get("public_url"),
            allowed_hosts=tuple(values.get("allowed_hosts", ())),
            chunk_cache_bytes=int(values.get("chunk_cache_bytes", DEFAULT_CHUNK_CACHE_BYTES)),
            isolate_readers=bool(values.get("isolate_readers", False)),
        )
    return SettingsFile(database_url=str(values["database_url"]), shared=shared)
