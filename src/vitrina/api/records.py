"""Lazy lists of records, newest first: ``vt.Run.filter(status="errored").to_dataframe()``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from vitrina.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from vitrina.model.page import Page

PAGE_SIZE = 500


@dataclass(frozen=True)
class RecordQuery[R, T]:
    """Records that match; nothing is asked of the catalog until results are wanted. Queries are never changed.

    Attributes:
        noun: What they are, in the singular.
        find: Gives a page: a verb of the instance.
        wrap: Turns a record into what the query yields.
        columns: Of the table, the first of which is its index.
        fields: What can be filtered by.
        where: What must hold.
    """

    noun: str
    find: Callable[..., Page[R]]
    wrap: Callable[[R], T]
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    where: Mapping[str, Any] = field(default_factory=dict)

    def filter(self, **where: object) -> RecordQuery[R, T]:
        """Narrow the query.

        Raises:
            InputError: There is no such field.
        """
        for name in where:
            if name not in self.fields:
                known = ", ".join(self.fields)
                raise InputError("field-unknown", f"A {self.noun} has no field {name!r} to filter by: {known}.")
        return replace(self, where={**self.where, **where})

    def count(self) -> int:
        """How many match."""
        return self.find(**self.where, limit=1).total

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[T]:
        return map(self.wrap, self._iter_records())

    def __getitem__(self, index: int) -> T:
        position = index if index >= 0 else self.count() + index
        for record in itertools.islice(self._iter_records(), max(position, 0), None) if position >= 0 else ():
            return self.wrap(record)
        raise IndexError(f"index {index} is out of range: {self.count()} {self.noun}s match")

    def first(self) -> T | None:
        """The newest match, None when nothing matches."""
        return next(iter(self), None)

    def one(self) -> T:
        """The only match.

        Raises:
            NotFoundError: Nothing matches, or several do.
        """
        page = self.find(**self.where, limit=2)
        if page.total != 1:
            raise NotFoundError(
                "not-one", f"{page.total} {self.noun}s match, and exactly one was asked for.", hint="Narrow the query."
            )
        return self.wrap(page.items[0])

    def to_dataframe(self, *, limit: int | None = 100) -> pd.DataFrame:
        """The matches as a table, newest first.

        Args:
            limit: At most so many rows; None for all.
        """
        import pandas as pd

        records = itertools.islice(self._iter_records(), limit)
        rows = [[_get_value(record, name) for name in self.columns] for record in records]
        return pd.DataFrame(rows, columns=pd.Index(self.columns)).set_index(self.columns[0])

    def __repr__(self) -> str:
        total = self.count()
        table = self.to_dataframe(limit=10) if total else ""
        return f"{total:,} {self.noun}{'' if total == 1 else 's'}\n{table}".rstrip()

    def _iter_records(self) -> Iterator[R]:
        cursor = None
        while True:
            page = self.find(**self.where, limit=PAGE_SIZE, cursor=cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return


def _get_value(record: object, name: str) -> object:
    """A value by its path: ``transform.key``."""
    value = record
    for part in name.split("."):
        value = cast("object", getattr(value, part))
    return value
