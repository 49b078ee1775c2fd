"""What checking needs to know of the world: what texts mean in registries, and which features there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vitrina.model.feature import Feature
    from vitrina.model.resolution import Resolution


class Vocabulary(Protocol):
    """The registries and features of an instance together with the reference ontologies."""

    def resolve(
        self, registry: str, values: Iterable[str], *, field: str = "name", organism: str | None = None
    ) -> Mapping[str, Resolution]:
        """What each value means in a registry; every distinct value is in the answer once."""

    def find_ancestors(self, registry: str, ontology_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Ontology ids of all terms above each term, without the term itself; terms that nothing knows are absent."""

    def find_features(self, names: Iterable[str]) -> Mapping[str, Feature]:
        """The features with these names; names that no feature has are absent."""
