"""Matrices of transformations: affine and rotation.

Source: https://ngff.openmicroscopy.org/0.6/#matrix-trafo-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.value import is_number, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.checks.ngff.v06.sizes import Sizes
    from vitrina.model.finding import Finding

TOLERANCE = 1e-3
"""By how much a rotation may miss; matrices are often written with four digits."""

MAX_SIZE = 16
"""A larger matrix is refused: images have 5 dimensions at most."""


def check_affine(place: Place, rows: object, sizes: Sizes, pointer: str) -> Iterator[Finding]:
    """What is wrong with the matrix of an affine map: a row per output, a column per input and one more.

    Source: https://ngff.openmicroscopy.org/0.6/#affine-md
    """
    n_columns = None if sizes.input is None else sizes.input + 1
    yield from _check_rows(place, rows, sizes.output, n_columns, pointer)


def check_rotation(place: Place, rows: object, sizes: Sizes, pointer: str) -> Iterator[Finding]:
    """What is wrong with the matrix of a rotation: square, orthonormal, and of determinant one.

    Source: https://ngff.openmicroscopy.org/0.6/#rotation-md
    """
    size = sizes.input if sizes.input is not None else sizes.output
    n_rows = size if size is not None else (len(rows) if isinstance(rows, list) else None)
    wrong = list(_check_rows(place, rows, n_rows, n_rows, pointer))
    yield from wrong
    if wrong or not isinstance(rows, list):
        return
    if not _is_orthonormal(rows):
        message = (
            f"The matrix at {pointer} is no rotation: its rows are not of length one and at right angles, as is "
            "expected."
        )
        yield place.find("rotation-invalid", pointer, message)
    elif abs(_get_determinant(rows) - 1) > TOLERANCE:
        message = (
            f"The matrix at {pointer} is no rotation: its determinant is {_get_determinant(rows):g}; 1 is expected."
        )
        yield place.find("rotation-invalid", pointer, message)


def _check_rows(
    place: Place, rows: object, n_rows: int | None, n_columns: int | None, pointer: str
) -> Iterator[Finding]:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, list) for row in rows) or len(rows) > MAX_SIZE:
        message = f"The matrix at {pointer} is {show(rows)}; a list of rows of numbers is expected."
        yield place.find("transform-value-invalid", pointer, message)
        return
    n_columns = len(rows[0]) if n_columns is None else n_columns
    for i, row in enumerate(rows):
        if not all(is_number(value) for value in row):
            message = f"The row at {pointer}/{i} is {show(row)}; finite numbers are expected."
            yield place.find("transform-value-invalid", f"{pointer}/{i}", message)
            return
        if len(row) != n_columns:
            message = f"The row at {pointer}/{i} has {len(row)} numbers; {n_columns} are expected."
            yield place.find("transform-length", f"{pointer}/{i}", message)
            return
    if n_rows is not None and len(rows) != n_rows:
        message = f"The matrix at {pointer} has {len(rows)} rows; {n_rows} are expected, one per output axis."
        yield place.find("transform-length", pointer, message)


def _is_orthonormal(rows: list[Any]) -> bool:
    for i, one in enumerate(rows):
        for j, other in enumerate(rows[: i + 1]):
            product = sum(float(a) * float(b) for a, b in zip(one, other, strict=True))
            if abs(product - (1.0 if i == j else 0.0)) > TOLERANCE:
                return False
    return True


def _get_determinant(rows: list[Any]) -> float:
    """By elimination; the rows are orthonormal, so that no pivot is small."""
    matrix = [[float(value) for value in row] for row in rows]
    determinant = 1.0
    for i in range(len(matrix)):
        pivot = max(range(i, len(matrix)), key=lambda row: abs(matrix[row][i]))
        if matrix[pivot][i] == 0:
            return 0.0
        if pivot != i:
            matrix[i], matrix[pivot] = matrix[pivot], matrix[i]
            determinant = -determinant
        determinant *= matrix[i][i]
        for row in range(i + 1, len(matrix)):
            factor = matrix[row][i] / matrix[i][i]
            matrix[row] = [a - factor * b for a, b in zip(matrix[row], matrix[i], strict=True)]
    return determinant
