"""A growing table of short rows of numbers, made to read many rows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_INITIAL = 1_024
_MAX_WASTE = 2
"""Rows are written anew when all that was ever written is so many times what is still in use."""


class Rows:
    """Rows of whole numbers below 2**31, by a row number.

    A row that changes is written once more at the end; what it was stays behind as waste, until there is too much of
    it. Reading any number of rows is a few NumPy operations.
    """

    def __init__(self) -> None:
        self._data: NDArray[np.int32] = np.zeros(_INITIAL, dtype=np.int32)
        self._used = 0
        self._n_live = 0
        self._starts: NDArray[np.int64] = np.zeros(_INITIAL, dtype=np.int64)
        self._lengths: NDArray[np.int32] = np.zeros(_INITIAL, dtype=np.int32)

    def get(self, number: int) -> list[int]:
        """One row; empty when it was never set."""
        if number >= len(self._starts):
            return []
        start = int(self._starts[number])
        row: list[int] = self._data[start : start + int(self._lengths[number])].tolist()
        return row

    def set(self, number: int, row: Sequence[int]) -> None:
        """Set one row, in place of what it was."""
        if number >= len(self._starts):
            self._starts = _grow(self._starts, number + 1)
            self._lengths = _grow(self._lengths, number + 1)
        self._n_live += len(row) - int(self._lengths[number])
        fits = len(row) <= self._lengths[number]
        start = int(self._starts[number]) if fits else self._reserve(len(row))
        self._data[start : start + len(row)] = row
        self._starts[number] = start
        self._lengths[number] = len(row)
        if self._used > _INITIAL + _MAX_WASTE * self._n_live:
            self._compact()

    def fill(self, numbers: NDArray[np.int64], values: NDArray[np.int32]) -> None:
        """Set all rows at once: ``values[i]`` belongs to row ``numbers[i]``, which never falls from one to the next."""
        size = int(numbers[-1]) + 1 if len(numbers) else 0
        lengths = np.bincount(numbers, minlength=max(size, _INITIAL)).astype(np.int32)
        self._lengths = lengths
        self._starts = np.cumsum(lengths, dtype=np.int64) - lengths
        self._data = values.astype(np.int32)
        self._used = self._n_live = len(values)

    def read(self, numbers: NDArray[np.int64]) -> NDArray[np.int32]:
        """The values of rows, one row after the other."""
        numbers = numbers[numbers < len(self._starts)]
        lengths = self._lengths[numbers]
        ends = np.cumsum(lengths, dtype=np.int64)
        n_values = int(ends[-1]) if len(ends) else 0
        places = np.arange(n_values) + np.repeat(self._starts[numbers] - (ends - lengths), lengths)
        values: NDArray[np.int32] = self._data[places]
        return values

    def _reserve(self, n_values: int) -> int:
        start = self._used
        self._used += n_values
        if self._used > len(self._data):
            self._data = _grow(self._data, self._used)
        return start

    def _compact(self) -> None:
        numbers = np.flatnonzero(self._lengths)
        data = self.read(numbers)
        lengths = self._lengths[numbers]
        self._starts[numbers] = np.cumsum(lengths, dtype=np.int64) - lengths
        self._data = data
        self._used = self._n_live = len(data)


def _grow[T: np.generic](array: NDArray[T], needed: int) -> NDArray[T]:
    grown = np.zeros(max(needed, 2 * len(array)), dtype=array.dtype)
    grown[: len(array)] = array
    return grown
