"""A table as it is served: columns, and matrices of which a client asks for some columns at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from vitrina.model.content import AffineXY

    type Rows = Callable[[slice], npt.NDArray[Any] | Sequence[str]]
    type Values = npt.NDArray[Any]

INDEX = "_index"
POSITIONS = "spatial"
"""Entry of ``obsm`` with positions that are stored as columns."""

NUMBERS = "biuf"
"""Kinds of NumPy types that are served."""

_SERVED_DTYPES = {"bool": "uint8", "int64": "float64", "uint64": "float64", "float16": "float32"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameColumn:
    """One column, ready to be read in slices of rows.

    Attributes:
        name: Its name; ``_index`` for the names of the rows.
        n_rows: How many.
        dtype: NumPy name of the values, or of the codes; None for text.
        read: Gives the values of some rows.
        categories: The names of categories; None when the column is not categorical.
        is_ordered: Whether the categories have an order.
        row_bytes: What a value takes in memory, as far as that is declared.
    """

    name: str
    n_rows: int
    dtype: str | None
    read: Rows
    categories: FrameColumn | None = None
    is_ordered: bool = False
    row_bytes: int = 8


class Matrix(Protocol):
    """Numbers of observations x variables, or x dimensions. Safe to use from several threads."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    @property
    def dtype(self) -> str:
        """NumPy name of what ``read`` gives."""

    def read(self, window: tuple[slice, ...]) -> Values:
        """The values inside a window of rows and columns.

        Raises:
            UnreadableError: The stored bytes are damaged.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTable:
    """One AnnData.

    Attributes:
        obs: Columns of the observations, the index first.
        var: Columns of the variables, the index first.
        matrix: ``X``; None where there is none.
        layers: Further matrices.
        obsm: Embeddings and positions, and vectors such as which observations a modality has.
    """

    obs: Sequence[FrameColumn]
    var: Sequence[FrameColumn]
    matrix: Matrix | None = None
    layers: Mapping[str, Matrix] = field(default_factory=dict)
    obsm: Mapping[str, Matrix | FrameColumn] = field(default_factory=dict)


def choose_dtype(dtype: np.dtype[Any]) -> str:
    """The type in which a matrix is served: one that browsers draw, and no wider than needed.

    Decimal numbers are float32, as they are when written for the web. Whole numbers of 64 bits, and truth values, break
    the viewer; as float64 they are exact up to 2^53.
    """
    if dtype.kind == "f":
        return "float32"
    return _SERVED_DTYPES.get(dtype.name, dtype.name)


def cast(values: Values, dtype: str) -> Values:
    """Values in the type in which they are served; what is too large for it becomes infinite."""
    import numpy as np

    with np.errstate(over="ignore"):
        return values.astype(dtype, copy=False)


def number_rows(n_rows: int) -> FrameColumn:
    """An index for rows without names: their numbers."""
    return FrameColumn(
        name=INDEX, n_rows=n_rows, dtype=None, read=lambda rows: [str(row) for row in range(rows.start, rows.stop)]
    )


@dataclass(frozen=True, slots=True)
class StackedColumns:
    """Columns of numbers as a matrix, such as x and y.

    Attributes:
        columns: Of equal length, without categories; at least one.
    """

    columns: tuple[FrameColumn, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return self.columns[0].n_rows, len(self.columns)

    @property
    def dtype(self) -> str:
        return "float32"

    def read(self, window: tuple[slice, ...]) -> Values:
        import numpy as np

        rows, wanted = window
        return np.stack([cast(np.asarray(column.read(rows)), self.dtype) for column in self.columns[wanted]], axis=1)


@dataclass(frozen=True, slots=True)
class PlacedMatrix:
    """Positions in a coordinate system.

    Attributes:
        positions: Where they are; x and y first.
        affine_xy: From there to the system.
    """

    positions: Matrix
    affine_xy: AffineXY

    @property
    def shape(self) -> tuple[int, int]:
        return self.positions.shape[0], 2

    @property
    def dtype(self) -> str:
        return "float32"

    def read(self, window: tuple[slice, ...]) -> Values:
        import numpy as np

        rows, wanted = window
        x, y = np.asarray(self.positions.read((rows, slice(0, 2))), np.float64).T
        a, b, c, d, e, f = self.affine_xy
        return np.stack([a * x + b * y + c, d * x + e * y + f], axis=1)[:, wanted].astype(self.dtype)


def add_positions(
    obsm: Mapping[str, Matrix | FrameColumn], obs: Sequence[FrameColumn], names: tuple[str, str] | None
) -> dict[str, Matrix | FrameColumn]:
    """``obsm`` with positions that are columns of ``obs`` as ``spatial``, where it has none.

    Args:
        obsm: What there is.
        obs: The columns.
        names: Of those that hold x and y; None where none do.
    """
    by_name = {column.name: column for column in obs if column.dtype is not None and column.categories is None}
    if names is None or POSITIONS in obsm or not all(name in by_name for name in names):
        return dict(obsm)
    return {**obsm, POSITIONS: StackedColumns(tuple(by_name[name] for name in names))}
