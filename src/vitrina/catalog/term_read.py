"""Read terms, inside a transaction that the catalog has begun."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select

from vitrina.catalog.tables import AncestorRow, ParentRow, TermNameRow, TermRow, UserRow
from vitrina.errors import NotFoundError
from vitrina.model.term import Term
from vitrina.model.term_match import MATCHES, match_term

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Select

CHUNK = 10_000
"""Values in one statement. SQLite takes 32,766 parameters, PostgreSQL 65,535.

Source: https://www.sqlite.org/limits.html#max_variable_number
"""

MAX_CANDIDATES = 10

TERM_KEY = func.coalesce(TermRow.ontology_id, TermRow.uid)

_TERM = (
    TermRow.id,
    TermRow.uid,
    TermRow.registry_name.label("registry"),
    TermRow.name,
    TermRow.ontology_id,
    TermRow.synonyms,
    TermRow.description,
    TermRow.source,
    TermRow.organism,
    TermRow.attributes,
    TermRow.created_at,
    UserRow.handle.label("created_by"),
)
_IN_REGISTRY = TermRow.registry_name == bindparam("registry")

SELECT_TERMS: Select[*tuple[Any, ...]] = select(*_TERM).join_from(TermRow, UserRow, UserRow.id == TermRow.created_by_id)

_SELECT_BY_FOLDED = (
    SELECT_TERMS.add_columns(TermNameRow.folded)
    .join(TermNameRow, TermNameRow.term_id == TermRow.id)
    .where(
        TermNameRow.registry_name == bindparam("registry"), TermNameRow.folded.in_(bindparam("texts", expanding=True))
    )
    .order_by(TermRow.id)
)
_SELECT_BY_UID = SELECT_TERMS.where(_IN_REGISTRY, TermRow.uid == bindparam("uid"))
_SELECT_BY_KEYS = SELECT_TERMS.where(
    _IN_REGISTRY,
    or_(
        TermRow.ontology_id.in_(bindparam("keys", expanding=True)),
        TermRow.uid.in_(bindparam("keys", expanding=True)),
    ),
).order_by(TermRow.name, TermRow.id)
_SELECT_BELOW = (
    SELECT_TERMS.join(AncestorRow, AncestorRow.term_id == TermRow.id)
    .where(_IN_REGISTRY, AncestorRow.ancestor_key == bindparam("key"), bindparam("key") != TERM_KEY)
    .order_by(TermRow.name, TermRow.id)
)
_SELECT_CHILDREN = (
    SELECT_TERMS.join(ParentRow, ParentRow.term_id == TermRow.id)
    .where(_IN_REGISTRY, ParentRow.parent_key == bindparam("key"))
    .order_by(TermRow.name, TermRow.id)
)
_SELECT_PARENTS = (
    select(ParentRow.term_id, ParentRow.parent_key)
    .where(ParentRow.term_id.in_(bindparam("ids", expanding=True)))
    .order_by(ParentRow.parent_key)
)


def read_terms(
    connection: Connection, statement: Select[*tuple[Any, ...]], parameters: Mapping[str, object] | None = None
) -> tuple[Term, ...]:
    """The terms that a statement made from SELECT_TERMS selects."""
    return build_terms(connection, connection.execute(statement, parameters or {}).all())


def build_terms(connection: Connection, rows: Sequence[Any]) -> tuple[Term, ...]:
    """The records of rows of SELECT_TERMS, in the same order."""
    parents = _read_parents(connection, {row.id for row in rows})
    return tuple(build_term(row, tuple(parents.get(row.id, ()))) for row in rows)


def build_term(row: Any, parent_ids: tuple[str, ...]) -> Term:
    """The record of a row of SELECT_TERMS."""
    return Term(
        uid=row.uid,
        registry=row.registry,
        name=row.name,
        ontology_id=row.ontology_id,
        synonyms=tuple(row.synonyms),
        description=row.description,
        source=row.source,
        organism=row.organism,
        attributes=row.attributes,
        parent_ids=parent_ids,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def find_named(
    connection: Connection, registry: str, values: Iterable[str], *, organism: str | None = None
) -> dict[str, tuple[Term, ...]]:
    """The terms that each value means, the best first; see ``term_match``. Values that mean none are left out.

    Args:
        connection: The transaction.
        registry: Class name.
        values: Names, identifiers or synonyms.
        organism: Only terms of it, and those of none; None for all.
    """
    by_folded: dict[str, list[str]] = {}
    for value in dict.fromkeys(values):
        by_folded.setdefault(value.casefold(), []).append(value)
    found: dict[str, list[tuple[int, Term]]] = {}
    for texts in batched(by_folded, CHUNK):
        rows = connection.execute(_SELECT_BY_FOLDED, {"registry": registry, "texts": texts}).all()
        for row, term in zip(rows, build_terms(connection, rows), strict=True):
            if organism is not None and term.organism not in (None, organism):
                continue
            for value in by_folded[row.folded]:
                found.setdefault(value, []).append((_get_place(value, term), term))
    return {value: tuple(term for _, term in sorted(terms, key=lambda pair: pair[0])) for value, terms in found.items()}


def get_term(connection: Connection, registry: str, ref: str) -> Term:
    """The term with a uid, a name, an ontology id or a synonym.

    Raises:
        NotFoundError: ``term-missing``; or ``term-ambiguous`` when several fit equally well.
    """
    by_uid = read_terms(connection, _SELECT_BY_UID, {"registry": registry, "uid": ref})
    terms = by_uid or find_named(connection, registry, [ref]).get(ref, ())
    if not terms:
        raise NotFoundError("term-missing", f"No {registry} has the uid, name or ontology id {ref!r}.", where=ref)
    best = [term for term in terms if _get_place(ref, term) == _get_place(ref, terms[0])]
    if len(best) > 1:
        listed = ", ".join(
            f"{term.uid} ({', '.join(filter(None, (term.name, term.ontology_id, term.organism)))})"
            for term in best[:MAX_CANDIDATES]
        )
        raise NotFoundError(
            "term-ambiguous", f"{ref!r} is more than one {registry}.", hint=f"Name one by its uid: {listed}.", where=ref
        )
    return terms[0]


def find_by_keys(connection: Connection, registry: str, keys: Collection[str]) -> tuple[Term, ...]:
    """The registered terms with those ontology ids, or uids, by name; keys of no registered term are left out."""
    return tuple(
        term
        for chunk in batched(keys, CHUNK)
        for term in read_terms(connection, _SELECT_BY_KEYS, {"registry": registry, "keys": chunk})
    )


def find_below(connection: Connection, registry: str, key: str) -> tuple[Term, ...]:
    """All registered terms below a key, whose own term need not be registered."""
    return read_terms(connection, _SELECT_BELOW, {"registry": registry, "key": key})


def find_children(connection: Connection, registry: str, key: str) -> tuple[Term, ...]:
    """The registered terms directly below a key."""
    return read_terms(connection, _SELECT_CHILDREN, {"registry": registry, "key": key})


def _get_place(value: str, term: Term) -> int:
    place = match_term(value, term)
    return len(MATCHES) if place is None else place


def _read_parents(connection: Connection, ids: Collection[int]) -> dict[int, list[str]]:
    parents: dict[int, list[str]] = {}
    for chunk in batched(ids, CHUNK):
        for row in connection.execute(_SELECT_PARENTS, {"ids": chunk}):
            parents.setdefault(row.term_id, []).append(row.parent_key)
    return parents
