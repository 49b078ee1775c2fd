"""The facet index itself: bitmaps to filter with, rows to count with. In memory, no SQL.

A *slot* is one value of one facet: a term of a registry, or a term as the value of a feature. Every slot has the
bitmap of the artifacts that have it; every artifact has the row of its slots. Filters intersect bitmaps. Counts read
the rows of the hits, count their slots, and roll the counts up the hierarchy, so that an artifact with ``left lung``
counts for ``lung``; what an artifact with two labels below one term would count twice is kept in a second row and
taken off again. So a count is exact and takes time in proportion to the hits, not to the number of terms.

Source: https://roaringbitmap.org (the bitmaps)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from pyroaring import BitMap

from vitrina.catalog.facets.hierarchy import SlotHierarchy, TermHierarchy
from vitrina.catalog.facets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

type FacetName = str | int
"""A field (``format``), a registry (``Tissue``), or the id of a feature."""

FIELDS = ("format", "kind", "created_by")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the index must know of one artifact.

    Attributes:
        fields: Values of FIELDS.
        slots: See ``FacetIndex.get_slot``.
    """

    artifact_id: int
    is_latest: bool
    is_trashed: bool
    fields: tuple[str, ...]
    slots: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many hits have a value: of a field its text, else the id of the term."""

    facet: FacetName
    value: str | int
    count: int


class FacetIndex:
    """Values and artifacts, as of one change of the catalog. Not thread-safe: whoever holds it guards it."""

    def __init__(self) -> None:
        self.change = -1
        self.last_artifact_id = 0
        self.last_term_id = 0
        self.latest = BitMap()
        self.in_trash = BitMap()
        self.everything = BitMap()
        self.fields: dict[str, dict[str, BitMap]] = {field: {} for field in FIELDS}
        self.terms = TermHierarchy()
        self.registries: dict[int, str] = {}
        self._hierarchy = SlotHierarchy()
        self._slots: dict[tuple[FacetName, int], int] = {}
        self._slot_terms: list[int] = []
        self._facets: dict[FacetName, list[int]] = {}
        self._bitmaps: list[BitMap] = []
        self._rows = Rows()
        self._repeated = Rows()
        self._totals: NDArray[np.float64] = np.zeros(0)

    @property
    def n_slots(self) -> int:
        """Number of values."""
        return len(self._bitmaps)

    def get_slot(self, facet: FacetName, term_id: int) -> int:
        """The slot of a term in a registry or feature, made on first use."""
        slot = self._slots.get((facet, term_id))
        if slot is None:
            slot = self._slots[facet, term_id] = len(self._bitmaps)
            self._bitmaps.append(BitMap())
            self._slot_terms.append(term_id)
            self._facets.setdefault(facet, []).append(slot)
            self._place(facet, term_id, slot)
        return slot

    def find(self, facet: FacetName, term_ids: Iterable[int]) -> BitMap:
        """The artifacts that have one of the terms in a registry or feature."""
        slots = (self._slots.get((facet, term_id)) for term_id in term_ids)
        return BitMap.union(BitMap(), *(self._bitmaps[slot] for slot in slots if slot is not None))

    def find_any(self, facet: FacetName) -> BitMap:
        """The artifacts that have any term in a registry or feature."""
        return BitMap.union(BitMap(), *(self._bitmaps[slot] for slot in self._facets.get(facet, ())))

    def put(self, entry: Entry) -> None:
        """Add an artifact, or replace what was known of it."""
        self.remove(entry.artifact_id)
        artifact_id = entry.artifact_id
        self.everything.add(artifact_id)
        self.last_artifact_id = max(self.last_artifact_id, artifact_id)
        if entry.is_trashed:
            self.in_trash.add(artifact_id)
        for field, value in zip(FIELDS, entry.fields, strict=True):
            self.fields[field].setdefault(value, BitMap()).add(artifact_id)
        for slot in entry.slots:
            self._bitmaps[slot].add(artifact_id)
        self._rows.set(artifact_id, sorted(entry.slots))
        self._repeated.set(artifact_id, self._hierarchy.list_repeated(sorted(entry.slots)))
        if entry.is_latest:
            self.latest.add(artifact_id)
            self._count_total(artifact_id, 1)

    def remove(self, artifact_id: int) -> None:
        """Forget an artifact."""
        if artifact_id not in self.everything:
            return
        if artifact_id in self.latest:
            self._count_total(artifact_id, -1)
        for bitmap in (self.everything, self.latest, self.in_trash):
            bitmap.discard(artifact_id)
        for values in self.fields.values():
            for bitmap in values.values():
                bitmap.discard(artifact_id)
        for slot in self._rows.get(artifact_id):
            self._bitmaps[slot].discard(artifact_id)
        self._rows.set(artifact_id, ())
        self._repeated.set(artifact_id, ())

    def fill(self, artifact_ids: NDArray[np.int64], slots: NDArray[np.int32]) -> None:
        """Set the slots of all artifacts at once: ``slots[i]`` is one of ``artifact_ids[i]``, in order of the ids.

        The bitmaps of artifacts and fields are set already.
        """
        self._rows.fill(artifact_ids, slots)
        order = np.argsort(slots, kind="stable")
        by_slot = slots[order]
        bounds = np.searchsorted(by_slot, np.arange(self.n_slots + 1))
        for slot in range(self.n_slots):
            members = artifact_ids[order[bounds[slot] : bounds[slot + 1]]]
            self._bitmaps[slot] = BitMap(np.unique(members).astype(np.uint32))
        self._fill_repeated(artifact_ids, slots)
        self._totals = self._count_rows(self.latest)

    def count(self, hits: BitMap, facets: Iterable[FacetName], limit: int) -> list[Counted]:
        """The most frequent values of facets among the hits, most frequent first, without those that none has."""
        counts: NDArray[np.float64] | None = None
        counted: list[Counted] = []
        for facet in facets:
            if isinstance(facet, str) and facet in self.fields:
                counted += _count_bitmaps(facet, self.fields[facet], hits, limit)
                continue
            slots = np.array(self._facets.get(facet, ()), dtype=np.int64)
            if len(slots):
                counts = self._count_slots(hits) if counts is None else counts
                counted += self._choose(facet, slots, counts, limit)
        return counted

    def list_facets(self) -> list[FacetName]:
        """All facets: fields, then registries, then features."""
        return [*FIELDS, *sorted(self._facets, key=lambda facet: (isinstance(facet, int), facet))]

    def _choose(
        self, facet: FacetName, slots: NDArray[np.int64], counts: NDArray[np.float64], limit: int
    ) -> list[Counted]:
        """The most frequent slots; one that no artifact has itself any more is no value, whatever lies below it."""
        of_slots = counts[slots]
        best = slots[np.argsort(-of_slots, kind="stable")[: np.count_nonzero(of_slots > 0)]]
        in_use = (slot for slot in best.tolist() if self._bitmaps[slot])
        return [
            Counted(facet=facet, value=self._slot_terms[slot], count=int(counts[slot]))
            for slot in islice(in_use, limit)
        ]

    def _count_slots(self, hits: BitMap) -> NDArray[np.float64]:
        """How many hits have each slot or one below it."""
        if 2 * len(hits) > len(self.latest) and hits <= self.latest:
            return _pad(self._totals, self.n_slots)[: self.n_slots] - self._count_rows(self.latest - hits)
        return self._count_rows(hits)

    def _count_rows(self, hits: BitMap) -> NDArray[np.float64]:
        numbers = np.frombuffer(hits.to_array(), dtype=np.uint32).astype(np.int64)
        direct = np.bincount(self._rows.read(numbers), minlength=self.n_slots).astype(np.float64)
        repeated = np.bincount(self._repeated.read(numbers), minlength=self.n_slots)
        return self._hierarchy.roll_up(direct) - repeated

    def _count_total(self, artifact_id: int, sign: int) -> None:
        self._totals = _pad(self._totals, self.n_slots)
        for slot in self._rows.get(artifact_id):
            self._totals[[slot, *self._hierarchy.above.get(slot, ())]] += sign
        for slot in self._repeated.get(artifact_id):
            self._totals[slot] -= sign

    def _place(self, facet: FacetName, term_id: int, slot: int) -> None:
        """Put a new slot between those of its facet that are above and below it; what it changes is counted anew."""
        above = [self._slots.get((facet, upper)) for upper in self.terms.above.get(term_id, ())]
        below = [self._slots.get((facet, lower)) for lower in self.terms.below.get(term_id, ())]
        self._hierarchy.add((upper, slot) for upper in above if upper is not None)
        lower_slots = [lower for lower in below if lower is not None]
        self._hierarchy.add((slot, lower) for lower in lower_slots)
        concerned = BitMap.union(BitMap(), *(self._bitmaps[lower] for lower in lower_slots))
        for artifact_id in concerned:
            self._repeated.set(artifact_id, self._hierarchy.list_repeated(self._rows.get(artifact_id)))
        if concerned:
            self._totals = self._count_rows(self.latest)

    def _fill_repeated(self, artifact_ids: NDArray[np.int64], slots: NDArray[np.int32]) -> None:
        """Only two slots of one facet can have one above them in common."""
        numbers: dict[FacetName, int] = {facet: number for number, facet in enumerate(self._facets)}
        facet_of_slot = np.zeros(self.n_slots, dtype=np.int64)
        for facet, members in self._facets.items():
            facet_of_slot[members] = numbers[facet]
        in_facet, counts = np.unique(artifact_ids * len(numbers) + facet_of_slot[slots], return_counts=True)
        for artifact_id in np.unique(in_facet[counts > 1] // max(len(numbers), 1)).tolist():
            self._repeated.set(artifact_id, self._hierarchy.list_repeated(self._rows.get(artifact_id)))


def _count_bitmaps(facet: str, values: Mapping[str, BitMap], hits: BitMap, limit: int) -> list[Counted]:
    counted = [
        Counted(facet=facet, value=value, count=count)
        for value, bitmap in values.items()
        if (count := hits.intersection_cardinality(bitmap))
    ]
    return sorted(counted, key=lambda item: (-item.count, item.value))[:limit]


def _pad(counts: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return counts if len(counts) >= size else np.pad(counts, (0, max(size, 2 * len(counts)) - len(counts)))
