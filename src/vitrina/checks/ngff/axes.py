"""Axes of 0.4 and later: objects with a name, a type and a unit.

Source: https://ngff.openmicroscopy.org/0.4/#axes-md, https://ngff.openmicroscopy.org/0.5/#axes-md,
    https://ngff.openmicroscopy.org/0.4/#multiscale-md for number and order
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.orientation import check_orientation, check_orientations
from vitrina.checks.ngff.value import find_repeated, is_text, list_words, show
from vitrina.ngff.axes import SPACE_UNITS, TIME_UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding, Severity

_KNOWN_TYPES = {
    "0.4": ("space", "time", "channel"),
    "0.5": ("space", "time", "channel"),
    "0.6": ("array", "space", "time", "channel", "coordinate", "displacement"),
}
_UNITS = {"space": SPACE_UNITS, "time": TIME_UNITS}
_STAGES = {"time": 0, "space": 2}
_STAGE_NAMES = ("time", "channel or custom", "space")


def check_axes(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the axes of an image."""
    if not isinstance(value, list):
        yield place.find(
            "axes-invalid", pointer, f"The axes at {pointer} are {show(value)}; a list of axes is expected."
        )
        return
    wrong = False
    for i, axis in enumerate(value[:16]):
        for finding in _check_axis(place, axis, f"{pointer}/{i}"):
            wrong |= finding.code in {"axes-invalid", "axis-type-invalid"}
            yield finding
    yield from _check_units(place, value, pointer)
    yield from _check_names(place, value, pointer)
    yield from _check_count(place, value, pointer)
    if not wrong and value:
        yield from _check_types(place, value, pointer)
        yield from check_orientations(place, value, pointer)


def get_axis_names(value: object) -> list[str | None]:
    """Names of the axes, None for each that has none; they may be objects or, as in 0.3, names."""
    axes = value if isinstance(value, list) else []
    names = (axis.get("name") if isinstance(axis, Mapping) else axis for axis in axes)
    return [name if isinstance(name, str) else None for name in names]


def _check_axis(place: Place, axis: object, pointer: str) -> Iterator[Finding]:
    if not isinstance(axis, Mapping):
        yield place.find("axes-invalid", pointer, f"The axis at {pointer} is {show(axis)}; an object is expected.")
        return
    name, type_, unit = axis.get("name"), axis.get("type"), axis.get("unit")
    if not is_text(name):
        found = "has no name" if "name" not in axis else f"has the name {show(name)}"
        message = f'The axis at {pointer} {found}; text such as "x" is expected.'
        yield place.find("axis-name-missing", f"{pointer}/name", message)
    is_strict = type_ == "space" or place.version.rules >= "0.6"  # where the schemas ask for text
    if type_ is None and "type" in axis:
        message = f"The type of the axis at {pointer} is null; text, or no type at all, is expected."
        yield place.find("axis-type-invalid", f"{pointer}/type", message)
    elif type_ is not None and not isinstance(type_, str):
        message = f'The type of the axis at {pointer} is {show(type_)}; text such as "space" is expected.'
        yield place.find("axis-type-invalid", f"{pointer}/type", message)
    if "unit" in axis and not isinstance(unit, str) and (unit is not None or is_strict):
        message = f'The unit of the axis at {pointer} is {show(unit)}; text such as "micrometer" is expected.'
        severity: Severity | None = None if is_strict else "warning"
        yield place.find("axis-unit-invalid", f"{pointer}/unit", message, severity=severity)
    yield from _check_fields_of_06(place, axis, pointer)
    if "orientation" in axis:
        yield from check_orientation(place, axis, pointer)


def _check_fields_of_06(place: Place, axis: Mapping[str, Any], pointer: str) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.6/#axes-md."""
    if place.version.rules < "0.6":
        return
    for key, type_, expected in (("discrete", bool, "true or false"), ("longName", str, "text")):
        if key in axis and not isinstance(axis[key], type_):
            message = f"{key} of the axis at {pointer} is {show(axis[key])}; {expected} is expected."
            yield place.find("axis-field-invalid", f"{pointer}/{key}", message)


