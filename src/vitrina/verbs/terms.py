"""Terms: what texts mean, in the registries of the instance and in the reference ontologies together."""

from __future__ import annotations

import getpass
from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.errors import InputError, NotFoundError
from vitrina.model.registry import REGISTRIES
from vitrina.model.resolution import Resolution
from vitrina.model.term import Term, TermDraft
from vitrina.model.term_match import MATCHES, get_field, match_term
from vitrina.ontology.organisms import get_short_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vitrina.model.page import Page
    from vitrina.model.resolution import MatchedBy
    from vitrina.verbs.instance import Instance

MAX_PROPOSED = 50
"""Unknown values that get proposals; each costs a comparison with every name of the registry."""

N_PROPOSALS = 3
MIN_SIMILARITY = 75
"""Of 100, for a registered name to be proposed in place of an unknown value."""

NAME_FIELDS = ("name", "symbol")

EXACTLY = -1
"""Before all places in MATCHES: the value is the field that was asked for."""


def resolve_values(
    instance: Instance,
    registry: str,
    values: Iterable[str],
    *,
    field: str = "name",
    organism: str | None = None,
) -> dict[str, Resolution]:
    """What each value means. The number of SQL statements does not grow with the number of values, up to 10,000.

    Letter-by-letter matches win over those in another case, names over identifiers over synonyms, registered terms
    over those of the reference. A value that means a term by a name, an identifier or a synonym other than ``field``
    has that term all the same; ``Resolution.is_valid`` says whether it is the field itself.

    Args:
        instance: Whose registries, and whose reference.
        registry: Class name, such as ``Tissue``.
        values: Texts, in any number; each distinct one is in the answer once.
        field: What the values should be: ``name``, ``ontology_id``, ``symbol``, ``ensembl_gene_id`` or ``uid``.
        organism: Only terms of this organism, by any of its names, and those of none; None for all.
    """
    wanted = list(dict.fromkeys(values))
    found: dict[str, dict[str, Term | TermDraft]] = {}
    places: dict[str, int] = {}
    short_name = None if organism is None else get_short_name(organism)
    for candidates in _find_candidates(instance, registry, wanted, field, short_name):
        for value, terms in candidates.items():
            for term in terms:
                place = _get_place(value, term, field)
                if place < places.get(value, len(MATCHES) + 1):
                    found[value], places[value] = {}, place
                if place == places[value]:
                    found[value].setdefault(_get_key(term), term)
    unknown = [value for value in wanted if value not in found]
    proposals = suggest_names(instance, registry, unknown[:MAX_PROPOSED]) if field in NAME_FIELDS else {}
    return {
        value: _build_resolution(value, list(found[value].values()), field, places[value])
        if value in found
        else Resolution(value=value, proposals=proposals.get(value, ()))
        for value in wanted
    }


