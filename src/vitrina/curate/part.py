"""One slot of one dataset: what names it has, and the values under each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.factors import factorize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from vitrina.curate.factors import Factors
    from vitrina.curate.slots import Slot

INDEX: Final = "index"
"""Name under which the index of a frame can be asked for."""


class Part:
    """What a slot of a dataset holds; values are asked for one name at a time.

    Args:
        slot: Which one.
        names: Of its columns, keys or variables.
        read: Gives the values under the n-th name: a Series, an array, or a single value when ``is_record``.
        index: Of a frame, else None.
        matrix: What the names stand for along the columns: for ``var.T`` the matrix X, else None.
        is_record: Whether there is one value under each name.
    """

    def __init__(
        self,
        slot: Slot,
        names: Iterable[object],
        read: Callable[[int], Any],
        *,
        index: Any = None,
        matrix: Any = None,
        is_record: bool = False,
    ) -> None:
        self.slot = slot
        self.names = tuple(map(str, names))
        self.index = index
        self.matrix = matrix
        self.is_record = is_record
        self._read = read
        self._positions = {name: i for i, name in reversed(list(enumerate(self.names)))}
        self._factors: dict[str, Factors] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._positions or (name == INDEX and self.index is not None)

    def get(self, name: str) -> Any:
        """The values under a name, the first of several with it; KeyError when there is none."""
        if name == INDEX and name not in self._positions and self.index is not None:
            return self.index
        return self._read(self._positions[name])

    def factorize(self, name: str) -> Factors:
        """The values under a name as distinct values and places; done once, however often it is asked for."""
        factors = self._factors.get(name)
        if factors is None:
            factors = self._factors[name] = factorize(self.get(name))
        return factors
