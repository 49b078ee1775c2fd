"""From the database to the facet index: all of it once, then what each change touched."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import bindparam, func, or_, select

from vitrina.catalog.database import FORGOTTEN
from vitrina.catalog.facets.index import FIELDS, Entry, FacetIndex
from vitrina.catalog.tables import (
    NO_FEATURE,
    AncestorRow,
    ArtifactRow,
    ChangeRow,
    FeatureRow,
    InstanceRow,
    LabelRow,
    TermRow,
    UserRow,
)
from vitrina.model.dtype import parse_dtype
from vitrina.model.registry import find_registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import BindParameter, CompoundSelect, Connection

MIN_REBUILT = 5_000
"""So many touched artifacts are always applied one by one; more of them only while they are few of all."""

MAX_SHARE = 0.1

_IDS_PER_STATEMENT = 1_000

_SELECT_STATE = select(
    InstanceRow.change,
    InstanceRow.terms_change,
    select(func.max(TermRow.id)).scalar_subquery().label("last_term_id"),
    select(func.max(ArtifactRow.id)).scalar_subquery().label("last_artifact_id"),
)
_SELECT_TOUCHED = select(ChangeRow.artifact_id).where(ChangeRow.change > bindparam("change")).distinct()
_SELECT_FEATURES = select(FeatureRow.id, FeatureRow.name, FeatureRow.dtype)
_SELECT_ARTIFACTS = select(
    ArtifactRow.id,
    ArtifactRow.is_latest,
    ArtifactRow.trashed_at.is_not(None).label("is_trashed"),
    ArtifactRow.format,
    ArtifactRow.kind,
    UserRow.handle,
).join(UserRow, UserRow.id == ArtifactRow.created_by_id)
_SELECT_LABELS = select(LabelRow.artifact_id, LabelRow.term_id, LabelRow.feature_id)
_SELECT_REGISTRIES = select(TermRow.id, TermRow.registry_name).where(TermRow.id > bindparam("last_term_id"))

_IN_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_SELECT_SOME_ARTIFACTS = _SELECT_ARTIFACTS.where(ArtifactRow.id.in_(_IN_IDS))
_SELECT_SOME_LABELS = _SELECT_LABELS.where(LabelRow.artifact_id.in_(_IN_IDS))
_SELECT_NEW_ARTIFACTS = _SELECT_ARTIFACTS.where(ArtifactRow.id > bindparam("last_artifact_id"))
_SELECT_NEW_LABELS = _SELECT_LABELS.where(LabelRow.artifact_id > bindparam("last_artifact_id"))


def _build_select_pairs() -> CompoundSelect[int, int]:
    """Pairs of registered terms above each other, of which one is newer than a given one."""
    upper, lower = TermRow.__table__.alias("upper"), TermRow.__table__.alias("lower")
    last: BindParameter[int] = bindparam("last_term_id")
    halves = [
        select(upper.c.id, lower.c.id.label("lower_id"))
        .select_from(AncestorRow)
        .join(lower, lower.c.id == AncestorRow.term_id)
        .join(upper, (upper.c.registry == lower.c.registry) & (key == AncestorRow.ancestor_key))
        .where(upper.c.id != lower.c.id, or_(upper.c.id > last, lower.c.id > last))
        for key in (upper.c.ontology_id, upper.c.uid)
    ]
    return halves[0].union(halves[1])


_SELECT_PAIRS = _build_select_pairs()


def bring_up_to_date(connection: Connection, index: FacetIndex) -> FacetIndex:
    """The index as of the snapshot that the connection reads: the given one, changed, or a new one."""
    state = connection.execute(_SELECT_STATE).one()
    if state.change == index.change:
        return index
    if index.change < 0 or state.terms_change > index.change:
        return _load(connection, state)
    touched = set(connection.execute(_SELECT_TOUCHED, {"change": index.change}).scalars())
    n_new = (state.last_artifact_id or 0) - index.last_artifact_id
    if FORGOTTEN in touched or len(touched) + n_new > max(MIN_REBUILT, MAX_SHARE * len(index.everything)):
        return _load(connection, state)
    _apply(connection, index, touched, state)
    return index


class _Labels:
    """Which slots a label fills: that of the term's registry, and that of the feature unless it means the registry."""

    def __init__(self, connection: Connection, index: FacetIndex) -> None:
        self._index = index
        self._registries = index.registries
        self._own = {row.id for row in connection.execute(_SELECT_FEATURES) if not means_registry(row.name, row.dtype)}

    def list_slots(self, term_id: int, feature_id: int) -> Iterator[int]:
        yield self._index.get_slot(self._registries[term_id], term_id)
        if feature_id != NO_FEATURE and feature_id in self._own:
            yield self._index.get_slot(feature_id, term_id)


def means_registry(name: str, dtype: str) -> bool:
    """Whether a feature is named like the alias of the very registry that its values come from."""
    registry = find_registry(name)
    return registry is not None and parse_dtype(dtype).registries == (registry.name,)


