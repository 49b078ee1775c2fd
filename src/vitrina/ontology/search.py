"""Search the words of a library."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES
from vitrina.ontology.hierarchy import Hierarchy
from vitrina.ontology.rank import build_loose_query, build_queries

if TYPE_CHECKING:
    from vitrina.model.term import TermDraft
    from vitrina.ontology.file import OntologyFile
    from vitrina.ontology.library import Library

N_SEARCHED = 200
"""Answers of a file that are put in order; only a text of very common words has more."""


def search_library(library: Library, text: str, *, registry: str | None, limit: int) -> list[TermDraft]:
    """Terms that a text may mean, without ancestors and in no order that counts.

    Those whose name, synonym or id it is, whatever its case; then those with all its words. Genes come by whole symbols
    and, where their registry is asked for, by how symbols begin.

    Args:
        library: Where to look.
        text: As a user typed it.
        registry: None for all.
        limit: With so many terms no looser way of searching is tried.
    """
    registries = [registry] if registry else [name for name, item in REGISTRIES.items() if item.has_reference]
    found = [term for name in registries for term in _find_exact(library, text.strip(), name)]
    if registry == "Gene":
        return found + library.gather(partial(_search_prefix, start=text.strip()))
    for query in build_queries(text):
        if len(found) < limit:
            found += library.gather(partial(_search_words, query=query, registry=registry))
    return found


def search_any_word(library: Library, text: str, *, registry: str) -> list[TermDraft]:
    """Terms with at least one word that begins like one of the text, the best first, without ancestors."""
    query = build_loose_query(text)
    return library.gather(partial(_search_words, query=query, registry=registry)) if query else []


def _find_exact(library: Library, text: str, registry: str) -> list[TermDraft]:
    hierarchy = Hierarchy({})
    return library.gather(
        lambda file: [
            match.term
            for match in (
                *file.find_terms(registry, [text], hierarchy, by="name"),
                *file.find_terms(registry, [text, text.replace("_", ":")], hierarchy, by="id"),
            )
        ]
    )


def _search_words(file: OntologyFile, query: str, registry: str | None) -> list[TermDraft]:
    return file.search_words(query, registry=registry, limit=N_SEARCHED)


def _search_prefix(file: OntologyFile, start: str) -> list[TermDraft]:
    return file.search_prefix(start, registry="Gene", limit=N_SEARCHED)
