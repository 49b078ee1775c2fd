"""How well a text fits a term. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES
from vitrina.model.term import Term, TermDraft

if TYPE_CHECKING:
    from vitrina.model.resolution import MatchedBy

MATCHES: tuple[MatchedBy, ...] = ("name", "identifier", "synonym", "case", "identifier", "synonym")
"""The ways in which a text fits a term, the best first; those from the fourth on without regard to case."""


def match_term(value: str, term: Term | TermDraft) -> int | None:
    """The place in MATCHES of how a text fits a term; None when it does not.

    Letter by letter wins over another case, a name over an identifier, an identifier over a synonym.
    """
    identifiers = list_identifiers(term)
    texts: tuple[Iterable[str], ...] = ((term.name,), identifiers, term.synonyms)
    for place, exact in enumerate(texts):
        if value in exact:
            return place
    folded = value.casefold()
    for place, other in enumerate(texts, len(texts)):
        if any(folded == text.casefold() for text in other):
            return place
    return None


def list_identifiers(term: Term | TermDraft) -> tuple[str, ...]:
    """What else than its name and synonyms says which term it is: its ontology id and key attributes."""
    fields = ("ontology_id", *REGISTRIES[term.registry].key_fields)
    return tuple(dict.fromkeys(text for field in fields if (text := get_field(term, field)) and text != term.name))


def get_field(term: Term | TermDraft, field: str) -> str | None:
    """The value of a field: ``name``, ``ontology_id``, ``uid`` or an attribute such as ``symbol``; None without one."""
    if field == "name":
        return term.name
    if field == "ontology_id":
        return term.ontology_id
    if field == "uid":
        return term.uid if isinstance(term, Term) else None
    return term.attributes.get(field)
