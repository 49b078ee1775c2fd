"""Terms: what texts mean, in the registries of the instance and in the reference ontologies together."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES
from vitrina.model.resolution import Resolution
from vitrina.model.term import Term, TermDraft

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vitrina.model.resolution import MatchedBy
    from vitrina.verbs.instance import Instance

MAX_PROPOSED = 50
"""Unknown values that get proposals; each costs a comparison with every name of the registry."""

N_PROPOSALS = 3

NAME_FIELDS = ("name", "symbol")

_MATCHES: tuple[MatchedBy, ...] = ("name", "identifier", "synonym", "case", "identifier", "synonym")
"""How a value fits a term, the best way first; the last three without regard to case."""


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
        organism: Only terms of this organism and those of none; None for all.
    """
    wanted = list(dict.fromkeys(values))
    found: dict[str, Term | TermDraft] = {}
    matches: dict[str, int] = {}
    for candidates in _find_candidates(instance, registry, wanted, field, organism):
        for value, terms in candidates.items():
            for term in terms:
                match = match_term(value, term)
                if match is not None and match < matches.get(value, len(_MATCHES)):
                    found[value], matches[value] = term, match
    unknown = [value for value in wanted if value not in found]
    proposals = suggest_names(instance, registry, unknown[:MAX_PROPOSED]) if field in NAME_FIELDS else {}
    return {
        value: Resolution(
            value=value,
            term=found[value],
            standard=get_field(found[value], field),
            matched_by=_MATCHES[matches[value]],
        )
        if value in found
        else Resolution(value=value, proposals=proposals.get(value, ()))
        for value in wanted
    }


def match_term(value: str, term: Term | TermDraft) -> int | None:
    """How well a value fits a term, 0 best, None when it does not."""
    identifiers = list_identifiers(term)
    if value == term.name:
        return 0
    if value in identifiers:
        return 1
    if value in term.synonyms:
        return 2
    folded = value.casefold()
    if folded == term.name.casefold():
        return 3
    if folded in {identifier.casefold() for identifier in identifiers}:
        return 4
    return 5 if folded in {synonym.casefold() for synonym in term.synonyms} else None


def list_identifiers(term: Term | TermDraft) -> tuple[str, ...]:
    """What else than its name and synonyms says which term it is: ids and key attributes."""
    key_fields = REGISTRIES[term.registry].key_fields
    keys = (get_field(term, field) for field in ("ontology_id", "uid", *key_fields))
    return tuple(dict.fromkeys(key for key in keys if key))


def get_field(term: Term | TermDraft, field: str) -> str | None:
    """The value of a field: ``name``, ``ontology_id``, ``uid`` or an attribute such as ``symbol``; None without one."""
    if field == "name":
        return term.name
    if field == "ontology_id":
        return term.ontology_id
    if field == "uid":
        return term.uid if isinstance(term, Term) else None
    return term.attributes.get(field)


def suggest_names(instance: Instance, registry: str, values: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The names that look most like each value, of registered terms and the reference, at most three each."""
    from rapidfuzz import process

    registered = instance.catalog.terms.list_names(registry)
    suggested = {}
    for value in values:
        near = [name for name, *_ in process.extract(value, registered, limit=N_PROPOSALS, score_cutoff=80)]
        if REGISTRIES[registry].has_reference:
            near += instance.reference.suggest(registry, value, limit=N_PROPOSALS)
        suggested[value] = tuple(dict.fromkeys(near))[:N_PROPOSALS]
    return suggested


def register_terms(instance: Instance, terms: Sequence[Term | TermDraft]) -> tuple[Term, ...]:
    """Registered terms for terms of the reference or a user's own, in the same order; those that are there stay."""
    drafts = [term for term in terms if isinstance(term, TermDraft)]
    added = iter(instance.catalog.terms.add(drafts, created_by=getpass.getuser()) if drafts else ())
    return tuple(next(added) if isinstance(term, TermDraft) else term for term in terms)


def _find_candidates(
    instance: Instance, registry: str, values: Sequence[str], field: str, organism: str | None
) -> Iterable[Mapping[str, Sequence[Term | TermDraft]]]:
    """Registered terms first, then those of the reference: by the field itself, then by whatever else may be meant."""
    registered = instance.catalog.terms.find_by_names(registry, values, organism=organism)
    yield registered
    if not REGISTRIES[registry].has_reference:
        return
    exact = {value for value, terms in registered.items() if any(get_field(term, field) == value for term in terms)}
    open_values = [value for value in values if value not in exact]
    fields = [field, *(other for other in ("name", *REGISTRIES[registry].key_fields) if other != field)]
    for asked in fields:
        if not open_values or asked == "uid":
            continue
        drafts = instance.reference.find_terms(registry, open_values, field=asked, organism=organism)
        yield drafts
        open_values = [value for value in open_values if not drafts.get(value)]
