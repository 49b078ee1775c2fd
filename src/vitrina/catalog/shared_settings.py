"""Settings that an instance keeps in its database, for those who know it by the database's URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from vitrina.catalog.tables import InstanceRow
from vitrina.errors import DataError, NotFoundError
from vitrina.model.jsonable import build_json, parse_json
from vitrina.settings import SharedSettings

if TYPE_CHECKING:
    from vitrina.catalog.database import Database

_SELECT = select(InstanceRow.uid, InstanceRow.settings)


def read_uid(database: Database) -> str:
    """The identity of the catalog, the same wherever it is moved."""
    with database.read() as connection:
        uid: str = connection.execute(_SELECT).one().uid
    return uid


def get_shared_settings(database: Database) -> SharedSettings:
    """The settings in a database.

    Raises:
        NotFoundError: It has none.
        DataError: They are damaged.
    """
    where = str(database.engine.url)
    with database.read() as connection:
        found = connection.execute(_SELECT).one().settings
    if found is None:
        raise NotFoundError(
            "instance-missing",
            f"The catalog at {where} does not say which instance it belongs to.",
            hint="Name the instance's folder, or make one with `vitrina init DIR --db URL`.",
            where=where,
        )
    try:
        return parse_json(SharedSettings, found)
    except ValueError as err:
        raise DataError("settings-malformed", f"The settings in {where} cannot be read: {err}.", where=where) from err


def get_or_add_shared_settings(database: Database, settings: SharedSettings) -> SharedSettings:
    """The settings in a database; those given when it has none."""
    with database.write() as connection:
        if connection.execute(_SELECT).one().settings is None:
            connection.execute(update(InstanceRow).values(settings=build_json(settings)))
    return get_shared_settings(database)
