"""What curation needs to know of an instance: what texts mean in its registries, and its features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.registry import REGISTRIES
from vitrina.verbs.terms import resolve_values

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vitrina.model.feature import Feature
    from vitrina.model.resolution import Resolution
    from vitrina.verbs.instance import Instance


class InstanceVocabulary:
    """The registries and features of an instance with its reference, for ``curate.check_dataset``.

    Answers are kept, so that a dataset that is checked again after it was written costs no second search. Not
    thread-safe: made for one dataset, and thrown away.

    Args:
        instance: Whose.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._resolved: dict[tuple[str, str, str | None], dict[str, Resolution]] = {}

    def resolve(
        self, registry: str, values: Iterable[str], *, field: str = "name", organism: str | None = None
    ) -> dict[str, Resolution]:
        wanted = list(values)
        known = self._resolved.setdefault((registry, field, organism), {})
        new = [value for value in wanted if value not in known]
        if new:
            known.update(resolve_values(self._instance, registry, new, field=field, organism=organism))
        return {value: known[value] for value in wanted}

    def find_ancestors(self, registry: str, ontology_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        wanted = list(dict.fromkeys(ontology_ids))
        found: dict[str, frozenset[str]] = {}
        if REGISTRIES[registry].has_reference:
            drafts = self._instance.reference.find_terms(registry, wanted, field="ontology_id")
            found = {id_: frozenset(terms[0].ancestor_ids) for id_, terms in drafts.items() if terms}
        terms = self._instance.catalog.terms
        for term in terms.find_by_keys(registry, [id_ for id_ in wanted if id_ not in found]):
            found[term.key] = terms.list_keys_above(term.uid)
        return found

    def find_features(self, names: Iterable[str]) -> dict[str, Feature]:
        return self._instance.catalog.features.find(names)
