"""The reference: the shipped ontologies and an instance's own, asked as one."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from vitrina.errors import InputError, NotFoundError
from vitrina.model.registry import REGISTRIES
from vitrina.ontology.hierarchy import Hierarchy
from vitrina.ontology.library import Library
from vitrina.ontology.organisms import get_short_name
from vitrina.ontology.rank import rank_found
from vitrina.ontology.search import search_any_word, search_library
from vitrina.ontology.shipped import SHIPPED, get_shipped_path
from vitrina.ontology.typos import N_NEAREST, find_near, rank_similar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from vitrina.model.term import TermDraft
    from vitrina.ontology.file import Match


class Reference:
    """All terms that are known without being registered. Thread-safe; opens its files when it is first asked.

    Args:
        own: Files that ``ontology import`` writes, those that count more first. They may come, change and go at any
            time; their terms count before the shipped ones.
        shipped: The file that comes with Vitrina.
    """

    def __init__(self, own: Sequence[Path] = (), *, shipped: Path = SHIPPED) -> None:
        self._own = tuple(own)
        self._shipped = shipped
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._seen: tuple[object, ...] = ()

    def find_terms(
        self,
        registry: str,
        values: Iterable[str],
        *,
        field: str = "name",
        organism: str | None = None,
        with_synonyms: bool = True,
    ) -> dict[str, tuple[TermDraft, ...]]:
        """What each value means; values that mean nothing are left out.

        The best fit counts: name (or id), then synonym, then both without regard to the case of ASCII letters. Several
        terms that fit equally well all come. An obsolete term comes only where no other fits.

        Args:
            registry: Class name, such as ``Tissue``; one that has no reference knows nothing.
            values: Any number; there are two SQL statements for each 50,000.
            field: ``name`` or ``ontology_id``; of genes also ``symbol`` or ``ensembl_gene_id``.
            organism: Only terms of this organism and those of none; any of its names.
            with_synonyms: Whether a name may be a synonym.

        Raises:
            InputError: There is no such registry or field.
        """
        by = _get_column(registry, field)
        wanted = list(dict.fromkeys(values))
        if not REGISTRIES[registry].has_reference or not wanted:
            return {}
        library = self._get_library()
        hierarchy = library.get_hierarchy(registry)
        matches: defaultdict[str, list[Match]] = defaultdict(list)
        for file, hidden in zip(library.files, library.get_hidden(registry), strict=True):
            for match in file.find_terms(
                registry,
                wanted,
                hierarchy,
                by=by,
                organism=None if organism is None else get_short_name(organism),
                with_synonyms=with_synonyms,
            ):
                if match.term.ontology_id not in hidden:
                    matches[match.value].append(match)
        return {value: choose_best(matches[value]) for value in wanted if value in matches}

    def get_term(self, registry: str, ontology_id: str) -> TermDraft:
        """The term with an id, in any case.

        Raises:
            InputError: There is no such registry.
            NotFoundError: There is no such term.
        """
        found = self.find_terms(registry, [ontology_id], field="ontology_id").get(ontology_id)
        if not found:
            raise NotFoundError(
                "term-missing",
                f"The reference has no {registry} with the id {ontology_id!r}.",
                hint="Search by name with `vitrina ontology search`.",
                where=ontology_id,
            )
        return found[0]

    def search_terms(self, text: str, *, registry: str | None = None, limit: int = 20) -> list[TermDraft]:
        """Terms that a text may mean, best first: by name, id or synonym, then by words that begin like its words.

        Among all registries, genes come by whole symbols only.

        Raises:
            InputError: There is no such registry.
        """
        if registry is not None:
            _check_registry(registry)
        library = self._get_library()
        found = search_library(library, text, registry=registry, limit=limit)
        return [
            replace(term, ancestor_ids=library.get_hierarchy(term.registry).list_above(term.ontology_id or ""))
            for term in rank_found(text, found)[:limit]
        ]

    def suggest(self, registry: str, value: str, *, limit: int = 3) -> list[str]:
        """Names of terms that look like a misspelt one, or that have a synonym which does, best first.

        Every text of the registry is compared; of genes, of which there are too many, those with the same first letter.

        Raises:
            InputError: There is no such registry.
        """
        _check_registry(registry)
        wanted = value.strip()
        if not REGISTRIES[registry].has_reference or not wanted:
            return []
        library = self._get_library()
        texts = find_near(wanted, library.get_texts(registry, start=wanted[0] if registry == "Gene" else ""))
        if registry != "Gene":
            sharing = search_any_word(library, wanted, registry=registry)[:N_NEAREST]
            texts += [text for term in sharing for text in (term.name, *term.synonyms)]
        similar = rank_similar(wanted, texts)
        meant = self.find_terms(registry, similar)
        names = [term.name for text in similar for term in meant.get(text, ()) if not term.is_obsolete]
        return list(dict.fromkeys(names))[:limit]

    def list_names(self, registry: str) -> tuple[str, ...]:
        """The names of all terms that are not obsolete, in any order; tens of thousands, or none without a reference.

        Raises:
            InputError: There is no such registry.
        """
        _check_registry(registry)
        if not REGISTRIES[registry].has_reference:
            return ()
        ids = frozenset[str]().union(*(file.read_ids(registry) for file in self._get_library().files))
        found = self.find_terms(registry, ids, field="ontology_id")
        return tuple(dict.fromkeys(term.name for terms in found.values() for term in terms if not term.is_obsolete))

    def list_parents(self, registry: str, ontology_id: str) -> tuple[TermDraft, ...]:
        """The terms directly above, by name.

        Raises:
            InputError: There is no such registry.
            NotFoundError: There is no such term.
        """
        return self._list_near(registry, ontology_id, Hierarchy.list_parents)

    def list_children(self, registry: str, ontology_id: str) -> tuple[TermDraft, ...]:
        """The terms directly below, by name. Raises as ``list_parents``."""
        return self._list_near(registry, ontology_id, Hierarchy.list_children)

    def list_ancestors(self, registry: str, ontology_id: str) -> tuple[TermDraft, ...]:
        """All terms above, by name. Raises as ``list_parents``."""
        return self._list_near(registry, ontology_id, Hierarchy.list_above)

    def list_descendants(self, registry: str, ontology_id: str) -> tuple[TermDraft, ...]:
        """All terms below, by name. Raises as ``list_parents``."""
        return self._list_near(registry, ontology_id, Hierarchy.list_below)

    def _list_near(
        self, registry: str, ontology_id: str, list_ids: Callable[[Hierarchy, str], tuple[str, ...]]
    ) -> tuple[TermDraft, ...]:
        term = self.get_term(registry, ontology_id)
        ids = list_ids(self._get_library().get_hierarchy(registry), term.ontology_id or "")
        found = self.find_terms(registry, ids, field="ontology_id")
        return tuple(sorted((terms[0] for terms in found.values()), key=lambda near: near.name.casefold()))

    def _get_library(self) -> Library:
        """The files as they are now.

        Raises:
            StorageError: The shipped file was not built.
        """
        paths = [path for path in (*self._own, get_shipped_path(self._shipped)) if path.exists()]
        seen = tuple((path, (stat := path.stat()).st_ino, stat.st_mtime_ns, stat.st_size) for path in paths)
        with self._lock:
            if self._library is None or seen != self._seen:
                self._library, self._seen = Library(paths), seen
            return self._library


def choose_best(matches: Sequence[Match]) -> tuple[TermDraft, ...]:
    """The terms that fit best out of at least one; those that are obsolete only where there are no others."""
    if len(matches) == 1:
        return (matches[0].term,)
    live = [match for match in matches if not match.term.is_obsolete] or matches
    tier = min(match.tier for match in live)
    return tuple({match.term.ontology_id: match.term for match in live if match.tier == tier}.values())


def _get_column(registry: str, field: str) -> Literal["name", "id"]:
    fields = ("name", "ontology_id", *(("symbol", "ensembl_gene_id") if registry == "Gene" else ()))
    _check_registry(registry)
    if field not in fields:
        raise InputError(
            "field-unknown",
            f"Terms of {registry} cannot be found by {field!r} in the reference.",
            hint=f"The fields are {', '.join(fields)}.",
        )
    return "id" if field in {"ontology_id", "ensembl_gene_id"} else "name"


def _check_registry(registry: str) -> None:
    if registry not in REGISTRIES:
        raise InputError(
            "registry-unknown",
            f"There is no registry {registry!r}.",
            hint=f"The registries are {', '.join(REGISTRIES)}.",
        )
