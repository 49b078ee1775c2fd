"""Ask the reference ontologies, and import own ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.errors import InputError, NotFoundError
from vitrina.model.ontology import OntologyImport
from vitrina.model.registry import REGISTRIES, find_registry, list_words
from vitrina.ontology.reference import Reference
from vitrina.ontology.typos import score_similar

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.ontology import OntologyRelease
    from vitrina.model.term import TermDraft
    from vitrina.verbs.instance import Instance

N_SEARCHED = 100
N_LISTED = 8
N_SUGGESTED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TermPage:
    """A term and what is around it.

    Attributes:
        term: With its ancestors.
        parents: By name.
        children: By name.
        n_ancestors: Terms above.
        n_descendants: Terms below.
    """

    term: TermDraft
    parents: tuple[TermDraft, ...]
    children: tuple[TermDraft, ...]
    n_ancestors: int
    n_descendants: int


def open_reference(named: str | None = None) -> Reference:
    """The reference of the instance, or, where there is none and none was named, the shipped ontologies alone.

    Raises:
        NotFoundError: The named instance does not exist.
    """
    from vitrina.verbs.connect import connect

    try:
        return connect(named).reference
    except NotFoundError:
        if named is not None:
            raise
        return Reference()


def get_registry_name(word: str) -> str:
    """The class name of a registry that has a reference, from any of its words, in any case.

    Raises:
        InputError: There is none.
    """
    from rapidfuzz import process

    words = {known.casefold(): known for known in list_words()}
    found = find_registry(words.get(word.casefold(), word))
    if found is None or not found.has_reference:
        named = [name for name, registry in REGISTRIES.items() if registry.has_reference]
        near = process.extractOne(word, named, score_cutoff=60)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise InputError(
            "registry-unknown",
            f"There are no ontologies of {word!r}.",
            hint=f"{hint}There are those of {', '.join(named)}.",
        )
    return found.name


def get_term_page(reference: Reference, text: str, *, registry: str | None = None) -> TermPage:
    """The term that a text names by id, name or synonym, with what is around it.

    Raises:
        NotFoundError: No term has it, or several have.
    """
    term = get_named_term(reference, text, registry=registry)
    key = term.ontology_id or ""
    return TermPage(
        term=term,
        parents=reference.list_parents(term.registry, key),
        children=reference.list_children(term.registry, key),
        n_ancestors=len(term.ancestor_ids),
        n_descendants=len(reference.list_descendants(term.registry, key)),
    )


def get_named_term(reference: Reference, text: str, *, registry: str | None = None) -> TermDraft:
    """The term that a text names: by id, else by name, else by a synonym.

    Raises:
        NotFoundError: No term has it, or several have.
    """
    wanted = text.strip().casefold()
    found = reference.search_terms(text, registry=registry, limit=N_SEARCHED)
    for list_texts in (_list_ids, _list_names, _list_synonyms):
        best = [term for term in found if wanted in {item.casefold() for item in list_texts(term)}]
        if len(best) == 1:
            return best[0]
        if best:
            raise NotFoundError(
                "term-ambiguous",
                f"{text!r} means {len(best)} terms.",
                hint=f"Name one by its id: {_list_terms(best)}.",
                where=text,
            )
    near = suggest_terms(reference, text, registry=registry)
    raise NotFoundError(
        "term-missing",
        f"No term is called {text!r}" + (f" in {registry}." if registry else "."),
        hint=f"Did you mean {_list_terms(near)}?" if near else "Search with `vitrina ontology search`.",
        where=text,
    )


def suggest_terms(reference: Reference, text: str, *, registry: str | None = None) -> list[TermDraft]:
    """The terms that look most like a text that names none, of each registry two at most."""
    registries = [registry] if registry else [name for name, item in REGISTRIES.items() if item.has_reference]
    near = [(name, similar) for name in registries for similar in reference.suggest(name, text, limit=2)]
    best = sorted(near, key=lambda pair: -score_similar(text, pair[1]))[:N_SUGGESTED]
    found = [reference.find_terms(name, [similar]).get(similar, ()) for name, similar in best]
    return [terms[0] for terms in found if terms]


def import_ontology(
    instance: Instance, path: Path, *, registry: str | None = None, name: str | None = None
) -> OntologyImport:
    """Add an ontology in OBO or OWL to the instance's reference; a release that was imported before is replaced.

    Args:
        instance: Whose reference; the shipped ontologies stay as they are, and its terms count before theirs.
        path: A file that ends in ``.obo`` or ``.owl``.
        registry: Class name; None for the one whose terms have such ids.
        name: Of the ontology; None for what the file calls itself, else the file's name.

    Raises:
        NotFoundError: There is no such file.
        UnreadableError: It is damaged, or holds no terms.
        InputError: It is neither OBO nor OWL, or the registry does not follow from it.
    """
    from vitrina.ontology.merge import merge_terms
    from vitrina.ontology.plan import plan_terms
    from vitrina.verbs.instance import OWN_ONTOLOGIES

    release = read_release(path)
    called = "-".join((name or release.name or path.stem).split())
    terms = plan_terms(release, registry=registry, name=called)
    merge_terms(instance.settings.folder / OWN_ONTOLOGIES, terms, name=called)
    return OntologyImport(
        registry=terms[0].registry,
        source=terms[0].source or called,
        added=len(terms),
        obsolete=sum(term.is_obsolete for term in terms),
        foreign=len(release.terms) - len(terms),
    )


def read_release(path: Path) -> OntologyRelease:
    """The ontology in a file, by its suffix. Raises as ``import_ontology``."""
    from vitrina.ontology.obo import read_obo
    from vitrina.ontology.owl import read_owl

    readers = {".obo": read_obo, ".owl": read_owl}
    if not path.is_file():
        raise NotFoundError("file-missing", f"There is no file {path}.", where=str(path))
    if path.suffix.lower() not in readers:
        raise InputError(
            "ontology-format-unknown",
            f"{path} ends neither in .obo nor in .owl.",
            hint="Unpack it first if it is compressed; rename it if it is one of them.",
            where=str(path),
        )
    return readers[path.suffix.lower()](path)


def _list_ids(term: TermDraft) -> tuple[str, ...]:
    """The id, and how it is written in addresses: ``UBERON_0002048``."""
    return (term.ontology_id, term.ontology_id.replace(":", "_")) if term.ontology_id else ()


def _list_names(term: TermDraft) -> tuple[str, ...]:
    return (term.name,)


def _list_synonyms(term: TermDraft) -> tuple[str, ...]:
    """Those of an obsolete term name nothing: what they mean has another term now."""
    return () if term.is_obsolete else term.synonyms


def _list_terms(terms: list[TermDraft]) -> str:
    names = [f"{term.ontology_id} ({term.organism or term.registry}: {term.name})" for term in terms[:N_LISTED]]
    return ", ".join(names) + (" and more" if len(terms) > N_LISTED else "")
