"""Where elements lie: transformations that can be read and inverted, to coordinate systems with names.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#transformations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.errors import DataError
from vitrina.ngff.affine import Affine, parse_affine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.model.finding import Finding

MIN_RELATIVE_VALUE: Final = 1e-12
"""Of the least to the greatest singular value: below it a dimension is lost in double precision."""

MAX_TRANSFORMS: Final = 1000
"""Transformations of one element that are looked at."""

_FIX: Final = "Set it anew with spatialdata.transformations.set_transformation(element, ..., write_to_sdata=sdata)."


def check_placements(transforms: Any, axes: Sequence[str], path: str, pointer: str) -> Iterator[Finding]:
    """What is wrong with the ``coordinateTransformations`` of an element.

    Args:
        transforms: Their value in the metadata.
        axes: Names of the element's axes.
        path: Of the element.
        pointer: Where they stand in its metadata.
    """
    if not isinstance(transforms, list) or not transforms:
        message = f"{path} maps to no coordinate system: its coordinateTransformations are {_show(transforms)}."
        yield build_finding("coordinate-system-missing", f"{path}#{pointer}", message, fix=_FIX)
        return
    names: list[str] = []
    for i, transform in enumerate(transforms[:MAX_TRANSFORMS]):
        where = f"{path}#{pointer}/{i}"
        name = _find_system(transform)
        if name is None:
            message = f"Transformation {i} of {path} does not name the coordinate system that it leads to."
            yield build_finding("coordinate-system-unnamed", f"{where}/output", message, fix=_FIX)
        elif name in names:
            message = f"{path} has more than one transformation to the coordinate system {name!r}."
            yield build_finding("coordinate-system-repeated", f"{where}/output", message, fix=_FIX)
        names += [] if name is None else [name]
        yield from _check_transform(transform, axes, path, where)


def _check_transform(transform: Any, axes: Sequence[str], path: str, where: str) -> Iterator[Finding]:
    try:
        affine = parse_affine(transform, axes, where)
    except (DataError, ValueError, KeyError, TypeError, IndexError, RecursionError) as err:
        reason = err.message if isinstance(err, DataError) else f"it cannot be read: {err!r}"[:200]
        message = f"A transformation of {path} is malformed: {reason}"
        message = message if message.endswith(".") else f"{message}."
        yield build_finding("transformation-malformed", where, message, fix=_FIX)
        return
    if not _is_invertible(affine):
        rows = [list(row) for row in affine.rows[:4]]
        message = f"A transformation of {path} cannot be inverted: its matrix is {rows}."
        yield build_finding("transformation-not-invertible", where, message, fix=_FIX)


def _is_invertible(affine: Affine) -> bool:
    import numpy as np

    if not affine.rows:
        return False
    matrix = np.asarray(affine.rows, dtype=float)
    # an axis that no output depends on, and that is no output, passes through: the third axis beside a mapAxis of two
    kept = [i for i, name in enumerate(affine.inputs) if name in affine.outputs or matrix[:, i].any()]
    linear = matrix[:, kept]
    if not np.isfinite(matrix).all() or linear.shape[0] < linear.shape[1]:
        return False
    lengths = np.linalg.norm(linear, axis=0)
    if (lengths == 0).any():
        return False
    values = np.linalg.svd(linear / lengths, compute_uv=False)
    return bool(values[-1] > MIN_RELATIVE_VALUE * values[0])


def _find_system(transform: Any) -> str | None:
    output = transform.get("output") if isinstance(transform, dict) else None
    name = output.get("name") if isinstance(output, dict) else output
    return name if isinstance(name, str) and name else None


def _show(value: Any) -> str:
    return "absent" if value is None else "empty" if value == [] else repr(value)[:60]
