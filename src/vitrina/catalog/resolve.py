"""From a reference to the one artifact that it means, inside a transaction that the catalog has begun."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from vitrina.catalog.query import build_select
from vitrina.catalog.references import plan_lookups
from vitrina.catalog.tables import ArtifactRow
from vitrina.errors import NotFoundError
from vitrina.model.uid import FAMILY_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from vitrina.catalog.references import Lookup

MAX_CANDIDATES = 10
MAX_COMPARED_KEYS = 1_000

_COLUMNS: dict[str, Any] = {"key": ArtifactRow.key, "family": ArtifactRow.family, "uid": ArtifactRow.uid}

_AFTER_BASE62 = "~"
"""Sorts after every character of a uid."""


def resolve(connection: Connection, ref: str, *, in_trash: bool = False) -> Any:
    """The row that a reference means; see ``references.plan_lookups``.

    Args:
        connection: A transaction.
        ref: What the user wrote.
        in_trash: Whether a key or family means its newest version in the trash, before its latest one.

    Raises:
        NotFoundError: ``ref-not-found``, with the nearest keys; or ``ref-ambiguous``, with the candidates.
    """
    for lookup in plan_lookups(ref):
        if lookup.by == "prefix":
            rows = _find_by_prefix(connection, lookup.value)
        else:
            rows = connection.execute(_build_newest_in_trash(lookup)).all() if in_trash else ()
            rows = rows or connection.execute(build_select([_build_condition(lookup)])).all()
        if len(rows) > 1:
            raise _build_ambiguous(ref, rows)
        if rows:
            return rows[0]
    raise NotFoundError(
        "ref-not-found", f"No artifact has the key or uid {ref!r}.", hint=_suggest(connection, ref), where=ref
    )


def _build_newest_in_trash(lookup: Lookup) -> Select[*tuple[Any, ...]]:
    conditions = [_COLUMNS[lookup.by] == lookup.value, ArtifactRow.trashed_at.is_not(None)]
    if lookup.version is not None:
        conditions.append(ArtifactRow.version == lookup.version)
    return build_select(conditions).order_by(ArtifactRow.version.desc()).limit(1)


def _build_condition(lookup: Lookup) -> ColumnElement[bool]:
    named: ColumnElement[bool] = _COLUMNS[lookup.by] == lookup.value
    if lookup.by == "uid":
        return named
    return named & (
        ArtifactRow.is_latest.is_(True) if lookup.version is None else ArtifactRow.version == lookup.version
    )


def _find_by_prefix(connection: Connection, prefix: str) -> Sequence[Any]:
    """Up to one row more than are listed; a prefix that ends inside the family means its latest version."""
    begins = (ArtifactRow.uid >= prefix) & (ArtifactRow.uid < prefix + _AFTER_BASE62)
    conditions = [begins, ArtifactRow.is_latest.is_(True)] if len(prefix) < FAMILY_LENGTH else [begins]
    return connection.execute(build_select(conditions).order_by(ArtifactRow.uid).limit(MAX_CANDIDATES + 1)).all()


def _build_ambiguous(ref: str, rows: Sequence[Any]) -> NotFoundError:
    listed = ", ".join(f"{row.uid} ({row.key})" for row in rows[:MAX_CANDIDATES])
    more = " and more" if len(rows) > MAX_CANDIDATES else ""
    return NotFoundError(
        "ref-ambiguous",
        f"{ref!r} begins the uids of several artifacts.",
        hint=f"Write more of it: {listed}{more}.",
        where=ref,
    )


def _suggest(connection: Connection, ref: str) -> str | None:
    """The keys that look most like a reference, of the newest ones: comparing all would take too long."""
    newest = (
        select(ArtifactRow.key)
        .where(ArtifactRow.is_latest.is_(True))
        .order_by(ArtifactRow.created_at.desc(), ArtifactRow.id.desc())
        .limit(MAX_COMPARED_KEYS)
    )
    keys = connection.execute(newest).scalars().all()
    nearest = difflib.get_close_matches(ref.partition("@")[0], keys, n=3)
    return f"Did you mean {' or '.join(nearest)}?" if nearest else None
