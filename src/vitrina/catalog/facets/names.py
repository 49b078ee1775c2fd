"""What facets and their values are called: as queries take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from vitrina.catalog.facets.load import means_registry
from vitrina.catalog.tables import FeatureRow, TermRow
from vitrina.model.page import Facet
from vitrina.model.registry import REGISTRIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from vitrina.catalog.facets.index import Counted, FacetName

_SELECT_FEATURES = select(FeatureRow.id, FeatureRow.name, FeatureRow.dtype)
_SELECT_TERMS = select(TermRow.id, TermRow.uid, TermRow.name, TermRow.ontology_id).where(
    TermRow.id.in_(bindparam("ids", expanding=True))
)


def name_facets(connection: Connection, facets: Iterable[FacetName]) -> dict[str, FacetName]:
    """Facets by the names that queries know them by: fields, features, and aliases of registries.

    An alias that is the name of another feature gives way to the plural.
    """
    features = {row.id: row for row in connection.execute(_SELECT_FEATURES)}
    taken = {row.name for row in features.values() if not means_registry(row.name, row.dtype)}
    return {_name_facet(facet, features, taken): facet for facet in facets}


def _name_facet(facet: FacetName, features: Mapping[int, Any], taken: Collection[str]) -> str:
    if isinstance(facet, int):
        name: str = features[facet].name
        return name
    registry = REGISTRIES.get(facet)
    if registry is None:
        return facet
    return registry.plural if registry.alias in taken else registry.alias


def name_values(connection: Connection, counted: Iterable[Counted]) -> dict[FacetName, list[Facet]]:
    """Counted values by facet, in the order given; a term by its ontology id, or its uid where it has none."""
    counted = tuple(counted)
    term_ids = [item.value for item in counted if isinstance(item.value, int)]
    terms: Mapping[int, Any] = (
        {row.id: row for row in connection.execute(_SELECT_TERMS, {"ids": term_ids})} if term_ids else {}
    )
    named: dict[FacetName, list[Facet]] = {}
    for item in counted:
        if isinstance(item.value, int):
            term = terms[item.value]
            facet = Facet(id=term.ontology_id or term.uid, label=term.name, count=item.count)
        else:
            facet = Facet(id=item.value, label=item.value, count=item.count)
        named.setdefault(item.facet, []).append(facet)
    return named
