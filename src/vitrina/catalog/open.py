"""From a URL to a catalog, with its tables as this version of Vitrina needs them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from vitrina.catalog import migrations, postgresql, sqlite
from vitrina.catalog.catalog import Catalog
from vitrina.catalog.database import Database
from vitrina.catalog.engine import build_engine, build_writer
from vitrina.catalog.failures import translate_errors
from vitrina.errors import ConflictError, UnsupportedError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from vitrina.catalog.vocabulary import Vocabulary


def open_catalog(url: str, *, vocabulary: Vocabulary | None = None, keeps_index: bool = False) -> Catalog:
    """The catalog at a URL such as ``sqlite:////data/lab.sqlite`` or ``postgresql://ada@db.lab/vitrina``.

    A new one is created when its folder or database exists; an older one is brought to the present tables. See Catalog
    for the other arguments.

    Raises:
        ConflictError: The database holds the tables of something else.
        InputError: The URL is malformed.
        MissingExtraError: The driver of the database is not installed.
        StorageError: The database cannot be opened.
        UnsupportedError: It is no database that a catalog can be in, or was made by a newer Vitrina.
    """
    engine = build_engine(url)
    where = str(engine.url)  # without its password
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        with translate_errors(where):
            network_type = _prepare(engine, where)
        stack.pop_all()  # it stays open when all went well
    return Catalog(Database(engine), network_type=network_type, vocabulary=vocabulary, keeps_index=keeps_index)


def _prepare(engine: Engine, where: str) -> str | None:
    """Bring the database to the present tables; the type of the network file system that it lies on, if it does."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        is_current = _read_revision(connection) == migrations.HEAD
    network_type = sqlite.set_journal(engine) if is_sqlite else None
    if not is_current:
        with build_writer(engine).begin() as connection:  # one process at a time; the next finds it done
            if not is_sqlite:
                postgresql.begin_upgrade(connection)
            if _read_revision(connection) != migrations.HEAD:
                _upgrade(connection, where)
    return network_type


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _upgrade(connection: Connection, where: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    _check_ours(connection, where)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, migrations.HEAD)
    except CommandError as err:
        raise UnsupportedError(
            "catalog-newer",
            f"The catalog at {where} was made by a newer Vitrina: {err}.",
            hint="Update Vitrina.",
            where=where,
        ) from err


def _check_ours(connection: Connection, where: str) -> None:
    """Refuse a database with tables among which the catalog's would be lost, or lose theirs."""
    names = set(inspect(connection).get_table_names())
    if names and not {"alembic_version", "instance"} <= names:
        raise ConflictError(
            "database-occupied",
            f"The database at {where} holds tables of something else: {', '.join(sorted(names)[:5])}.",
            hint="Name an empty database.",
            where=where,
        )
