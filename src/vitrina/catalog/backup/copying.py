"""Fill tables of PostgreSQL with COPY, which takes rows several times as fast as INSERT does.

Source: https://www.postgresql.org/docs/15/sql-copy.html, https://www.psycopg.org/psycopg3/docs/basic/copy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection, Table


def copy_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    advance: Callable[[int], None],
) -> None:
    """Add rows of plain values, one after the other.

    Raises:
        DBAPIError: As SQLAlchemy's own statements do.
    """
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(map(quote, columns))
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    driver: Any = connection.connection.dbapi_connection
    errors: Any = connection.dialect.loaded_dbapi
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
                advance(1)
    except errors.Error as err:
        raise DBAPIError.instance(statement, None, err, errors.Error, dialect=connection.dialect) from err
