"""The filters in a list's query: ``F=V``, repeated for any of several values, ``F__gt=V`` and its kin for lookups."""

from __future__ import annotations

from collections.abc import Iterable

from vitrina.errors import InputError

OPTIONS = frozenset({"q", "cursor", "limit", "order", "include", "exact", "facets", "facet_values"})
"""Names that are no fields."""


def parse_filters(parameters: Iterable[tuple[str, str]]) -> dict[str, object]:
    """The filters among the parameters of a query, as ``find`` takes them.

    Raises:
        InputError: A field with another lookup is repeated.
    """
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        if name not in OPTIONS:
            values.setdefault(name, []).append(value)
    where: dict[str, object] = {}
    for name, given in values.items():
        if name.endswith("__in"):
            where[name] = given
        elif len(given) == 1:
            where[name] = given[0]
        elif "__" in name:
            raise InputError("filter-repeated", f"The filter {name!r} is given {len(given)} times.", where=name)
        else:
            where[f"{name}__in"] = given
    return where
