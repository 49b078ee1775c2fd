"""From a URL to a catalog, with its tables as this version of Vitrina needs them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from vitrina.catalog import migrations
from vitrina.catalog.catalog import Catalog
from vitrina.catalog.database import Database
from vitrina.catalog.engine import build_engine, build_writer, parse_sqlite_url, set_journal
from vitrina.catalog.failures import translate_errors
from vitrina.errors import UnsupportedError

if TYPE_CHECKING:
    from sqlalchemy import Connection


def open_catalog(url: str) -> Catalog:
    """The catalog at a URL such as ``sqlite:////data/lab/.vitrina/catalog.sqlite``.

    A new one is created when its folder exists; an older one is brought to the present tables.

    Raises:
        InputError: The URL is malformed.
        StorageError: The database cannot be opened.
        UnsupportedError: The database is not SQLite, or was made by a newer Vitrina.
    """
    engine = build_engine(url)
    with translate_errors(url):
        with engine.connect() as connection:
            is_current = _read_revision(connection) == migrations.HEAD
        network_type = set_journal(engine, parse_sqlite_url(url))
        if not is_current:
            with build_writer(engine).begin() as connection:  # one process at a time; the next finds it done
                if _read_revision(connection) != migrations.HEAD:
                    _upgrade(connection, url)
    return Catalog(Database(engine), network_type=network_type)


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _upgrade(connection: Connection, url: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, migrations.HEAD)
    except CommandError as err:
        raise UnsupportedError(
            "catalog-newer",
            f"The catalog at {url} was made by a newer Vitrina: {err}.",
            hint="Update Vitrina.",
            where=url,
        ) from err
