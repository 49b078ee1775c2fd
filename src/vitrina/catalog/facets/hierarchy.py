"""Which terms lie above which, among those that are registered, and what that means for counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


class TermHierarchy:
    """Terms above and below each other, by id; no term is above itself."""

    def __init__(self) -> None:
        self.above: dict[int, list[int]] = {}
        self.below: dict[int, list[int]] = {}

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Add pairs of an upper and a lower term that are not there yet."""
        for upper, lower in pairs:
            self.above.setdefault(lower, []).append(upper)
            self.below.setdefault(upper, []).append(lower)


class SlotHierarchy:
    """Slots above each other, to roll counts up."""

    def __init__(self) -> None:
        self.above: dict[int, list[int]] = {}
        self._upper: list[int] = []
        self._lower: list[int] = []
        self._pairs: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def add(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Add pairs of upper and lower slots that are not there yet."""
        for upper, lower in pairs:
            self.above.setdefault(lower, []).append(upper)
            self._upper.append(upper)
            self._lower.append(lower)
        self._pairs = None

    def roll_up(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """To the count of every slot, add those of all below it."""
        if self._pairs is None:
            self._pairs = np.array(self._upper, dtype=np.int64), np.array(self._lower, dtype=np.int64)
        upper, lower = self._pairs
        return counts + np.bincount(upper, weights=counts[lower], minlength=len(counts))

    def list_repeated(self, slots: Iterable[int]) -> list[int]:
        """What rolling up counts too often for one artifact with these slots: each slot once per time too many."""
        seen: set[int] = set()
        repeated = []
        for slot in slots:
            for reached in (slot, *self.above.get(slot, ())):
                if reached in seen:
                    repeated.append(reached)
                seen.add(reached)
        return repeated
