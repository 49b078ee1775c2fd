"""Axes that a format names by letters, with those that have no place in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.content import Axis, AxisType
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}

_WORDS = {"h": "phases", "i": "illuminations", "r": "rotations", "v": "views", "b": "blocks", "p": "positions"}


def build_named_axes(letters: Sequence[str], units: Mapping[str, str]) -> tuple[Axis, ...]:
    """One axis per letter; samples (``S``) are the channels unless there are channels besides.

    Args:
        letters: In upper case.
        units: UDUNITS-2 names by letter, where known.
    """
    names = ["c" if letter == "S" and "C" not in letters else letter.lower() for letter in letters]
    return tuple(
        Axis(name=name, type=_TYPES.get(name), unit=units.get(letter))
        for name, letter in zip(names, letters, strict=True)
    )


def find_unknown_axes(axes: Sequence[Axis], shape: Sequence[int], path: str) -> Iterator[Finding]:
    """What to tell of axes that are neither time nor channels nor space: they take the place of one that is free."""
    for axis, size in zip(axes, shape, strict=True):
        if axis.type is None and axis.name != "s":
            what = _WORDS.get(axis.name, f"positions along {axis.name!r}")
            yield Finding(
                code="axis-guessed",
                severity="warning",
                path=f"{path}#",
                message=f"The image has {size} {what}, for which images have no axis; they take the place of time, "
                "depth or channels, whichever is free.",
            )
