"""Find artifacts: in SQL, or with the facet index, which gives the same answers faster and counts facets."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.catalog.conditions import All, TextCondition
from vitrina.catalog.cursors import build_cursor, parse_cursor
from vitrina.catalog.fields import RELEVANCE, Order, parse_order
from vitrina.catalog.query import (
    LAST_ADDED,
    build_condition,
    build_count,
    build_page,
    build_select,
    build_visible,
    get_order_value,
)
from vitrina.catalog.records import build_artifacts
from vitrina.catalog.tables import ArtifactRow
from vitrina.catalog.understand import understand
from vitrina.catalog.words import split_query
from vitrina.errors import InputError
from vitrina.model.page import Page

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pyroaring import BitMap
    from sqlalchemy import ColumnElement, Connection

    from vitrina.catalog.cursors import Cursor
    from vitrina.catalog.database import Database
    from vitrina.catalog.facets.index import FacetIndex
    from vitrina.catalog.query import Which
    from vitrina.catalog.textsearch import TextSearch
    from vitrina.catalog.understand import Understood
    from vitrina.catalog.vocabulary import Vocabulary
    from vitrina.model.artifact import Artifact
    from vitrina.model.expression import Expression
    from vitrina.model.page import Facet

MAX_LIMIT = 1_000

MAX_RANKED = 1_000
"""More hits than this are listed newest first: ranking 276,000 took a second, and nobody reads that far."""

MAX_SORTED = 5_000
"""Up to so many hits are handed to SQL to be sorted; of more it is told what they must fulfil."""

N_FACET_VALUES = 20

_BY_RELEVANCE = Order(field=RELEVANCE, is_descending=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A question for artifacts; see ``Catalog.find_artifacts``."""

    words: tuple[str, ...]
    expression: Expression
    order: Order
    limit: int
    cursor: str | None
    which: Which
    is_exact: bool
    facets: Collection[str] | Literal["all"]
    n_facet_values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hits:
    """What was found, before the page is read: with the index also which artifacts."""

    understood: Understood
    total: int
    ids: BitMap | None = None
    facets: dict[str, list[Facet]]