def _read_terms(connection: Connection, index: FacetIndex, last_term_id: int | None) -> None:
    if last_term_id is None or last_term_id == index.last_term_id:
        return
    since = {"last_term_id": index.last_term_id}
    index.registries.update((row.id, row.registry) for row in connection.execute(_SELECT_REGISTRIES, since))
    index.terms.add((row[0], row[1]) for row in connection.execute(_SELECT_PAIRS, since))
    index.last_term_id = last_term_id


def _apply(connection: Connection, index: FacetIndex, touched: set[int], state: Any) -> None:
    _read_terms(connection, index, state.last_term_id)
    labels = _Labels(connection, index)
    for artifact_id in touched:
        index.remove(artifact_id)
    since = {"last_artifact_id": index.last_artifact_id}
    has_new = (state.last_artifact_id or 0) > index.last_artifact_id
    batches = list(itertools.batched(sorted(touched), _IDS_PER_STATEMENT))
    requests: list[tuple[Any, Any, dict[str, Any]]] = [
        (_SELECT_SOME_ARTIFACTS, _SELECT_SOME_LABELS, {"ids": list(batch)}) for batch in batches
    ]
    if has_new:
        requests.append((_SELECT_NEW_ARTIFACTS, _SELECT_NEW_LABELS, since))
    for select_artifacts, select_labels, parameters in requests:
        slots: dict[int, set[int]] = {}
        for row in connection.execute(select_labels, parameters):
            slots.setdefault(row.artifact_id, set()).update(labels.list_slots(row.term_id, row.feature_id))
        for row in connection.execute(select_artifacts, parameters).all():
            index.put(_build_entry(row, slots.get(row.id, set())))
    index.change = state.change


def _build_entry(row: Any, slots: set[int]) -> Entry:
    return Entry(
        artifact_id=row.id,
        is_latest=bool(row.is_latest),
        is_trashed=bool(row.is_trashed),
        fields=(row.format, row.kind, row.handle),
        slots=frozenset(slots),
    )


def _load(connection: Connection, state: Any) -> FacetIndex:
    index = FacetIndex()
    _read_terms(connection, index, state.last_term_id)
    _load_artifacts(connection, index)
    _load_labels(connection, index)
    index.change = state.change
    return index


def _load_artifacts(connection: Connection, index: FacetIndex) -> None:
    rows = _fetch_raw(connection, _SELECT_ARTIFACTS)
    if not rows:
        return
    ids, is_latest, is_trashed, *fields = zip(*rows, strict=True)
    numbers = np.array(ids, dtype=np.uint32)
    index.everything = BitMap(numbers)
    index.latest = BitMap(numbers[np.array(is_latest, dtype=bool)])
    index.in_trash = BitMap(numbers[np.array(is_trashed, dtype=bool)])
    for name, values in zip(FIELDS, fields, strict=True):
        index.fields[name] = _group(numbers, values)
    index.last_artifact_id = max(ids)


def _group(numbers: NDArray[np.uint32], values: Sequence[str]) -> dict[str, BitMap]:
    codes: dict[str, int] = {}
    coded = np.fromiter((codes.setdefault(value, len(codes)) for value in values), dtype=np.int64, count=len(values))
    return {value: BitMap(numbers[coded == code]) for value, code in codes.items()}


def _load_labels(connection: Connection, index: FacetIndex) -> None:
    rows = _fetch_raw(connection, _SELECT_LABELS)
    labels = np.fromiter(itertools.chain.from_iterable(rows), dtype=np.int64, count=3 * len(rows)).reshape(-1, 3)
    filling = _Labels(connection, index)
    kinds, kind_of_label = _find_distinct(labels[:, 1], labels[:, 2])
    ordered = labels[np.argsort(kind_of_label, kind="stable"), 0]
    bounds = np.cumsum(np.bincount(kind_of_label, minlength=len(kinds)))
    ids: list[NDArray[np.int64]] = []
    slots: list[NDArray[np.int64]] = []
    for (term_id, feature_id), members in zip(kinds, np.split(ordered, bounds), strict=False):
        for slot in filling.list_slots(term_id, feature_id):
            ids.append(members)
            slots.append(np.full(len(members), slot))
    if ids:
        pairs = np.unique(np.concatenate(ids) * index.n_slots + np.concatenate(slots))  # by artifact, each slot once
        index.fill(pairs // index.n_slots, (pairs % index.n_slots).astype(np.int32))


def _find_distinct(
    terms: NDArray[np.int64], features: NDArray[np.int64]
) -> tuple[list[tuple[int, int]], NDArray[np.int64]]:
    """The distinct pairs of term and feature, and which of them each label is."""
    width = int(features.max(initial=0)) + 1
    distinct, which = np.unique(terms * width + features, return_inverse=True)
    return [(int(code) // width, int(code) % width) for code in distinct], which.astype(np.int64)


def _fetch_raw(connection: Connection, statement: Any) -> list[tuple[Any, ...]]:
    """All rows as the driver gives them: millions of SQLAlchemy's rows take several times as long."""
    text = str(statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text)
        return list(cursor.fetchall())
    finally:
        cursor.close()
