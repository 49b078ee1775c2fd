"""Features: which typed dimensions the instance knows."""

from __future__ import annotations

import difflib
import itertools
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, or_, select

from vitrina.catalog.insert import get_or_insert_user
from vitrina.catalog.tables import FeatureRow, UserRow
from vitrina.errors import ConflictError, InputError, NotFoundError
from vitrina.model.dtype import parse_dtype
from vitrina.model.feature import Feature, FeatureDraft
from vitrina.model.uid import build_family

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from vitrina.catalog.database import Database

MAX_COMPARED_NAMES = 10_000

MAX_PARAMETERS = 10_000
"""Names in one statement: a wide table has more columns than PostgreSQL takes parameters (65,535).

Source: https://www.postgresql.org/docs/current/limits.html
"""

_N_SUGGESTED = 3

FEATURES = select(FeatureRow, UserRow.handle).join(UserRow, UserRow.id == FeatureRow.created_by_id)
"""What ``build_feature`` needs."""

_SELECT_BY_NAMES = FEATURES.where(FeatureRow.name.in_(bindparam("names", expanding=True)))
_SELECT_BY_UIDS = select(FeatureRow.uid, FeatureRow.id).where(FeatureRow.uid.in_(bindparam("uids", expanding=True)))
_SELECT_ONE = FEATURES.where(or_(FeatureRow.name == bindparam("ref"), FeatureRow.uid == bindparam("ref"))).order_by(
    FeatureRow.name == bindparam("ref")  # the one with the name comes last
)
_SELECT_PAGE = FEATURES.order_by(FeatureRow.id.desc()).limit(bindparam("limit"))
_SELECT_NAMES = select(FeatureRow.name).order_by(FeatureRow.id.desc()).limit(MAX_COMPARED_NAMES)
_INSERT = insert(FeatureRow)


