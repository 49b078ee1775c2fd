"""Settings of an instance: one frozen record, read from ``.vitrina/settings.toml``."""

from __future__ import annotations

import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vitrina.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER = ".vitrina"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8765


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an instance is and where its parts lie.

    Attributes:
        root: The instance's folder, which holds ``.vitrina/``.
        name: Shown in the hub and in listings.
        database_url: SQLAlchemy URL of the catalog.
        storage_url: Root under which new bytes are stored.
        public_url: Where users reach the hub, when it is behind a proxy; None for the address it listens on.
        allowed_hosts: Further values of the Host header that the server answers.
    """

    root: Path
    name: str
    database_url: str
    storage_url: str
    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The instance's own folder: settings, SQLite, caches."""
        return self.root / FOLDER

    @property
    def cache(self) -> Path:
        """What can be deleted at any time and is made again."""
        return self.folder / "cache"


def build_settings(root: Path, *, database_url: str | None = None, storage_url: str | None = None) -> Settings:
    """Settings of a new instance: SQLite and a folder unless told otherwise."""
    root = root.absolute()
    return Settings(
        root=root,
        name=root.name or "vitrina",
        database_url=database_url or f"sqlite:///{root / FOLDER / 'catalog.sqlite'}",
        storage_url=storage_url or (root / "data").as_uri(),
    )


def write_settings(settings: Settings) -> None:
    """Write ``.vitrina/settings.toml``, whole or not at all."""
    values = {
        "name": settings.name,
        "database_url": settings.database_url,
        "storage_url": settings.storage_url,
        "public_url": settings.public_url,
        "allowed_hosts": list(settings.allowed_hosts),
    }
    # A JSON string, list of strings or number is a valid TOML value: https://toml.io/en/v1.0.0#string
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in values.items() if value is not None]
    settings.folder.mkdir(parents=True, exist_ok=True)
    draft = settings.folder / "settings.toml.new"
    draft.write_text("".join(lines), encoding="utf-8")
    draft.replace(settings.folder / "settings.toml")


def read_settings(root: Path) -> Settings:
    """The settings of the instance in a folder.

    Raises:
        NotFoundError: The folder holds no instance.
        InputError: The settings file is not valid.
    """
    path = root / FOLDER / "settings.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
        return Settings(
            root=root.absolute(),
            name=str(values["name"]),
            database_url=str(values["database_url"]),
            storage_url=str(values["storage_url"]),
            public_url=values.get("public_url"),
            allowed_hosts=tuple(values.get("allowed_hosts", ())),
        )
    except FileNotFoundError as err:
        raise NotFoundError(
            "instance-missing",
            f"There is no Vitrina instance in {root}.",
            hint=f"Make one with `vitrina init {root}`.",
            where=str(root),
        ) from err
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError) as err:
        raise InputError(
            "settings-malformed",
            f"{path} cannot be read as settings: {err!r}.",
            hint="Correct the file, or restore it from a backup.",
            where=str(path),
        ) from err


def find_root(named: str | None, environ: Mapping[str, str], cwd: Path, last: Path | None) -> Path:
    """The folder of the instance to work with.

    The first that applies: the named one, ``VITRINA_INSTANCE``, the nearest parent of ``cwd`` with ``.vitrina/``, the
    last one connected.

    Raises:
        NotFoundError: None applies.
    """
    chosen = named or environ.get("VITRINA_INSTANCE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    for folder in (cwd, *cwd.parents):
        if (folder / FOLDER / "settings.toml").is_file():
            return folder
    if last is not None:
        return last
    raise NotFoundError(
        "instance-missing",
        f"No Vitrina instance was named, and neither {cwd} nor a folder above it is one.",
        hint="Make one with `vitrina init`, or name one with --instance or VITRINA_INSTANCE.",
    )


def read_last_root() -> Path | None:
    """The instance that was connected last, None when there is none or it is gone."""
    try:
        root = Path(_get_last_file().read_text(encoding="utf-8").strip())
    except OSError:
        return None
    return root if (root / FOLDER / "settings.toml").is_file() else None


def write_last_root(root: Path) -> None:
    """Remember the instance as the one connected last; a home that cannot be written to is no error."""
    path = _get_last_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{root.absolute()}\n", encoding="utf-8")
    except OSError:
        return


def _get_last_file() -> Path:
    # https://specifications.freedesktop.org/basedir-spec/latest/ : a state, not a setting
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser() / "vitrina" / "last-instance"
