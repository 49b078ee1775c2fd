"""What the numbers in file names stand for: places along an axis, some of them perhaps empty."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_EMPTY_SHARE = 0.75
"""Numbers with more places between them than this are names, not places: they are taken one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """The places along one axis.

    Attributes:
        numbers: That have a place, in order, whether there is a file of that number or not.
    """

    numbers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def find(self, number: int) -> int:
        """The place of a number.

        Raises:
            ValueError: It has none.
        """
        first, last = self.numbers[0], self.numbers[-1]
        step = (last - first) // (len(self.numbers) - 1) if len(self.numbers) > 1 else 1
        guess = (number - first) // max(step, 1)
        if 0 <= guess < len(self.numbers) and self.numbers[guess] == number:
            return guess
        return self.numbers.index(number)


def plan_numbers(found: Iterable[int], *, n_expected: int | None = None) -> Numbering:
    """The places of numbers, which start anywhere and advance by any constant step; what is missing stays empty.

    Args:
        found: At least one number.
        n_expected: How many there should be from 1 on, where metadata says so.

    >>> plan_numbers([12, 13, 15]).numbers
    (12, 13, 14, 15)
    >>> plan_numbers([0, 10, 20]).numbers
    (0, 10, 20)
    >>> plan_numbers([1], n_expected=3).numbers
    (1, 2, 3)
    """
    own = sorted(set(found))
    if n_expected is not None and n_expected <= 10 * max(len(own), 100) and own[0] >= 1 and own[-1] <= n_expected:
        return Numbering(numbers=tuple(range(1, n_expected + 1)))
    steps = [after - before for before, after in pairwise(own)]
    step = math.gcd(*steps) if steps else 1
    n_places = (own[-1] - own[0]) // step + 1
    if len(own) < (1 - MAX_EMPTY_SHARE) * n_places:
        return Numbering(numbers=tuple(own))
    return Numbering(numbers=tuple(range(own[0], own[-1] + 1, step)))
