"""Find artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.artifact import Artifact
    from vitrina.model.page import Page
    from vitrina.verbs.instance import Instance


def find(
    instance: Instance,
    text: str = "",
    *,
    where: Mapping[str, object] | None = None,
    order: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    latest_only: bool = True,
) -> Page[Artifact]:
    """A page of the artifacts that match.

    Args:
        instance: Where to look.
        text: Words that must all occur in key, description, format, or the names of elements, channels and columns.
        where: Fields with lookups, such as ``{"format": "anndata", "size__gt": 1000}``.
        order: A field, with ``-`` for descending; None for the best match first, without text the newest.
        limit: Items in the page, 1 to 1000.
        cursor: ``next_cursor`` of the page before.
        latest_only: Whether older versions are left out.

    Raises:
        InputError: An unknown field, a malformed cursor, a limit out of range.
    """
    return instance.catalog.find_artifacts(
        text, where=where or {}, order=order, limit=limit, cursor=cursor, latest_only=latest_only
    )
