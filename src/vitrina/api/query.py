"""Lazy queries: ``vt.Artifact.filter(format="anndata").to_dataframe()``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast, overload

from vitrina.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pandas as pd

    from vitrina.model.artifact import Artifact as Record
    from vitrina.model.page import Page
    from vitrina.verbs.instance import Instance

PAGE_SIZE = 1000

COLUMNS = (
    "uid",
    "key",
    "description",
    "kind",
    "format",
    "size",
    "hash",
    "n_files",
    "n_observations",
    "version",
    "is_latest",
    "created_at",
    "created_by",
)


@dataclass(frozen=True)
class ArtifactQuery[T]:
    """Artifacts that match; nothing is asked of the catalog until results are wanted. Queries are never changed.

    Attributes:
        instance: Where to look.
        wrap: Turns a record into what the query yields.
        text: Words to search for.
        where: Fields with lookups.
        order: A field, with ``-`` for descending; None for the best match first, without text the newest.
        latest_only: Whether older versions are left out.
    """

    instance: Instance
    wrap: Callable[[Record], T]
    text: str = ""
    where: Mapping[str, object] = field(default_factory=dict)
    order: str | None = None
    latest_only: bool = True

    def filter(self, **where: object) -> ArtifactQuery[T]:
        """Narrow the query by fields: ``format="anndata"``, ``size__gt=1e9``, ``key__startswith="xenium/"``."""
        return replace(self, where={**self.where, **where})

    def search(self, text: str) -> ArtifactQuery[T]:
        """Narrow the query to artifacts in which all words occur."""
        return replace(self, text=f"{self.text} {text}".strip())

    def order_by(self, order: str) -> ArtifactQuery[T]:
        """Sort by a field; ``-`` before it means descending."""
        return replace(self, order=order)

    def with_versions(self) -> ArtifactQuery[T]:
        """Yield older versions too."""
        return replace(self, latest_only=False)

    def count(self) -> int:
        """How many match."""
        return self._find_page(1, None).total

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[T]:
        return map(self.wrap, self._iter_records())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self.wrap(record) for record in list(self._iter_records())[index]]
        position = index if index >= 0 else self.count() + index
        for record in itertools.islice(self._iter_records(), max(position, 0), None) if position >= 0 else ():
            return self.wrap(record)
        raise IndexError(f"index {index} is out of range: {self.count()} artifacts match")

    def first(self) -> T | None:
        """The first match, None when nothing matches."""
        return next(iter(self), None)

    def one(self) -> T:
        """The only match.

        Raises:
            NotFoundError: Nothing matches, or several do.
        """
        page = self._find_page(2, None)
        if page.total == 1:
            return self.wrap(page.items[0])
        if page.total == 0:
            raise NotFoundError("nothing-matches", "No artifact matches, and exactly one was asked for.")
        raise NotFoundError(
            "several-match",
            f"{page.total} artifacts match, and exactly one was asked for.",
            hint="Narrow the query, or use .first().",
        )

    def to_dataframe(self, *, limit: int | None = 100) -> pd.DataFrame:
        """The matches as a table, one row per artifact, indexed by uid.

        Args:
            limit: At most so many rows; None for all.
        """
        import pandas as pd

        if limit is not None and limit < 0:
            raise InputError("limit-out-of-range", f"limit is {limit}; it is a number of rows, or None for all.")
        records = list(itertools.islice(self._iter_records(), limit))
        rows = [[_get_field(record, name) for name in COLUMNS] for record in records]
        return pd.DataFrame(rows, columns=pd.Index(COLUMNS)).set_index("uid")

    def __repr__(self) -> str:
        total = self.count()
        shown = self.to_dataframe(limit=10)[["key", "format", "size", "created_at"]]
        return f"{total:,} artifact{'' if total == 1 else 's'}\n{shown if total else ''}".rstrip()

    def _iter_records(self) -> Iterator[Record]:
        cursor = None
        while True:
            page = self._find_page(PAGE_SIZE, cursor)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _find_page(self, limit: int, cursor: str | None) -> Page[Record]:
        return self.instance.find(
            self.text,
            where=self.where,
            order=self.order,
            limit=limit,
            cursor=cursor,
            latest_only=self.latest_only,
        )


def _get_field(record: Record, name: str) -> object:
    return cast("object", getattr(record, "size_bytes" if name == "size" else name))
