"""Axes of arrays that come with names of dimensions, or with none at all."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import Axis
from vitrina.model.finding import Finding
from vitrina.readers.ome_xml import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vitrina.model.content import AxisType

MAX_CHANNELS = 4
"""A first or last dimension of at most this size in an array of rank 3 is channels, not depth or columns."""

_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
_NAMES = {
    **dict.fromkeys(("t", "time", "times", "frame", "frames", "timepoint", "timepoints"), "t"),
    **dict.fromkeys(("c", "ch", "channel", "channels", "band", "bands", "wavelength", "samples", "s"), "c"),
    **dict.fromkeys(("z", "depth", "plane", "planes", "slice", "slices", "section", "sections", "level"), "z"),
    **dict.fromkeys(("y", "row", "rows", "height", "lat", "latitude"), "y"),
    **dict.fromkeys(("x", "col", "cols", "column", "columns", "width", "lon", "longitude"), "x"),
}
_UNITS = {
    **{symbol.lower(): name for symbol, name in UNITS.items() if symbol not in {"Å", "d"}},
    **dict.fromkeys(("micron", "microns", "micrometer", "micrometers", "micrometre", "micrometres"), "micrometer"),
    **dict.fromkeys(("nanometer", "nanometers", "nanometre", "nanometres"), "nanometer"),
    **dict.fromkeys(("millimeter", "millimeters", "millimetre", "millimetres"), "millimeter"),
    **dict.fromkeys(("meter", "meters", "metre", "metres"), "meter"),
    **dict.fromkeys(("sec", "second", "seconds"), "second"),
    **dict.fromkeys(("millisecond", "milliseconds", "msec"), "millisecond"),
    **dict.fromkeys(("minute", "minutes"), "minute"),
    **dict.fromkeys(("hour", "hours"), "hour"),
    "centimeter": "centimeter", "angstrom": "angstrom", "å": "angstrom",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAxes:
    """The axes of an array.

    Attributes:
        axes: One per dimension.
        is_guess: Whether they follow from the sizes alone.
    """

    axes: tuple[Axis, ...]
    is_guess: bool


def name_axes(shape: Sequence[int], names: Sequence[str | None] = (), units: Sequence[str | None] = ()) -> NamedAxes:
    """The axes of an array by the names of its dimensions, else by its sizes.

    Args:
        shape: Of the array.
        names: Of its dimensions, None or empty where they have none.
        units: UDUNITS-2 names, None where they are unknown.

    >>> "".join(axis.name for axis in name_axes((2, 9, 8), ["band", "lat", "lon"]).axes)
    'cyx'
    >>> "".join(axis.name for axis in name_axes((9, 8, 3)).axes)
    'yxc'
    """
    known = [name for name in names if name and not name.startswith(("phony_dim", "dim_"))]
    letters = [_NAMES.get(name.lower(), name) for name in known]
    is_named = len(letters) == len(shape) and len(set(letters)) == len(letters) and bool(set(letters) & set("yx"))
    if not is_named:
        letters = list(guess_letters(shape))
    own = list(units) if len(units) == len(shape) else [None] * len(shape)
    axes = (
        Axis(name=letter, type=_TYPES.get(letter), unit=None if letter == "c" else unit)
        for letter, unit in zip(letters, own, strict=True)
    )
    return NamedAxes(axes=tuple(axes), is_guess=not is_named and len(shape) > 2)


def guess_letters(shape: Sequence[int]) -> str:
    """The likeliest axes of a shape of 2 to 5 dimensions.

    >>> [guess_letters(shape) for shape in [(9, 8), (9, 9, 9), (3, 9, 9), (9, 9, 3), (2, 9, 9, 9), (5, 9, 9, 9, 2)]]
    ['yx', 'zyx', 'cyx', 'yxc', 'czyx', 'tzyxc']
    """
    has_last = len(shape) > 2 and shape[-1] <= MAX_CHANNELS < min(shape[-3:-1])
    rest = len(shape) - has_last
    if rest == 3 and not has_last:
        return "cyx" if shape[0] <= MAX_CHANNELS else "zyx"
    names = ("tzyx" if has_last else "tczyx")[-rest:] if rest != 4 or has_last else "czyx"
    return names + "c" * has_last


def find_unit(text: object) -> str | None:
    """The UDUNITS-2 name of a unit, None for what is none.

    >>> [find_unit(text) for text in ("um", "Micron", "nm", "pixel", 7)]
    ['micrometer', 'micrometer', 'nanometer', None, None]
    """
    return _UNITS.get(text.strip().lower()) if isinstance(text, str) else None


def find_sizes(values: object, n_dims: int) -> tuple[float, ...] | None:
    """Positive finite sizes, one per dimension; None where the values are anything else."""
    import numpy as np

    try:
        sizes = tuple(float(value) for value in np.ravel(np.asarray(values)))
    except (TypeError, ValueError):
        return None
    return sizes if len(sizes) == n_dims and all(math.isfinite(size) and size > 0 for size in sizes) else None


def tell_guess(path: str, shape: Sequence[int], axes: Iterable[Axis]) -> Finding:
    """What to tell of axes that follow from the sizes alone."""
    letters = "".join(axis.name for axis in axes)
    return Finding(
        code="axes-guessed",
        severity="warning",
        path=f"{path}#",
        message=f"Nothing says what the dimensions of the array are; with the sizes {', '.join(map(str, shape))} they "
        f"are taken for {letters}.",
        fix="Save the names of the dimensions with the array.",
    )
