"""Terms: which entries of registries the instance uses or made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, func, select, update

from vitrina.catalog.annotation_words import refresh_labelled
from vitrina.catalog.tables import AncestorRow, LabelRow, ParentRow, TermNameRow, TermRow, UserRow
from vitrina.catalog.term_hierarchy import replace_parents
from vitrina.catalog.term_insert import find_all, insert_terms, write_names
from vitrina.catalog.term_query import build_conditions, build_cursor, build_order, parse_cursor
from vitrina.catalog.term_read import (
    SELECT_TERMS,
    build_terms,
    find_below,
    find_by_keys,
    find_children,
    find_named,
    get_term,
    read_terms,
)
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.page import Page
from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.catalog.term_hierarchy import Outside
    from vitrina.model.term import Term, TermDraft

MAX_LIMIT = 1_000
MAX_NAMES = 100_000
"""So many names are compared with a misspelt one."""

_SELECT_ROW = SELECT_TERMS.where(TermRow.uid == bindparam("uid"))
_SELECT_NAMES = select(TermRow.name).where(TermRow.registry_name == bindparam("registry")).limit(MAX_NAMES)
_SELECT_ABOVE = (
    select(AncestorRow.ancestor_key)
    .join(TermRow, TermRow.id == AncestorRow.term_id)
    .where(TermRow.uid == bindparam("uid"))
)
_SELECT_USES = select(
    select(func.count()).select_from(LabelRow).where(LabelRow.term_id == bindparam("id")).scalar_subquery(),
    exists().where(ParentRow.parent_key == bindparam("own_uid")),
)
_UPDATE = update(TermRow).where(TermRow.id == bindparam("row_id"))
_DELETE_NAMES = delete(TermNameRow).where(TermNameRow.term_id == bindparam("row_id"))
_DELETE = (
    _DELETE_NAMES,
    delete(ParentRow).where(ParentRow.term_id == bindparam("row_id")),
    delete(AncestorRow).where(AncestorRow.term_id == bindparam("row_id")),
    delete(TermRow).where(TermRow.id == bindparam("row_id")),
)


class Terms:
    """The terms of one instance. Thread-safe. ``registry`` is a class name everywhere, such as ``Tissue``.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, drafts: Sequence[TermDraft], *, created_by: str) -> tuple[Term, ...]:
        """The terms of drafts, in the same order; those that are there already stay as they are.

        See ``term_insert.insert_terms``, also for what it raises. The number of statements grows by a few for every
        10,000 drafts.
        """
        with self._database.read() as connection:
            found = find_all(connection, drafts)
        if found is not None:
            return found
        with self._database.write() as connection:
            return insert_terms(connection, self._database, drafts, created_by=created_by)

    def get(self, registry: str, ref: str) -> Term:
        """The term with a uid, a name, an ontology id or a synonym.

        Raises:
            NotFoundError: ``term-missing``; or ``term-ambiguous``, with the candidates.
        """
        with self._database.read() as connection:
            return get_term(connection, registry, ref)

    def find(
        self,
        registry: str,
        *,
        text: str = "",
        where: Mapping[str, object] | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Term]:
        """A page of terms, by name; with a text the names that it begins first.

        Args:
            registry: Class name.
            text: Words that must all occur in one name, synonym or identifier of the term.
            where: Fields with lookups: ``{"name__startswith": "left", "ontology_id__in": [...]}``. All must hold.
            limit: Terms per page, 1 to 1000.
            cursor: ``next_cursor`` of the page before.

        Raises:
            InputError: An unknown field or lookup, an impossible value, limit or cursor.
        """
        if not 1 <= limit <= MAX_LIMIT:
            raise InputError("limit-out-of-range", f"limit is {limit}; it can be 1 to {MAX_LIMIT}.")
        n_before = parse_cursor(cursor)
        conditions = build_conditions(REGISTRIES[registry], text, where or {})
        page = SELECT_TERMS.where(*conditions).order_by(*build_order(text)).limit(limit).offset(n_before)
        count = select(func.count()).join_from(TermRow, UserRow, UserRow.id == TermRow.created_by_id).where(*conditions)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            items = read_terms(connection, page)
        n_seen = n_before + len(items)
        return Page(items=items, total=total, next_cursor=build_cursor(n_seen) if n_seen < total else None)

    def find_by_names(
        self, registry: str, values: Iterable[str], *, organism: str | None = None
    ) -> dict[str, tuple[Term, ...]]:
        """The terms that each value means, the best first: letter by letter before other cases, names before synonyms.

        Values that mean none are left out. Two statements for every 10,000 values.
        """
        with self._database.read() as connection:
            return find_named(connection, registry, values, organism=organism)

    def find_by_keys(self, registry: str, keys: Collection[str]) -> tuple[Term, ...]:
        """The registered ones of the terms with those keys: ontology ids, or uids of terms without one; by name."""
        with self._database.read() as connection:
            return find_by_keys(connection, registry, keys)

    def find_below(self, registry: str, key: str, *, only_children: bool = False) -> tuple[Term, ...]:
        """The registered terms below a key, whose own term need not be registered; by name."""
        find = find_children if only_children else find_below
        with self._database.read() as connection:
            return find(connection, registry, key)

    def list_keys_above(self, uid: str) -> frozenset[str]:
        """The keys of all terms above a term, registered or not, without its own."""
        with self._database.read() as connection:
            _, term = _get_row(connection, uid)
            return frozenset(connection.execute(_SELECT_ABOVE, {"uid": uid}).scalars()) - {term.key}

    def list_names(self, registry: str) -> tuple[str, ...]:
        """The names of all terms, at most MAX_NAMES."""
        with self._database.read() as connection:
            return tuple(connection.execute(_SELECT_NAMES, {"registry": registry}).scalars())

    def set_parents(self, uid: str, parent_keys: Collection[str], *, list_outside: Outside = lambda _: None) -> Term:
        """The term below other parents than before; what is below it moves along.

        Args:
            uid: Of the term.
            parent_keys: Ontology ids, or uids of terms without one.
            list_outside: Gives what is above a key that is not registered; None for a key that is unknown there too.

        Raises:
            NotFoundError: ``term-missing``, or ``parent-missing``.
            ConflictError: ``hierarchy-cycle``: a parent is below the term.
        """
        with self._database.write() as connection:
            _, term = _get_row(connection, uid)
            if replace_parents(connection, term, parent_keys, list_outside):
                self._database.mark_terms(connection)
            return _get_row(connection, uid)[1]

    def update(
        self,
        uid: str,
        *,
        name: str | None = None,
        synonyms: Collection[str] | None = None,
        description: str | None = None,
    ) -> Term:
        """The term with another name, other synonyms or another description; None leaves them as they are.

        Whatever is labelled with it is found by its new names from now on.

        Raises:
            NotFoundError: ``term-missing``.
            ConflictError: ``term-exists``: another term has the name.
            InputError: The name is empty.
        """
        with self._database.write() as connection:
            row_id, term = _get_row(connection, uid)
            if name is not None and name != term.name:
                _check_name(connection, term, name)
            own_name = term.name if name is None else name
            others = term.synonyms if synonyms is None else synonyms
            values = {
                "name": own_name,
                "synonyms": [text for text in dict.fromkeys(others) if text != own_name],
                "description": term.description if description is None else description,
            }
            connection.execute(_UPDATE.values(**values), {"row_id": row_id})
            changed = _get_row(connection, uid)[1]
            if (changed.name, changed.synonyms) != (term.name, term.synonyms):
                connection.execute(_DELETE_NAMES, {"row_id": row_id})
                write_names(connection, {row_id: changed})
                refresh_labelled(connection, self._database, row_id)
            return changed

    def delete(self, uid: str) -> None:
        """Take a term that nothing uses out of its registry.

        Raises:
            NotFoundError: ``term-missing``.
            ConflictError: ``term-used``: artifacts are labelled with it, or terms are below it.
        """
        with self._database.write() as connection:
            row_id, term = _get_row(connection, uid)
            n_labels, has_children = connection.execute(_SELECT_USES, {"id": row_id, "own_uid": uid}).one()
            if n_labels or has_children:
                use = f"{n_labels} artifacts are labelled with it" if n_labels else "other terms are below it"
                raise ConflictError(
                    "term-used",
                    f"{term.registry} {term.name!r} cannot be deleted: {use}.",
                    hint="Take those labels off first." if n_labels else "Give those terms other parents first.",
                    where=uid,
                )
            for statement in _DELETE:
                connection.execute(statement, {"row_id": row_id})
            self._database.mark_terms(connection)


def _get_row(connection: Connection, uid: str) -> tuple[int, Term]:
    rows: Sequence[Any] = connection.execute(_SELECT_ROW, {"uid": uid}).all()
    if not rows:
        raise NotFoundError("term-missing", f"There is no term with the uid {uid!r}.", where=uid)
    return rows[0].id, build_terms(connection, rows)[0]


def _check_name(connection: Connection, term: Term, name: str) -> None:
    if not name.strip():
        raise InputError("term-name-empty", f"A {term.registry} needs a name.", where=term.uid)
    for other in find_named(connection, term.registry, [name]).get(name, ()):
        if other.uid != term.uid and (other.name, other.organism) == (name, term.organism):
            raise ConflictError(
                "term-exists",
                f"There is already a {term.registry} {name!r}: {other.uid}.",
                hint="Label with that one instead.",
                where=other.uid,
            )