class Features:
    """The features of one instance. Thread-safe.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, draft: FeatureDraft, created_by: str) -> Feature:
        """The feature with the draft's name, made when there is none.

        A draft asks for what it departs in from the defaults of FeatureDraft; a description or synonyms of its own do
        not stand against those that the feature has.

        Raises:
            ConflictError: ``feature-exists``: the feature has another dtype, unit, default or nullability.
            InputError: The name is empty, or the dtype is none.
        """
        draft = _check_draft(draft)
        with self._database.read() as connection:
            found = _find_by_names(connection, [draft.name])
        if not found:
            with self._database.write() as connection:
                found = _find_by_names(connection, [draft.name])  # another writer may have been faster
                if not found:
                    self._insert(connection, draft, created_by)
                    return _find_by_names(connection, [draft.name])[draft.name]
        feature = found[draft.name]
        if differences := list_differences(feature, draft):
            raise ConflictError(
                "feature-exists",
                f"There is already a feature {draft.name!r}, and it has {' and '.join(differences)}.",
                hint="Use it as it is, or give the new one another name: what was annotated with it relies on it.",
                where=draft.name,
            )
        return feature

    def get(self, ref: str) -> Feature:
        """The feature with a name or a uid; the name wins.

        Raises:
            NotFoundError: ``feature-not-found``, with the nearest names.
        """
        with self._database.read() as connection:
            rows = connection.execute(_SELECT_ONE, {"ref": ref}).all()
            if rows:
                return build_feature(rows[-1])
            names = connection.execute(_SELECT_NAMES).scalars().all()
        raise NotFoundError(
            "feature-not-found",
            f"There is no feature {ref!r}.",
            hint=_suggest(ref, names) or 'Make one: vt.Feature(name=..., dtype="str").save().',
            where=ref,
        )

    def find(self, names: Iterable[str]) -> dict[str, Feature]:
        """The features with some of the names, by name."""
        wanted = list(dict.fromkeys(names))
        if not wanted:
            return {}
        with self._database.read() as connection:
            return _find_by_names(connection, wanted)

    def list_all(self, *, limit: int = 1_000) -> tuple[Feature, ...]:
        """The features, newest first."""
        with self._database.read() as connection:
            return tuple(build_feature(row) for row in connection.execute(_SELECT_PAGE, {"limit": limit}))

    def search(self, text: str, *, limit: int = 20) -> tuple[Feature, ...]:
        """The features that have the text in their name, synonyms or description, those that begin with it first."""
        wanted = text.casefold()
        features = [one for one in self.list_all(limit=MAX_COMPARED_NAMES) if wanted in _build_text(one)]
        features.sort(key=lambda one: (not one.name.casefold().startswith(wanted), one.name.casefold()))
        return tuple(features[:limit])

    def _insert(self, connection: Connection, draft: FeatureDraft, created_by: str) -> None:
        values = {name: getattr(draft, name) for name in _DRAFT_FIELDS}
        values |= {
            "uid": build_family(),
            "synonyms": list(draft.synonyms),
            "created_at": self._database.clock(),
            "created_by_id": get_or_insert_user(connection, created_by),
        }
        connection.execute(_INSERT, values)


def build_feature(row: Any) -> Feature:
    """The record of a row with the feature and the handle of its user."""
    return Feature(
        uid=row.uid,
        name=row.name,
        dtype=row.dtype,
        unit=row.unit,
        description=row.description,
        synonyms=tuple(row.synonyms),
        is_nullable=row.is_nullable,
        default=row.default,
        is_coerced=row.is_coerced,
        created_at=row.created_at,
        created_by=row.handle,
    )


def find_ids(connection: Connection, uids: Iterable[str]) -> dict[str, int]:
    """Ids of the rows of features, by uid.

    Raises:
        NotFoundError: ``feature-not-found``: a uid is nobody's.
    """
    wanted = tuple(dict.fromkeys(uids))
    found: dict[str, int] = {}
    for part in itertools.batched(wanted, MAX_PARAMETERS):
        found.update((row.uid, row.id) for row in connection.execute(_SELECT_BY_UIDS, {"uids": part}))
    for uid in wanted:
        if uid not in found:
            raise NotFoundError("feature-not-found", f"There is no feature with the uid {uid!r}.", where=uid)
    return found


def list_differences(feature: Feature, draft: FeatureDraft) -> list[str]:
    """In what a feature is not what a draft asks for, such as ``dtype float instead of str``."""
    differences = []
    for name in ("dtype", "unit", "default", "is_nullable", "is_coerced"):
        wanted, there = getattr(draft, name), getattr(feature, name)
        is_asked = name == "dtype" or wanted != _DEFAULTS[name]
        if is_asked and wanted != there:
            differences.append(f"{name.removeprefix('is_')} {there} instead of {wanted}")
    return differences


_DRAFT_FIELDS = tuple(field.name for field in fields(FeatureDraft))
_DEFAULTS = {field.name: field.default for field in fields(FeatureDraft) if field.default is not MISSING}


def _check_draft(draft: FeatureDraft) -> FeatureDraft:
    if not draft.name.strip():
        raise InputError("feature-name-empty", "A feature must have a name.")
    return replace(draft, dtype=str(parse_dtype(draft.dtype)))


def _find_by_names(connection: Connection, names: Sequence[str]) -> dict[str, Feature]:
    found = {}
    for part in itertools.batched(names, MAX_PARAMETERS):
        for row in connection.execute(_SELECT_BY_NAMES, {"names": part}):
            found[row.name] = build_feature(row)
    return found


def _build_text(feature: Feature) -> str:
    return "\n".join((feature.name, *feature.synonyms, feature.description or "")).casefold()


def _suggest(ref: str, names: Sequence[str]) -> str | None:
    nearest = difflib.get_close_matches(ref, names, n=_N_SUGGESTED)
    return f"Did you mean {' or '.join(nearest)}?" if nearest else None
