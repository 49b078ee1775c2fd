"""Which numbers a matrix holds, and the smallest type that keeps them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

_WHOLE = ("uint8", "uint16", "uint32", "int8", "int16", "int32")
_MAX_FLOAT32 = float(np.finfo(np.float32).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was seen of the values.

    Attributes:
        n_values: How many.
        low: The smallest finite one, 0 without any.
        high: The largest finite one, 0 without any.
        is_whole: Whether all are finite and without a fraction.
        n_inexact: How many are not exactly a float32.
        n_beyond: How many are not exactly a float64.
    """

    n_values: int = 0
    low: float = 0
    high: float = 0
    is_whole: bool = True
    n_inexact: int = 0
    n_beyond: int = 0

    def add(self, values: npt.NDArray[Any]) -> Self:
        """With some more values."""
        if values.size == 0:
            return self
        is_float = values.dtype.kind == "f"
        finite = values[np.isfinite(values)] if is_float else values
        return type(self)(
            n_values=self.n_values + values.size,
            low=min(self.low, finite.min().item()) if finite.size else self.low,
            high=max(self.high, finite.max().item()) if finite.size else self.high,
            is_whole=self.is_whole and (not is_float or (finite.size == values.size and _are_whole(finite))),
            n_inexact=self.n_inexact + _count_inexact(finite, np.float32),
            n_beyond=self.n_beyond + _count_inexact(finite, np.float64),
        )


def survey_values(blocks: Iterable[npt.NDArray[Any]]) -> Survey:
    """What all blocks hold."""
    survey = Survey()
    for block in blocks:
        survey = survey.add(block)
    return survey


def choose_dtype(survey: Survey) -> np.dtype[Any]:
    """Whole numbers as the smallest integer of up to 32 bits, others as float32, or float64 where that is too small.

    Whole numbers beyond 32 bits become float32 where that holds them, else float64.
    """
    if survey.is_whole:
        for name in _WHOLE:
            limits = np.iinfo(name)
            if limits.min <= survey.low and survey.high <= limits.max:
                return np.dtype(name)
    is_beyond = survey.is_whole and survey.n_inexact
    if is_beyond or max(-survey.low, survey.high) > _MAX_FLOAT32:
        return np.dtype(np.float64)
    return np.dtype(np.float32)


def count_lost(survey: Survey, dtype: np.dtype[Any]) -> int:
    """How many values are not exactly kept by the chosen type."""
    if dtype == np.float32:
        return survey.n_inexact
    return survey.n_beyond if dtype == np.float64 else 0


def _are_whole(values: npt.NDArray[Any]) -> bool:
    return bool((np.trunc(values) == values).all())


def _count_inexact(values: npt.NDArray[Any], wanted: type[np.floating[Any]]) -> int:
    """How many values a floating type does not hold exactly; of whole numbers those with more digits than it has."""
    if values.dtype.kind == "f":
        with np.errstate(over="ignore"):
            return 0 if np.can_cast(values.dtype, wanted) else int(np.count_nonzero(values.astype(wanted) != values))
    if values.dtype.kind == "b" or values.dtype.itemsize * 8 <= np.finfo(wanted).nmant + 1:
        return 0
    magnitudes = np.abs(values).astype(np.uint64)
    lowest = magnitudes & (~magnitudes + np.uint64(1))  # the last digit that is not zero
    digits = magnitudes // np.maximum(lowest, 1)
    return int(np.count_nonzero(digits >> np.uint64(np.finfo(wanted).nmant + 1)))
