"""Bring the terms of LaminDB's registries: those that label something, and those that no reference knows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError
from vitrina.lamindb.drafts import build_term_draft
from vitrina.lamindb.registries import LABELS, map_registries
from vitrina.lamindb.terms import list_registries, read_terms, read_used
from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vitrina.lamindb.records import LaminTerm
    from vitrina.model.term import TermDraft
    from vitrina.verbs.import_move import Move

type _References = Mapping[str, TermDraft]
"""The reference's terms by ontology id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """A registry of LaminDB while it is brought: ours, all its terms, and what is known of them elsewhere."""

    registry: str
    terms: Mapping[int, LaminTerm]
    references: _References
    organisms: Mapping[int, str]


def bring_terms(move: Move) -> None:
    """Register the terms, parents before children, so that a child can be put below a parent without an ontology id."""
    registries = list_registries(move.database)
    terms = {registry.name: {term.id: term for term in read_terms(move.database, registry)} for registry in registries}
    move.registries = map_registries({name: found.values() for name, found in terms.items()})
    organisms = {id_: term.name for id_, term in terms.get("bionty.Organism", {}).items()}
    for registry in registries:
        found = terms[registry.name]
        own = move.registries[registry.name]
        if own == LABELS and registry.name != LABELS and found:
            message = f"{LABELS} takes the terms of this registry, which Vitrina does not have."
            move.tally.tell("registry-as-ulabel", "info", registry.name, message)
        references = _find_references(move, own, found.values())
        source = _Source(registry=own, terms=found, references=references, organisms=organisms)
        used = read_used(move.database, registry)
        wanted = {id_: term for id_, term in found.items() if id_ in used or term.ontology_id not in references}
        move.tally.count("term", found=len(found), known=len(found) - len(wanted))
        for level in _list_levels(wanted):
            _bring_level(move, level, source)


def _find_references(move: Move, registry: str, terms: Iterable[LaminTerm]) -> _References:
    ids = [term.ontology_id for term in terms if term.ontology_id]
    if not ids or not REGISTRIES[registry].has_reference:
        return {}
    found = move.instance.reference.find_terms(registry, ids, field="ontology_id")
    return {id_: drafts[0] for id_, drafts in found.items()}


def _list_levels(terms: Mapping[int, LaminTerm]) -> Iterator[list[LaminTerm]]:
    """The terms in groups, each after the groups that have its parents; those of a circle come together at the end."""
    left = dict(terms)
    while left:
        level = [term for term in left.values() if not any(id_ in left for id_ in term.parent_ids)] or [*left.values()]
        yield level
        for term in level:
            del left[term.id]


def _bring_level(move: Move, level: Sequence[LaminTerm], source: _Source) -> None:
    drafts = {term.id: _build_draft(move, term, source) for term in level}
    known = _count_known(move, source.registry, list(drafts.values()))
    move.tally.count("term", known=known, brought=len(drafts) - known)
    if move.is_dry_run:
        return
    by_author: defaultdict[str, list[int]] = defaultdict(list)
    for term in level:
        by_author[move.handles[term.created_by_id]].append(term.id)
    for author, ids in by_author.items():
        added = _add(move, [drafts[id_] for id_ in ids], author)
        move.terms.update(((level[0].registry, id_), uid) for id_, uid in zip(ids, added, strict=True))


def _build_draft(move: Move, term: LaminTerm, source: _Source) -> TermDraft:
    parents = [source.terms[id_] for id_ in term.parent_ids if id_ in source.terms]
    found = [parent.ontology_id or move.terms.get((term.registry, parent.id)) for parent in parents]
    keys = tuple(key for key in found if key)
    above = [source.references[key] for key in keys if key in source.references]
    return build_term_draft(
        term,
        registry=source.registry,
        parent_keys=keys,
        ancestor_keys=tuple(id_ for one in above for id_ in (one.ontology_id, *one.ancestor_ids) if id_),
        organism=source.organisms.get(term.organism_id or 0),
        reference=source.references.get(term.ontology_id or ""),
    )


def _count_known(move: Move, registry: str, drafts: Sequence[TermDraft]) -> int:
    catalog = move.instance.catalog
    with_id = [draft.ontology_id for draft in drafts if draft.ontology_id]
    known_ids = {term.ontology_id for term in catalog.terms.find_by_keys(registry, with_id)} if with_id else set()
    names = [draft.name for draft in drafts if not draft.ontology_id]
    found = catalog.terms.find_by_names(registry, names) if names else {}
    known_names = {term.name for terms in found.values() for term in terms}
    return sum(draft.ontology_id in known_ids if draft.ontology_id else draft.name in known_names for draft in drafts)


def _add(move: Move, drafts: Sequence[TermDraft], author: str) -> list[str]:
    try:
        return [term.uid for term in move.instance.catalog.terms.add(drafts, created_by=author)]
    except ConflictError as err:
        for draft in drafts:
            message = f"It comes without its parents: {err.message}"
            move.tally.tell("hierarchy-refused", "warning", f"{draft.registry} {draft.name}", message)
        alone = [replace(draft, parent_ids=(), ancestor_ids=()) for draft in drafts]
        return [term.uid for term in move.instance.catalog.terms.add(alone, created_by=author)]
