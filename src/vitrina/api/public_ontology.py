"""The reference ontology of a registry, to look around in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.api.inspection import InspectResult
from vitrina.errors import InputError
from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from vitrina.model.term import TermDraft
    from vitrina.verbs.instance import Instance

COLUMNS = ("ontology_id", "name", "synonyms", "definition", "organism", "parents")


class PublicOntology:
    """The terms that are known without being registered. They lie on this machine.

    Args:
        instance: Whose reference.
        registry: Class name.
        organism: Only terms of it, and those of none; None for all.

    Raises:
        InputError: ``registry-without-reference``.
    """

    def __init__(self, instance: Instance, registry: str, organism: str | None = None) -> None:
        if not REGISTRIES[registry].has_reference:
            raise InputError(
                "registry-without-reference", f"{registry} has no reference: all of its terms are the users' own."
            )
        self._instance = instance
        self._registry = registry
        self._organism = organism

    def search(self, text: str, *, limit: int = 20) -> pd.DataFrame:
        """Terms that a text may mean, the best first."""
        found = self._instance.reference.search_terms(text, registry=self._registry, limit=limit)
        return _build_frame(term for term in found if self._organism in (None, term.organism))

    def lookup(self) -> Any:
        """All terms as attributes, for completion with the Tab key."""
        from vitrina.api.lookup import build_lookup

        return build_lookup({term.name: term for term in self._list_terms()})

    def to_dataframe(self) -> pd.DataFrame:
        """All terms as a table, by ontology id."""
        return _build_frame(self._list_terms())

    def inspect(self, values: Iterable[str], field: str = "name") -> InspectResult:
        """Which values are valid, and what the others perhaps mean."""
        resolutions = self._instance.resolve_values(self._registry, values, field=field, organism=self._organism)
        return InspectResult(self._registry, field, resolutions)

    def _list_terms(self) -> list[TermDraft]:
        reference = self._instance.reference
        names = reference.list_names(self._registry)
        found = reference.find_terms(self._registry, names, organism=self._organism, with_synonyms=False)
        terms = {term.ontology_id: term for terms in found.values() for term in terms}
        return sorted(terms.values(), key=lambda term: term.name.casefold())

    def __repr__(self) -> str:
        reference = self._instance.reference
        return f"PublicOntology({self._registry}, {len(reference.list_names(self._registry)):,} terms)"


def _build_frame(terms: Iterable[TermDraft]) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (
            term.ontology_id,
            term.name,
            "|".join(term.synonyms) or None,
            term.description,
            term.organism,
            list(term.parent_ids),
        )
        for term in terms
    ]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS)).set_index("ontology_id")
