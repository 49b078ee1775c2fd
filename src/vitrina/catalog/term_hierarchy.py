"""The hierarchy of terms: which keys are above which, also when terms between them are not registered.

A key is an ontology id, or the uid of a term without one. A term keeps the keys of everything above it, so nothing
needs to be followed when it is searched for.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import batched
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, insert, select
from sqlalchemy.orm import aliased

from vitrina.catalog.tables import AncestorRow, ParentRow, TermRow
from vitrina.catalog.term_read import CHUNK, TERM_KEY
from vitrina.errors import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sqlalchemy import Connection

    from vitrina.model.term import Term

type Outside = Callable[[str], Collection[str] | None]
"""Gives what is above a key that is not registered; None for a key that is unknown there too."""

_SELECT_ABOVE = (
    select(TERM_KEY.label("key"), AncestorRow.ancestor_key)
    .join_from(TermRow, AncestorRow, AncestorRow.term_id == TermRow.id)
    .where(TermRow.ontology_id.in_(bindparam("keys", expanding=True)))
    .union_all(
        select(TermRow.uid, AncestorRow.ancestor_key)
        .join_from(TermRow, AncestorRow, AncestorRow.term_id == TermRow.id)
        .where(TermRow.uid.in_(bindparam("keys", expanding=True)), TermRow.ontology_id.is_(None))
    )
)
_SELECT_BELOW = (
    select(TermRow.id, TERM_KEY.label("key"))
    .join(AncestorRow, AncestorRow.term_id == TermRow.id)
    .where(TermRow.registry_name == bindparam("registry"), AncestorRow.ancestor_key == bindparam("key"))
)
_SELECT_PARENT_KEYS = select(ParentRow.term_id, ParentRow.parent_key).where(
    ParentRow.term_id.in_(bindparam("ids", expanding=True))
)
_DELETE_ANCESTORS = delete(AncestorRow).where(AncestorRow.term_id.in_(bindparam("ids", expanding=True)))
_DELETE_PARENTS = delete(ParentRow).where(ParentRow.term_id == bindparam("id"))
INSERT_ANCESTORS = insert(AncestorRow)
INSERT_PARENTS = insert(ParentRow)

_ABOVE, _BELOW, _THERE = aliased(AncestorRow), aliased(AncestorRow), aliased(AncestorRow)
_HAND_DOWN = (
    insert(AncestorRow)
    .from_select(
        ["ancestor_key", "term_id"],
        select(_ABOVE.ancestor_key, _BELOW.term_id)
        .select_from(TermRow)
        .join(_ABOVE, _ABOVE.term_id == TermRow.id)
        .join(_BELOW, _BELOW.ancestor_key == TERM_KEY)
        .where(
            TermRow.id.in_(bindparam("ids", expanding=True)),
            _BELOW.term_id < bindparam("first"),
            ~exists().where(_THERE.ancestor_key == _ABOVE.ancestor_key, _THERE.term_id == _BELOW.term_id),
        )
        .distinct(),
    )
    .execution_options(preserve_rowcount=True)
)


def close_hierarchy(
    parents: Mapping[str, Collection[str]], above: Mapping[str, Collection[str]]
) -> dict[str, frozenset[str]]:
    """Per key everything above it, and itself. Pure.

    Args:
        parents: The keys to be closed, with keys directly above them or further up.
        above: What is above keys that are closed already.

    Raises:
        ConflictError: ``hierarchy-cycle``: a key would be above itself.
    """
    graph = {key: [parent for parent in keys if parent in parents] for key, keys in parents.items()}
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as err:
        chain = " -> ".join(reversed(err.args[1]))
        raise ConflictError("hierarchy-cycle", f"A term cannot be above itself: {chain}.") from err
    closed: dict[str, frozenset[str]] = {}
    for key in order:
        further = (closed.get(parent) or above.get(parent, ()) for parent in parents[key])
        closed[key] = frozenset((key, *parents[key])).union(*further)
        if any(key in above.get(parent, ()) for parent in parents[key]):
            raise ConflictError("hierarchy-cycle", f"A term cannot be above itself: {key}.", where=key)
    return closed


def read_above(connection: Connection, keys: Collection[str]) -> dict[str, set[str]]:
    """What is above those of the keys that are registered, and themselves."""
    above: dict[str, set[str]] = {}
    for chunk in batched(keys, CHUNK):
        for row in connection.execute(_SELECT_ABOVE, {"keys": chunk}):
            above.setdefault(row.key, set()).add(row.ancestor_key)
    return above


def hand_down(connection: Connection, ids: Collection[int], first: int) -> bool:
    """Give what is above new terms to the terms that were registered below them before; whether there was any.

    Args:
        connection: The transaction.
        ids: Of new terms that are below others.
        first: The lowest id of all new terms, which are complete already.
    """
    n_rows = 0
    for chunk in batched(ids, CHUNK):
        n_rows += connection.execute(_HAND_DOWN, {"ids": chunk, "first": first}).rowcount
    return n_rows > 0


def replace_parents(connection: Connection, term: Term, parent_keys: Collection[str], list_outside: Outside) -> bool:
    """Put a term below other parents, with all that is below it; whether anything changed.

    Args:
        connection: The transaction.
        term: A registered term.
        parent_keys: All its parents from now on.
        list_outside: What is above a key that is not registered; None when the key is unknown.

    Raises:
        NotFoundError: ``parent-missing``.
        ConflictError: ``hierarchy-cycle``: one of the parents is below the term.
    """
    below = connection.execute(_SELECT_BELOW, {"registry": term.registry, "key": term.key})
    affected = {row.key: row.id for row in below}
    parents = _read_parent_keys(connection, affected)
    if parents[term.key] == set(parent_keys):
        return False
    parents[term.key] = set(parent_keys)
    closed = _close_again(connection, parents, list_outside, term)
    own_id = affected[term.key]
    connection.execute(_DELETE_PARENTS, {"id": own_id})
    write_parents(connection, {own_id: parent_keys})
    for chunk in batched(affected.values(), CHUNK):
        connection.execute(_DELETE_ANCESTORS, {"ids": chunk})
    write_ancestors(connection, {affected[own]: keys for own, keys in closed.items()})
    return True


def write_parents(connection: Connection, parents: Mapping[int, Collection[str]]) -> None:
    """Write the direct parents of terms that have none yet."""
    rows = [{"term_id": id_, "parent_key": key} for id_, keys in parents.items() for key in sorted(set(keys))]
    if rows:
        connection.execute(INSERT_PARENTS, rows)


def write_ancestors(connection: Connection, closed: Mapping[int, Collection[str]]) -> None:
    """Write what is above terms that have nothing yet."""
    rows = [{"ancestor_key": key, "term_id": id_} for id_, keys in closed.items() for key in sorted(keys)]
    if rows:
        connection.execute(INSERT_ANCESTORS, rows)


def build_parent_missing(registry: str, name: str, parent_key: str) -> NotFoundError:
    """The error for a parent that nobody knows."""
    return NotFoundError(
        "parent-missing",
        f"{registry} {name!r} has a parent {parent_key!r} that is not registered.",
        hint="Save the parent first.",
        where=parent_key,
    )


def _close_again(
    connection: Connection, parents: Mapping[str, Collection[str]], list_outside: Outside, term: Term
) -> dict[str, frozenset[str]]:
    """What is above terms whose parents changed, some of which may not be registered."""
    used = {parent for keys in parents.values() for parent in keys} - parents.keys()
    above = read_above(connection, used)
    outside: dict[str, set[str]] = {}
    for parent in used - above.keys():
        found = list_outside(parent)
        if found is None and parent in parents[term.key]:
            raise build_parent_missing(term.registry, term.name, parent)
        outside[parent] = set(found or ())
    above |= read_above(connection, set().union(*outside.values()) - parents.keys() - above.keys())
    reached = {key: {*keys}.union(*(outside.get(parent, ()) for parent in keys)) for key, keys in parents.items()}
    return close_hierarchy(reached, above)


def _read_parent_keys(connection: Connection, affected: Mapping[str, int]) -> dict[str, set[str]]:
    by_id = {id_: key for key, id_ in affected.items()}
    parents: dict[str, set[str]] = {key: set() for key in affected}
    for chunk in batched(by_id, CHUNK):
        for row in connection.execute(_SELECT_PARENT_KEYS, {"ids": chunk}):
            parents[by_id[row.term_id]].add(row.parent_key)
    return parents
