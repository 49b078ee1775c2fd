"""Columns as their distinct values: read once, whatever their number of rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

    import numpy as np


@dataclass(frozen=True, slots=True)
class Distinct:
    """The different values of a column, in any order, and whether some are missing."""

    uniques: list[Any]
    has_missing: bool


@dataclass(frozen=True, slots=True)
class Factors:
    """A column as its distinct values and their places.

    Attributes:
        codes: For each row the number of its value; -1 for a missing one.
        uniques: The distinct values; those of them that occur nowhere have a count of 0.
        counts: Of each of the values, how often it occurs.
        n_missing: Rows without a value.
    """

    codes: np.ndarray[Any, Any]
    uniques: list[Any]
    counts: np.ndarray[Any, Any]
    n_missing: int


def read_column(values: Any) -> Any:
    """A column in memory: that of a dask data frame (points) is read, a single value becomes a list of one."""
    import numpy as np
    import pandas as pd

    if hasattr(values, "compute") and hasattr(values, "dask"):
        values = values.compute()
    if not isinstance(values, np.ndarray | pd.Series | pd.Index | pd.api.extensions.ExtensionArray):
        values = np.fromiter([values], dtype=object, count=1)
    if isinstance(values, pd.Series | pd.Index):
        values = values.array
    return values.to_numpy() if isinstance(values, pd.arrays.NumpyExtensionArray) else values


def is_missing(value: Any) -> bool:
    """Whether a single value stands for none."""
    kind = type(value).__name__
    if kind.startswith("float"):
        return math.isnan(value)
    return value is None or kind in ("NAType", "NaTType") or (kind == "datetime64" and str(value) == "NaT")


def list_distinct(values: Any) -> Distinct:
    """The different values of a column, without their places, which would take twice the time."""
    import numpy as np
    import pandas as pd

    column = read_column(values)
    if isinstance(column, pd.Categorical):
        used = np.bincount(column.codes.astype(np.intp) + 1, minlength=len(column.categories) + 1)
        places = np.flatnonzero(used[1:])
        return Distinct(np.asarray(column.categories, dtype=object)[places].tolist(), bool(used[0]))
    found = _list_objects(column) if column.dtype == object else pd.unique(column)
    present = [value for value in found if not is_missing(value)]
    return Distinct(present, len(present) < len(found))


def _list_objects(column: Any) -> Collection[Any]:
    """Objects, each once; those that cannot be hashed, such as lists, are told apart by what they look like."""
    objects = column.tolist()
    try:
        return set(objects)
    except TypeError:
        return {repr(value): value for value in objects}.values()


def _to_hashable(value: Any) -> Any:
    return value if isinstance(value, str) or is_missing(value) else repr(value)


def factorize(values: Any) -> Factors:
    """The different values of a column with their places; of categories nothing is compared."""
    import numpy as np
    import pandas as pd

    column = read_column(values)
    codes: Any
    found: Any
    if isinstance(column, pd.Categorical):
        codes, found = column.codes, column.categories
    else:
        try:
            codes, found = pd.factorize(column)
        except TypeError:  # lists and such
            codes, found = pd.factorize(np.array([_to_hashable(value) for value in column], dtype=object))
    counts = np.bincount(codes.astype(np.intp) + 1, minlength=len(found) + 1)
    return Factors(codes, np.asarray(found, dtype=object).tolist(), counts[1:], int(counts[0]))
