"""Which terms of a registry are above and below which. Pure."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Hierarchy:
    """A graph of terms, each with any number of parents. A cycle, which no ontology should have, does no harm.

    Args:
        parents: Ids of the direct parents by id; terms without parents may be absent.
    """

    def __init__(self, parents: Mapping[str, tuple[str, ...]]) -> None:
        self._parents = parents
        self._above: dict[str, tuple[str, ...]] = {}

    def list_parents(self, term_id: str) -> tuple[str, ...]:
        """The direct parents."""
        return self._parents.get(term_id, ())

    def list_children(self, term_id: str) -> tuple[str, ...]:
        """The direct children."""
        return self._children.get(term_id, ())

    def list_above(self, term_id: str) -> tuple[str, ...]:
        """All terms above, the nearest first, without the term itself."""
        above = self._above.get(term_id)
        if above is None:
            above = self._above[term_id] = walk(self._parents, term_id)
        return above

    def list_below(self, term_id: str) -> tuple[str, ...]:
        """All terms below, the nearest first, without the term itself."""
        return walk(self._children, term_id)

    @cached_property
    def _children(self) -> Mapping[str, tuple[str, ...]]:
        return build_children(self._parents)


def build_children(parents: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The direct children by id, in the order in which ``parents`` holds them."""
    children: defaultdict[str, list[str]] = defaultdict(list)
    for term_id, above in parents.items():
        for parent in above:
            children[parent].append(term_id)
    return {parent: tuple(below) for parent, below in children.items()}


def walk(neighbours: Mapping[str, Iterable[str]], start: str) -> tuple[str, ...]:
    """All that can be reached, in the order of distance, without the start."""
    seen = {start}
    ring = [start]
    reached: list[str] = []
    while ring:
        ring = list(dict.fromkeys(near for term in ring for near in neighbours.get(term, ()) if near not in seen))
        seen.update(ring)
        reached += ring
    return tuple(reached)
