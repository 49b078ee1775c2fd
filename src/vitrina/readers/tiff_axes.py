"""Axes of a TIFF series: letters to names, with guesses where a letter says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import Axis, AxisType
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from vitrina.readers.tiff_metadata import TiffMetadata

_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}

MAX_GUESSED_CHANNELS = 4
"""Up to this many unlabelled planes are channels, more are time points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffAxes:
    """Names of the axes in the order of the pixels, and what had to be guessed."""

    names: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def name_axes(letters: str, shape: tuple[int, ...], metadata: TiffMetadata) -> TiffAxes:
    """One distinct name per axis.

    Letters are tifffile's: ``T``, ``C``, ``Z``, ``Y``, ``X``, ``S`` for samples of a pixel, others for unlabelled axes.
    An unlabelled axis is named after the only axis of the metadata that has its size and is not there yet; where the
    metadata is silent, a short one is guessed to be channels and a long one time.
    """
    names: list[str] = []
    findings: list[Finding] = []
    known = {_get_name(letter, letters) for letter in letters} - {None}
    for letter, size in zip(letters, shape, strict=True):
        name = _get_name(letter, letters)
        if name is None:
            stated = [axis for axis, own in metadata.sizes.items() if own == size and axis.lower() not in known]
            name = stated[0].lower() if len(stated) == 1 else None
        if name is None:
            name = _guess_name(size, known)
            findings.append(_guessed(name, size))
        known.add(name)
        names.append(name)
    return TiffAxes(names=tuple(names), findings=tuple(findings))


def build_axes(names: tuple[str, ...], metadata: TiffMetadata) -> tuple[Axis, ...]:
    """The axes with their types and units."""
    units = {letter.lower(): unit for letter, (_, unit) in metadata.pixel_sizes.items()}
    return tuple(Axis(name=name, type=_TYPES.get(name), unit=units.get(name)) for name in names)


def _get_name(letter: str, letters: str) -> str | None:
    if letter == "S":  # samples are the channels, unless there are channels besides
        return "s" if "C" in letters else "c"
    return letter.lower() if letter in "TCZYX" else None


def _guess_name(size: int, known: set[str | None]) -> str:
    preferred = ("c", "z", "t") if size <= MAX_GUESSED_CHANNELS else ("t", "z", "c")
    free = [name for name in preferred if name not in known]
    return free[0] if free else f"axis{len(known)}"


def _guessed(name: str, size: int) -> Finding:
    word = {"c": "channels", "t": "time points", "z": "planes of a stack"}.get(name, "an unknown axis")
    return Finding(
        code="axis-guessed",
        severity="warning",
        path="#",
        message=f"The file does not say what its {size} planes are; they are taken for {word}.",
        fix="Save the image as OME-TIFF or ImageJ TIFF with its axes.",
    )
