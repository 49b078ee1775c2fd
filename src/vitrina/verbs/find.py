"""Find artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from vitrina.model.artifact import Artifact
    from vitrina.model.expression import Expression
    from vitrina.model.page import Page
    from vitrina.verbs.instance import Instance


def find(
    instance: Instance,
    text: str = "",
    *,
    where: Mapping[str, object] | Expression | None = None,
    order: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    which: Literal["latest", "all", "trash"] = "latest",
    is_exact: bool = False,
    facets: Collection[str] | Literal["all"] = (),
    n_facet_values: int = 20,
) -> Page[Artifact]:
    """A page of the artifacts that match.

    Args:
        instance: Where to look.
        text: Words that must all occur in key, description, format, labels, or the names of elements, channels and
            columns.
        where: Fields, features and registries with lookups, such as ``{"tissue": "lung", "size__gt": 1000}``; or an
            expression.
        order: A field, with ``-`` for descending; None for the best match first, without text what was added last.
        limit: Items in the page, 1 to 1000.
        cursor: ``next_cursor`` of the page before.
        which: The latest versions, all versions, or what is in the trash.
        is_exact: Take terms literally, without synonyms and terms below.
        facets: Names of facets to be counted among all hits, or ``all``.
        n_facet_values: The most frequent values of a facet that are given.

    Raises:
        InputError: An unknown name or lookup, a malformed cursor, a limit out of range.
    """
    return instance.catalog.find_artifacts(
        text,
        where=where,
        order=order,
        limit=limit,
        cursor=cursor,
        which=which,
        is_exact=is_exact,
        facets=facets,
        n_facet_values=n_facet_values,
    )
