"""Write terms, inside a transaction that the catalog has begun: thousands at once in a few statements."""

from __future__ import annotations

from itertools import batched
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select

from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.tables import TermNameRow, TermRow
from vitrina.catalog.term_hierarchy import (
    build_parent_missing,
    close_hierarchy,
    hand_down,
    read_above,
    write_ancestors,
    write_parents,
)
from vitrina.catalog.term_read import CHUNK, SELECT_TERMS, read_terms
from vitrina.errors import InputError
from vitrina.model.registry import REGISTRIES
from vitrina.model.term import Term
from vitrina.model.term_match import list_identifiers
from vitrina.model.uid import build_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database
    from vitrina.model.term import TermDraft

type Identity = tuple[str, str, str | None, bool]
"""Registry, then ontology id or name, then organism (None with an id), and whether it is an id."""

NAME_RANK, IDENTIFIER_RANK, SYNONYM_RANK = range(3)

_INSERT_TERM = insert(TermRow)
_INSERT_NAME = insert(TermNameRow)
_SELECT_IDS = select(TermRow.uid, TermRow.id).where(TermRow.uid.in_(bindparam("uids", expanding=True)))
_IN_REGISTRY = TermRow.registry_name == bindparam("registry")
_SELECT_BY_ID = SELECT_TERMS.where(_IN_REGISTRY, TermRow.ontology_id.in_(bindparam("texts", expanding=True)))
_SELECT_BY_NAME = SELECT_TERMS.where(_IN_REGISTRY, TermRow.name.in_(bindparam("texts", expanding=True))).order_by(
    TermRow.id
)


def insert_terms(
    connection: Connection, database: Database, drafts: Sequence[TermDraft], *, created_by: str
) -> tuple[Term, ...]:
    """The terms of drafts, in the same order; those that are there already stay as they are.

    A draft with an ontology id is the term with that id; one without is a term with its name and organism.

    Raises:
        InputError: A name is empty, or the registry unknown.
        NotFoundError: ``parent-missing``: a parent is neither registered, nor a draft, nor among the ancestors.
        ConflictError: ``hierarchy-cycle``.
    """
    for draft in drafts:
        _check(draft)
    known = _read_known(connection, drafts)
    new: dict[str, TermDraft] = {}
    user_id = get_or_insert_user(connection, created_by) if drafts else 0
    now = database.clock()
    for draft in sorted(drafts, key=lambda draft: draft.ontology_id is None):
        if identify(draft) not in known:
            term = _build_term(draft, created_by, now)
            new[term.uid] = draft
            for identity in _list_identities(term):
                known.setdefault(identity, term)
    terms = [known[identify(draft)] for draft in drafts]
    _insert_new(connection, database, {term.uid: (term, new[term.uid]) for term in terms if term.uid in new}, user_id)
    return tuple(terms)


def find_all(connection: Connection, drafts: Sequence[TermDraft]) -> tuple[Term, ...] | None:
    """The terms of drafts when all of them are there already, else None."""
    known = _read_known(connection, drafts)
    terms = [known.get(identify(draft)) for draft in drafts]
    return None if None in terms else tuple(term for term in terms if term is not None)


def identify(term: TermDraft | Term) -> Identity:
    """What makes two drafts the same term."""
    if term.ontology_id is not None:
        return (term.registry, term.ontology_id, None, True)
    return (term.registry, term.name, term.organism, False)


def write_names(connection: Connection, terms: Mapping[int, Term]) -> None:
    """Write every text that means the terms, by the ids of their rows."""
    rows = [
        {"registry": term.registry, "folded": folded, "term_id": id_, "rank": rank}
        for id_, term in terms.items()
        for folded, rank in _rank_names(term).items()
    ]
    if rows:
        connection.execute(_INSERT_NAME, rows)


def _rank_names(term: Term) -> dict[str, int]:
    ranked = (
        (NAME_RANK, (term.name,)),
        (IDENTIFIER_RANK, list_identifiers(term)),
        (SYNONYM_RANK, term.synonyms),
    )
    names: dict[str, int] = {}
    for rank, texts in ranked:
        for text in texts:
            names.setdefault(text.casefold(), rank)
    return names


