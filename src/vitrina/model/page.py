"""A page of a list."""

from __future__ import annotations

from dataclasses import dataclass, field

from vitrina.model.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One value of a facet with the number of hits that have it."""

    id: str
    label: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[T]:
    """Part of a list, in the shape that every list of the HTTP API has.

    Attributes:
        items: The records of this page.
        total: Number of hits over all pages.
        next_cursor: Pass it back to get the next page; None on the last one.
        facets: Per facet its values, most frequent first.
        hints: What the user should know of the query, such as the nearest terms to one that is unknown.
    """

    items: tuple[T, ...]
    total: int
    next_cursor: str | None = None
    facets: dict[str, list[Facet]] = field(default_factory=dict)
    hints: tuple[Finding, ...] = ()
