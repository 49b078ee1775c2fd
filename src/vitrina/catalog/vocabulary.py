"""What the catalog asks of the reference ontologies, when a query names a term that was never registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitrina.model.term import TermDraft


class Vocabulary(Protocol):
    """Terms by name."""

    def find_terms(
        self, registry: str, values: Iterable[str], *, field: str = "name"
    ) -> Mapping[str, tuple[TermDraft, ...]]:
        """The terms that values mean, by value: names and synonyms, or ids with the field ``ontology_id``."""

    def suggest(self, registry: str, value: str, *, limit: int = 3) -> list[str]:
        """The names that look most like a value, the nearest first."""
