"""Statements of the busiest paths, handed to the driver as text.

For each execution of a statement SQLAlchemy looks its text up, converts parameters and describes the result anew, which
takes ten times as long as SQLite takes to run it. What is executed with every artifact is compiled once instead, and
run on the driver's own connection inside SQLAlchemy's transaction. Errors are SQLAlchemy's, as of other statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Connection, Dialect
    from sqlalchemy.sql.base import Executable
    from sqlalchemy.sql.elements import ClauseElement

_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as one driver takes it.

    Attributes:
        text: With the driver's marks.
        names: Of the parameters, in the order of the marks.
        fixed: Values of parameters that the statement itself gives.
        converters: What a driver does not take as it is.
        is_positional: Whether the driver wants a tuple instead of names.
    """

    text: str
    names: tuple[str, ...]
    fixed: Mapping[str, object]
    converters: Mapping[str, Callable[[Any], Any]]
    is_positional: bool

    def build(self, parameters: Mapping[str, object]) -> Any:
        """The parameters of one execution, as the driver wants them."""
        values = {**self.fixed, **parameters}
        for name, convert in self.converters.items():
            values[name] = convert(values[name])
        return tuple([values[name] for name in self.names]) if self.is_positional else values


class Prepared:
    """A statement that is compiled once for each kind of database.

    Args:
        statement: Its parameters are single values: the text must not depend on them.
        columns: Of an insert, those that are given; the others are left to the database.
    """

    def __init__(self, statement: Executable, columns: Collection[str] | None = None) -> None:
        self._statement: Any = statement
        self._columns = None if columns is None else list(columns)
        self._compiled: dict[str, _Compiled] = {}

    def execute(self, connection: Connection, parameters: Mapping[str, object] = _NOTHING) -> list[Any]:
        """Run it once; the rows as the driver gives them: tuples of its own types.

        Raises:
            DBAPIError: The database refused.
        """
        compiled = self._get_compiled(connection.dialect)
        return _run(connection, compiled.text, compiled.build(parameters), is_many=False)

    def execute_many(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it with each of several parameters, at least one.

        Raises:
            DBAPIError: The database refused.
        """
        compiled = self._get_compiled(connection.dialect)
        built = [compiled.build(parameters) for parameters in rows]
        is_many = len(built) > 1
        _run(connection, compiled.text, built if is_many else built[0], is_many=is_many)

    def _get_compiled(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:  # two threads may both compile it, to the same end
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect, self._columns)
        return compiled


def _run(connection: Connection, text: str, parameters: Any, *, is_many: bool) -> list[Any]:
    driver: Any = connection.dialect.dbapi
    cursor: Any = connection.connection.cursor()
    rows: list[Any] = []
    try:
        if is_many:
            cursor.executemany(text, parameters)
        else:
            cursor.execute(text, parameters)
            rows = cursor.fetchall() if cursor.description else []
    except driver.Error as err:
        raise _translate(connection, text, err) from err
    except (KeyboardInterrupt, SystemExit) as err:  # in the middle of something: such a connection is not used again
        connection.invalidate(err)
        raise
    return rows


def _translate(connection: Connection, text: str, err: Exception) -> BaseException:
    """The driver's error as SQLAlchemy raises it; a connection that is lost is not used again."""
    dialect: Any = connection.dialect
    is_lost = dialect.is_disconnect(err, connection.connection.dbapi_connection, None)
    if is_lost:
        connection.invalidate(err)
    translated: BaseException = DBAPIError.instance(
        text, None, err, dialect.dbapi.Error, connection_invalidated=is_lost, dialect=dialect
    )
    return translated


def _compile(statement: ClauseElement, dialect: Dialect, columns: list[str] | None) -> _Compiled:
    compiled: Any = statement.compile(dialect=dialect, column_keys=columns)
    converters = {
        name: convert
        for bound, name in compiled.bind_names.items()
        if (convert := bound.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    }
    return _Compiled(
        text=str(compiled),
        names=tuple(compiled.positiontup or ()),
        fixed={name: bound.effective_value for bound, name in compiled.bind_names.items() if not bound.required},
        converters=converters,
        is_positional=bool(compiled.positional),
    )