def build_request(
    text: str,
    expression: Expression,
    *,
    order: str | None,
    limit: int,
    cursor: str | None,
    which: Which,
    is_exact: bool,
    facets: Collection[str] | Literal["all"],
    n_facet_values: int,
) -> Request:
    """The question in parts that are known to be sound.

    Raises:
        InputError: An unknown order, or a limit out of range.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InputError("limit-out-of-range", f"The limit is {limit}; it must be 1 to {MAX_LIMIT}.", where="limit")
    words = split_query(text)
    return Request(
        words=words,
        expression=expression,
        order=_choose_order(order, has_text=bool(words)),
        limit=limit,
        cursor=cursor,
        which=which,
        is_exact=is_exact,
        facets=facets,
        n_facet_values=n_facet_values,
    )


class Finder:
    """Answers questions for artifacts. Thread-safe.

    Attributes:
        vocabulary: Terms that queries may name without their being registered; None for registered ones only.
        keeps_index: Whether to answer from the facet index, for a process that asks many questions. Otherwise it is
            used only where facets are asked for.
    """

    def __init__(self, database: Database, *, vocabulary: Vocabulary | None = None, keeps_index: bool = False) -> None:
        self.vocabulary = vocabulary
        self.keeps_index = keeps_index
        self._database = database
        self._index: FacetIndex | None = None
        self._index_lock = threading.Lock()

    def find(self, request: Request) -> Page[Artifact]:
        """The page that answers a question.

        Raises:
            InputError: An unknown name or lookup, or an impossible value or cursor.
        """
        with ExitStack() as reading:
            connection, hits = self._find(request, reading)
            return self._read_page(connection, request, hits)

    def count(self, expression: Expression, which: Which) -> int:
        """The number of artifacts.

        Raises:
            InputError: An unknown name or lookup, or an impossible value.
        """
        request = build_request(
            "",
            expression,
            order=None,
            limit=1,
            cursor=None,
            which=which,
            is_exact=False,
            facets=(),
            n_facet_values=0,
        )
        with ExitStack() as reading:
            return self._find(request, reading)[1].total

    def _find(self, request: Request, reading: ExitStack) -> tuple[Connection, _Hits]:
        """What is found, and the connection whose snapshot it was found in; ``reading`` ends it."""
        if not (self.keeps_index or request.facets):
            connection = reading.enter_context(self._database.read())
            return connection, self._find_in_sql(connection, request)
        with self._index_lock:  # the snapshot begins inside, so that the index never has to go back
            connection = reading.enter_context(self._database.read())
            return connection, self._find_in_index(connection, request)

    def _understand(self, connection: Connection, request: Request) -> Understood:
        return understand(connection, request.expression, vocabulary=self.vocabulary, is_exact=request.is_exact)

    def _find_in_sql(self, connection: Connection, request: Request) -> _Hits:
        understood = self._understand(connection, request)
        search = self._build_search(request)
        conditions = self._build_conditions(request, understood, search)
        total = connection.execute(build_count(conditions, search)).scalar_one()
        return _Hits(understood=understood, total=total, facets={})

    def _find_in_index(self, connection: Connection, request: Request) -> _Hits:
        from vitrina.catalog.facets.index import FacetIndex
        from vitrina.catalog.facets.load import bring_up_to_date
        from vitrina.catalog.facets.select import Selection

        index = self._index = bring_up_to_date(connection, self._index or FacetIndex())
        understood = self._understand(connection, request)
        condition = understood.condition
        if request.words:
            condition = All(parts=(condition, TextCondition(words=request.words)))
        ids = Selection(index, connection, self._database.text_index).select(condition, request.which)
        facets = _count_facets(connection, index, ids, request) if request.facets else {}
        return _Hits(understood=understood, total=len(ids), ids=ids, facets=facets)

    def _read_page(self, connection: Connection, request: Request, hits: _Hits) -> Page[Artifact]:
        order = LAST_ADDED if request.order == _BY_RELEVANCE and hits.total > MAX_RANKED else request.order
        start = None if request.cursor is None else parse_cursor(request.cursor, order)
        if hits.ids is not None and order == LAST_ADDED:
            rows = _read_last_added(connection, hits.ids, start, request.limit + 1)
        else:
            rows = self._read_ordered(connection, request, hits, order, start)
        items = build_artifacts(rows[: request.limit])
        next_cursor = None
        if len(rows) > request.limit:
            next_cursor = _build_next_cursor(order, start, items[-1], rows[request.limit - 1].id, request.limit)
        return Page(
            items=items, total=hits.total, next_cursor=next_cursor, facets=hits.facets, hints=hits.understood.hints
        )

    def _read_ordered(
        self, connection: Connection, request: Request, hits: _Hits, order: Order, start: Cursor | None
    ) -> Sequence[Any]:
        listed = hits.ids if hits.total <= MAX_SORTED else None
        search = self._build_search(request) if listed is None or order == _BY_RELEVANCE else None
        if listed is None:
            conditions = self._build_conditions(request, hits.understood, search)
        else:
            conditions = [ArtifactRow.id.in_(list(listed)), *([] if search is None else [search.match])]
        return connection.execute(build_page(conditions, order, start, request.limit + 1, search=search)).all()

    def _build_search(self, request: Request) -> TextSearch | None:
        return self._database.text_index.search(request.words) if request.words else None

    def _build_conditions(
        self, request: Request, understood: Understood, search: TextSearch | None
    ) -> list[ColumnElement[bool]]:
        condition = build_condition(understood.condition, self._database.text_index)
        conditions = [build_visible(request.which), condition]
        return conditions if search is None else [*conditions, search.match]


def _count_facets(connection: Connection, index: FacetIndex, ids: BitMap, request: Request) -> dict[str, list[Facet]]:
    from vitrina.catalog.facets.names import name_facets, name_values

    named = name_facets(connection, index.list_facets())
    wanted = named if request.facets == "all" else {name: named[name] for name in request.facets if name in named}
    counted = name_values(connection, index.count(ids, wanted.values(), request.n_facet_values))
    return {name: counted[facet] for name, facet in wanted.items() if facet in counted}


def _read_last_added(connection: Connection, ids: BitMap, start: Cursor | None, limit: int) -> Sequence[Any]:
    end = len(ids) if start is None else ids.rank(max(start.row_id - 1, 0))
    chosen = list(ids[max(end - limit, 0) : end])
    rows = connection.execute(build_select([ArtifactRow.id.in_(chosen)])).all()
    return sorted(rows, key=lambda row: -row.id)


def _build_next_cursor(order: Order, start: Cursor | None, last: Artifact, row_id: int, limit: int) -> str:
    if order == _BY_RELEVANCE:
        n_before = start.value if start is not None and isinstance(start.value, int) else 0
        return build_cursor(order, n_before + limit, 0)
    return build_cursor(order, get_order_value(last, order), row_id)


def _choose_order(order: str | None, *, has_text: bool) -> Order:
    if order is None:
        return _BY_RELEVANCE if has_text else LAST_ADDED
    parsed = parse_order(order)
    return LAST_ADDED if parsed == _BY_RELEVANCE and not has_text else parsed
