"""What the catalog asks of the reference ontologies, when a query names a term that was never registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.model.term import TermDraft


class Vocabulary(Protocol):
    """Terms by name."""

    def find_terms(self, registry: str, values: Sequence[str]) -> Mapping[str, tuple[TermDraft, ...]]:
        """The terms that names, synonyms or ontology ids mean, by value; values that mean none are absent or empty."""

    def suggest(self, registry: str, value: str, *, limit: int = 3) -> list[str]:
        """The names that look most like a value, the nearest first."""
