"""Terms above and below a term: those of the reference, and the instance's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from vitrina.errors import NotFoundError
from vitrina.model.registry import REGISTRIES
from vitrina.model.term import Term, TermDraft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from vitrina.verbs.instance import Instance

type Relation = Literal["parents", "children", "ancestors", "descendants"]


def list_related(instance: Instance, term: Term | TermDraft, relation: Relation) -> tuple[Term | TermDraft, ...]:
    """The terms directly or anywhere above or below a term, by name; registered ones as such, others as drafts."""
    drafts = _list_in_reference(instance, term, relation)
    if relation in ("children", "descendants"):
        key = term.key if isinstance(term, Term) else term.ontology_id
        only_children = relation == "children"
        own = instance.catalog.terms.find_below(term.registry, key, only_children=only_children) if key else ()
        return _merge(own, drafts)
    if isinstance(term, TermDraft):
        return _merge((), drafts)
    keys = frozenset(term.parent_ids) if relation == "parents" else instance.catalog.terms.list_keys_above(term.uid)
    registered = instance.catalog.terms.find_by_keys(term.registry, keys)
    missing = keys - {one.key for one in registered}
    return _merge(registered, _get_from_reference(instance, term.registry, missing))


def set_parents(instance: Instance, term: Term, parents: Iterable[Term]) -> Term:
    """The term below other parents than before; what is below it moves along.

    Raises:
        ConflictError: A parent is below the term.
    """

    def list_outside(key: str) -> Collection[str] | None:
        found = _get_from_reference(instance, term.registry, [key])
        return found[0].ancestor_ids if found else None

    return instance.catalog.terms.set_parents(term.uid, [parent.key for parent in parents], list_outside=list_outside)


def _list_in_reference(instance: Instance, term: Term | TermDraft, relation: Relation) -> tuple[TermDraft, ...]:
    if term.ontology_id is None or not REGISTRIES[term.registry].has_reference:
        return ()
    reference = instance.reference
    find = {
        "parents": reference.list_parents,
        "children": reference.list_children,
        "ancestors": reference.list_ancestors,
        "descendants": reference.list_descendants,
    }[relation]
    try:
        return find(term.registry, term.ontology_id)
    except NotFoundError:  # a term of the instance's own
        return ()


def _get_from_reference(instance: Instance, registry: str, ids: Collection[str]) -> tuple[TermDraft, ...]:
    if not ids or not REGISTRIES[registry].has_reference:
        return ()
    found = instance.reference.find_terms(registry, ids, field="ontology_id")
    return tuple(terms[0] for terms in found.values())


def _merge(registered: Iterable[Term], drafts: Iterable[TermDraft]) -> tuple[Term | TermDraft, ...]:
    """All of them once, by name."""
    by_key: dict[str, Term | TermDraft] = {term.key: term for term in registered}
    for draft in drafts:
        by_key.setdefault(draft.ontology_id or draft.name, draft)
    return tuple(sorted(by_key.values(), key=lambda term: term.name.casefold()))