def _check_units(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    """One finding for each unit that is missing or unknown, however many axes have it."""
    told: set[tuple[str, str | None]] = set()
    for i, axis in enumerate(axes[:16]):
        type_, unit = (axis.get("type"), axis.get("unit")) if isinstance(axis, Mapping) else (None, None)
        known = _UNITS.get(type_) if isinstance(type_, str) else None
        is_told = unit is None and isinstance(axis, Mapping) and "unit" in axis and type_ == "space"
        if known is None or is_told or not isinstance(unit, str | None) or unit in known or (str(type_), unit) in told:
            continue
        told.add((str(type_), unit))
        at = f"{pointer}/{i}"
        if unit is None:
            message = f"The {type_} axis at {at} has no unit; one such as {_example(type_)} is recommended."
            severity: Severity | None = "info" if type_ == "time" else None
            yield place.find("axis-unit-missing", at, message, severity=severity, fix=f"Add a unit to {at}.")
        else:
            message = f"The unit of the {type_} axis at {at} is {show(unit)}; one such as {_example(type_)} is usual."
            yield place.find("axis-unit-unknown", f"{at}/unit", message)


def _example(type_: object) -> str:
    return '"second"' if type_ == "time" else '"micrometer"'


def _check_names(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    names = get_axis_names(axes)
    for i in find_repeated(names)[:1]:
        message = (
            f"The axis at {pointer}/{i} has the name {show(names[i])} of an earlier one; names are expected to differ."
        )
        yield place.find("axis-name-repeated", f"{pointer}/{i}/name", message)


def _check_count(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    if not 2 <= len(axes) <= 5:
        message = f"There are {len(axes)} axes at {pointer}; 2 to 5 are expected."
        yield place.find("axes-count", pointer, message)


def _check_types(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    types = [axis.get("type") for axis in axes]
    n_space = types.count("space")
    is_of_array = place.version.rules == "0.6" and n_space < 2 and types.count("array") >= 2
    if not 2 <= n_space <= 3 and not is_of_array and 2 <= len(axes) <= 5:
        message = f'{n_space} of the axes at {pointer} have the type "space"; 2 or 3 are expected.'
        yield place.find("axes-space-count", pointer, message)
        return
    for name, stages in (("time", {"time"}), ("channel or custom", {None})):
        n_found = sum(1 for type_ in types if (type_ in stages if name == "time" else type_ not in {"time", "space"}))
        if n_found > 1 and not is_of_array and len(axes) <= 5:
            message = f"{n_found} of the axes at {pointer} have a {name} type; at most one is expected."
            yield place.find("axes-type-repeated", pointer, message)
    if not is_of_array and len(axes) <= 5:
        yield from _check_order(place, types, pointer)
        yield from _check_space_order(place, axes, pointer)
    yield from _check_known_types(place, axes, pointer)


def _check_order(place: Place, types: list[Any], pointer: str) -> Iterator[Finding]:
    stages = [_STAGES.get(type_, 1) if isinstance(type_, str) else 1 for type_ in types]
    late = next((i for i in range(1, len(stages)) if stages[i] < stages[i - 1]), None)
    if late is not None:
        before, after = _STAGE_NAMES[stages[late - 1]], _STAGE_NAMES[stages[late]]
        message = (
            f"The axis at {pointer}/{late} ({after}) comes after one of {before}; time first, then a channel or custom "
            "axis, then space is expected."
        )
        yield place.find("axes-order", f"{pointer}/{late}", message)


def _check_space_order(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    names = [axis.get("name") for axis in axes if axis.get("type") == "space"]
    if sorted(map(str, names)) in (["x", "y", "z"], ["x", "y"]) and names != ["z", "y", "x"][-len(names) :]:
        message = f"The space axes at {pointer} come in the order {list_words(names)}; z, y and x is recommended."
        yield place.find("axes-space-order", pointer, message)


def _check_known_types(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    known = _KNOWN_TYPES[place.version.rules]
    for i, axis in enumerate(axes):
        type_ = axis.get("type")
        if type_ is None or type_ not in known:
            found = "no type" if type_ is None else f"the type {show(type_)}"
            message = f"The axis at {pointer}/{i} has {found}; one of {list_words(list(known))} is recommended."
            yield place.find("axis-type-unknown", f"{pointer}/{i}/type", message)
