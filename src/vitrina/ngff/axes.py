"""Axes of an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import get_list, get_text, malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

SPACE_UNITS = frozenset({
    "angstrom", "attometer", "centimeter", "decimeter", "exameter", "femtometer", "foot", "gigameter", "hectometer",
    "inch", "kilometer", "megameter", "meter", "micrometer", "mile", "millimeter", "nanometer", "parsec", "petameter",
    "picometer", "terameter", "yard", "yoctometer", "yottameter", "zeptometer", "zettameter",
})  # fmt: skip
"""Units of length, as they are spelled. Source: https://ngff.openmicroscopy.org/0.4/#axes-md"""

TIME_UNITS = frozenset({
    "attosecond", "centisecond", "day", "decisecond", "exasecond", "femtosecond", "gigasecond", "hectosecond", "hour",
    "kilosecond", "megasecond", "microsecond", "millisecond", "minute", "nanosecond", "petasecond", "picosecond",
    "second", "terasecond", "yoctosecond", "yottasecond", "zeptosecond", "zettasecond",
})  # fmt: skip
"""Units of time, as they are spelled. Source: https://ngff.openmicroscopy.org/0.4/#axes-md"""

_TYPE_OF_NAME = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One dimension, as the metadata says it; unit and type may be any text."""

    name: str
    type: str | None = None
    unit: str | None = None


TCZYX = tuple(Axis(name=name, type=type_) for name, type_ in _TYPE_OF_NAME.items())
"""The axes that every image had before 0.3. Source: https://ngff.openmicroscopy.org/0.2/#image-layout"""


def parse_axes(value: object, pointer: str) -> tuple[Axis, ...]:
    """The axes of a multiscale image or a coordinate system.

    Args:
        value: A list of objects, or of names as 0.3 had it.
        pointer: Where the value lies.

    Raises:
        DataError: It is no list of axes with distinct names.

    Source: https://ngff.openmicroscopy.org/0.4/#axes-md
    """
    axes = tuple(_parse_axis(axis, f"{pointer}/{i}") for i, axis in enumerate(get_list(value, pointer)))
    names = [axis.name for axis in axes]
    if not axes or len(set(names)) < len(names):
        raise malformed(pointer, names, "at least one axis, with distinct names")
    return axes


def build_axes(axes: Sequence[Axis]) -> list[dict[str, str]]:
    """The axes as JSON; what is unknown is left out."""
    fields = ({"name": axis.name, "type": axis.type, "unit": axis.unit} for axis in axes)
    return [{key: value for key, value in field.items() if value is not None} for field in fields]


def _parse_axis(value: Any, pointer: str) -> Axis:
    if isinstance(value, str):
        return Axis(name=get_text(value, pointer), type=_TYPE_OF_NAME.get(value))
    if not isinstance(value, Mapping):
        raise malformed(pointer, value, "an axis with a name")
    name = get_text(value.get("name"), f"{pointer}/name")
    type_, unit = value.get("type"), value.get("unit")
    return Axis(
        name=name,
        type=type_ if isinstance(type_, str) else _TYPE_OF_NAME.get(name),
        unit=unit if isinstance(unit, str) else None,
    )
