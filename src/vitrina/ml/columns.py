"""What is known of the cells behind the tiles: columns of their table, and their genes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One column over all cells of a cohort.

    Attributes:
        data: Per cell a number; for categories their code, -1 for none.
        categories: Names of the codes; None for numbers.
    """

    data: npt.NDArray[Any]
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Genes:
    """Expression of chosen genes over all cells of a cohort.

    Attributes:
        names: Of the genes, in the order of the vectors.
        matrix: Cells x genes, CSR.
    """

    names: tuple[str, ...]
    matrix: Any

    def read(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The vectors of some cells: cells x genes, float32."""
        found: npt.NDArray[np.float32] = self.matrix[rows].toarray().astype(np.float32, copy=False)
        return found


def join_columns(columns: Sequence[Column]) -> Column:
    """The same column of several datasets, one after the other; categories are joined by name, sorted."""
    if all(column.categories is None for column in columns):
        return Column(data=np.concatenate([column.data for column in columns]))
    names = sorted({name for column in columns for name in _get_names(column)})
    codes = []
    for column in columns:
        own = _get_names(column)
        lookup = np.array([*(names.index(name) for name in own), -1], np.int64)
        mine = column.data if column.categories is not None else np.searchsorted(np.unique(column.data), column.data)
        codes.append(lookup[mine])
    return Column(data=np.concatenate(codes), categories=tuple(names))


def _get_names(column: Column) -> tuple[str, ...]:
    """Categories; values as text where one dataset keeps numbers and another categories."""
    if column.categories is not None:
        return column.categories
    return tuple(str(value) for value in np.unique(column.data))