def suggest_names(instance: Instance, registry: str, values: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The names that look most like each value, of registered terms and the reference, at most three each."""
    if not values:
        return {}
    from rapidfuzz import fuzz, process, utils

    registered = instance.catalog.terms.list_names(registry)
    suggested = {}
    for value in values:
        near = [
            name
            for name, *_ in process.extract(
                value,
                registered,
                scorer=fuzz.ratio,
                processor=utils.default_process,
                limit=N_PROPOSALS,
                score_cutoff=MIN_SIMILARITY,
            )
        ]
        if REGISTRIES[registry].has_reference:
            near += instance.reference.suggest(registry, value, limit=N_PROPOSALS)
        suggested[value] = tuple(dict.fromkeys(near))[:N_PROPOSALS]
    return suggested


def add_terms(instance: Instance, terms: Sequence[Term | TermDraft]) -> tuple[Term, ...]:
    """Registered terms for drafts, in the same order; those that are registered already stay as they are.

    A draft with an ontology id that the reference knows gets its place in the hierarchy from there, and whatever else
    the draft does not say.

    Raises:
        InputError: A name is empty.
        NotFoundError: A parent is neither registered nor known to the reference.
        ConflictError: The parents form a circle.
    """
    drafts = [term for term in terms if isinstance(term, TermDraft)]
    completed = _complete(instance, drafts)
    added = iter(instance.catalog.terms.add(completed, created_by=getpass.getuser()) if drafts else ())
    return tuple(next(added) if isinstance(term, TermDraft) else term for term in terms)


def get_term(instance: Instance, registry: str, ref: str) -> Term:
    """The registered term with a uid, a name, an ontology id or a synonym.

    Raises:
        NotFoundError: ``term-missing``, with what the reference or similar names offer; or ``term-ambiguous``.
    """
    try:
        return instance.catalog.terms.get(registry, ref)
    except NotFoundError as err:
        if err.code != "term-missing":
            raise
        resolution = resolve_values(instance, registry, [ref])[ref]
        hint = build_proposal(resolution.proposals)
        if resolution.term is not None:
            hint = f"The reference has it: {registry}.from_source(name={resolution.term.name!r}).save()."
        raise NotFoundError(err.code, err.message, hint=hint, where=ref) from err


def find_terms(
    instance: Instance,
    registry: str,
    text: str = "",
    *,
    where: Mapping[str, object] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Term]:
    """A page of registered terms; see ``Terms.find``.

    Raises:
        InputError: An unknown field or lookup, an impossible value, limit or cursor.
    """
    return instance.catalog.terms.find(registry, text=text, where=where, limit=limit, cursor=cursor)


def get_reference_term(
    instance: Instance, registry: str, value: str, *, field: str = "name", organism: str | None = None
) -> TermDraft:
    """The term of the reference that a value means.

    Raises:
        InputError: ``registry-without-reference``: no ontology knows terms of the registry.
        NotFoundError: ``term-missing``, with the nearest names; ``term-ambiguous`` when several fit.
    """
    if not REGISTRIES[registry].has_reference:
        raise InputError(
            "registry-without-reference",
            f"{registry} has no reference: all of its terms are the users' own.",
            hint=f"Make it: {registry}(name={value!r}).save().",
        )
    found = instance.reference.find_terms(registry, [value], field=field, organism=organism).get(value, ())
    if not found:
        near = instance.reference.suggest(registry, value, limit=N_PROPOSALS) if field in NAME_FIELDS else ()
        raise NotFoundError(
            "term-missing",
            f"The reference has no {registry} with the {field} {value!r}.",
            hint=build_proposal(near),
            where=value,
        )
    if len(found) > 1:
        listed = ", ".join(
            f"{term.ontology_id} ({term.name}{f', {term.organism}' if term.organism else ''})" for term in found
        )
        raise NotFoundError(
            "term-ambiguous",
            f"{value!r} is more than one {registry}.",
            hint=f"Name one by its id: {listed}.",
            where=value,
        )
    return found[0]


def update_term(
    instance: Instance,
    term: Term,
    *,
    name: str | None = None,
    synonyms: Sequence[str] | None = None,
    description: str | None = None,
) -> Term:
    """The term with another name, other synonyms or another description; None leaves them as they are.

    Raises:
        ConflictError: Another term has the name.
        InputError: The name is empty.
    """
    return instance.catalog.terms.update(term.uid, name=name, synonyms=synonyms, description=description)


def delete_term(instance: Instance, term: Term) -> None:
    """Take a term that nothing uses out of its registry.

    Raises:
        ConflictError: Artifacts are labelled with it, or terms are below it.
    """
    instance.catalog.terms.delete(term.uid)


def build_proposal(names: Iterable[str]) -> str | None:
    """The hint that names are perhaps what was meant; None without any."""
    quoted = [repr(name) for name in names]
    return f"Did you mean {' or '.join(quoted)}?" if quoted else None


def _find_candidates(
    instance: Instance, registry: str, values: Sequence[str], field: str, organism: str | None
) -> Iterable[Mapping[str, Sequence[Term | TermDraft]]]:
    """Registered terms first, then those of the reference: by the field itself, then by whatever else may be meant."""
    registered = instance.catalog.terms.find_by_names(registry, values, organism=organism)
    yield registered
    if not REGISTRIES[registry].has_reference:
        return
    exact = {value for value, terms in registered.items() if any(get_field(term, field) == value for term in terms)}
    asked = [value for value in values if value not in exact]
    for by in dict.fromkeys((field, "name", "ontology_id")):
        if asked and by != "uid":
            drafts = instance.reference.find_terms(registry, asked, field=by, organism=organism)
            yield drafts
            asked = [value for value in asked if value not in drafts]


def _get_place(value: str, term: Term | TermDraft, field: str) -> int:
    """How well a value fits a term: the field that was asked for first; what only the reference understands last."""
    if get_field(term, field) == value:
        return EXACTLY
    place = match_term(value, term)
    return len(MATCHES) if place is None else place


def _get_key(term: Term | TermDraft) -> str:
    """A registered term is the one of the reference with the same id."""
    return term.ontology_id or (term.uid if isinstance(term, Term) else term.name)


def _build_resolution(value: str, terms: Sequence[Term | TermDraft], field: str, place: int) -> Resolution:
    term = terms[0]
    if place == EXACTLY:
        matched_by: MatchedBy = "name" if value == term.name else "identifier"
    else:
        matched_by = MATCHES[place] if place < len(MATCHES) else "synonym"
    return Resolution(
        value=value,
        term=term,
        standard=get_field(term, field),
        matched_by=matched_by,
        alternatives=tuple(terms[1:]),
    )


def _complete(instance: Instance, drafts: Sequence[TermDraft]) -> list[TermDraft]:
    """Drafts with what the reference knows of them, and with their parents registered by key."""
    wanted: dict[str, list[str]] = {}
    for draft in drafts:
        if draft.ontology_id is not None and not draft.ancestor_ids and REGISTRIES[draft.registry].has_reference:
            wanted.setdefault(draft.registry, []).append(draft.ontology_id)
    known = {
        (registry, id_): terms[0]
        for registry, ids in wanted.items()
        for id_, terms in instance.reference.find_terms(registry, ids, field="ontology_id").items()
    }
    return [_fill(draft, known.get((draft.registry, draft.ontology_id or ""))) for draft in drafts]


def _fill(draft: TermDraft, known: TermDraft | None) -> TermDraft:
    if known is None:
        return draft
    return replace(
        draft,
        ontology_id=known.ontology_id,
        synonyms=draft.synonyms or tuple(text for text in (known.name, *known.synonyms) if text != draft.name),
        description=draft.description or known.description,
        source=draft.source or known.source,
        organism=draft.organism or known.organism,
        attributes={**known.attributes, **draft.attributes},
        parent_ids=tuple(dict.fromkeys((*known.parent_ids, *draft.parent_ids))),
        ancestor_ids=known.ancestor_ids,
    )