def _check(draft: TermDraft) -> None:
    if draft.registry not in REGISTRIES:
        raise InputError(
            "registry-unknown",
            f"{draft.registry!r} is not a registry.",
            hint=f"There are: {', '.join(REGISTRIES)}.",
            where=draft.registry,
        )
    if not draft.name.strip():
        raise InputError("term-name-empty", f"A {draft.registry} needs a name.", where=draft.ontology_id)


def _read_known(connection: Connection, drafts: Iterable[TermDraft]) -> dict[Identity, Term]:
    """The terms that are there, by every identity that a draft of them may have."""
    ids: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.ontology_id is None:
            names.setdefault(draft.registry, set()).add(draft.name)
        else:
            ids.setdefault(draft.registry, set()).add(draft.ontology_id)
    known: dict[Identity, Term] = {}
    for statement, wanted in ((_SELECT_BY_ID, ids), (_SELECT_BY_NAME, names)):
        for registry, texts in wanted.items():
            for chunk in batched(sorted(texts), CHUNK):
                for term in read_terms(connection, statement, {"registry": registry, "texts": chunk}):
                    for identity in _list_identities(term):
                        known.setdefault(identity, term)
    return known


def _list_identities(term: Term) -> tuple[Identity, ...]:
    return (identify(term), (term.registry, term.name, term.organism, False))


def _build_term(draft: TermDraft, created_by: str, now: datetime) -> Term:
    return Term(
        uid=build_family(),
        registry=draft.registry,
        name=draft.name,
        ontology_id=draft.ontology_id,
        synonyms=tuple(dict.fromkeys(text for text in draft.synonyms if text and text != draft.name)),
        description=draft.description,
        source=draft.source,
        organism=draft.organism,
        attributes=dict(draft.attributes),
        parent_ids=tuple(sorted(set(draft.parent_ids))),
        created_at=now,
        created_by=created_by,
    )


def _insert_new(
    connection: Connection, database: Database, new: Mapping[str, tuple[Term, TermDraft]], user_id: int
) -> None:
    if not new:
        return
    closed = _close(connection, {term.key: draft for term, draft in new.values()})
    connection.execute(_INSERT_TERM, [_build_row(term, user_id) for term, _ in new.values()])
    ids = {row.uid: row.id for chunk in batched(new, CHUNK) for row in connection.execute(_SELECT_IDS, {"uids": chunk})}
    write_names(connection, {ids[uid]: term for uid, (term, _) in new.items()})
    write_parents(connection, {ids[uid]: term.parent_ids for uid, (term, _) in new.items()})
    write_ancestors(connection, {ids[uid]: closed[term.key] for uid, (term, _) in new.items()})
    below_others = [ids[uid] for uid, (term, _) in new.items() if len(closed[term.key]) > 1]
    if hand_down(connection, below_others, min(ids.values())):
        database.mark_terms(connection)


def _close(connection: Connection, drafts: Mapping[str, TermDraft]) -> dict[str, frozenset[str]]:
    """What is above the drafts, by their keys."""
    reached = {key: {*draft.parent_ids, *draft.ancestor_ids} for key, draft in drafts.items()}
    above = read_above(connection, set().union(*reached.values()) - drafts.keys())
    known = above.keys() | drafts.keys()
    for draft in drafts.values():
        unknown = set(draft.parent_ids).difference(draft.ancestor_ids, known) if draft.parent_ids else ()
        if unknown:
            raise build_parent_missing(draft.registry, draft.name, min(unknown))
    return close_hierarchy(reached, above)


def _build_row(term: Term, user_id: int) -> dict[str, object]:
    return {
        "uid": term.uid,
        "registry": term.registry,
        "name": term.name,
        "ontology_id": term.ontology_id,
        "synonyms": list(term.synonyms),
        "description": term.description,
        "source": term.source,
        "organism": term.organism,
        "attributes": dict(term.attributes),
        "created_at": term.created_at,
        "created_by_id": user_id,
    }
