"""Coordinate transformations of 0.4 and 0.5: one scale, and a translation after it.

Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md, https://ngff.openmicroscopy.org/0.5/#multiscale-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.value import is_number, is_text, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding, Severity

_TYPES = ("scale", "translation")


def check_transforms(place: Place, value: object, n_axes: int | None, pointer: str) -> Iterator[Finding]:
    """What is wrong with the transformations of a level or of a whole image.

    Args:
        place: The document.
        value: The transformations.
        n_axes: How many axes there are, None where that is not known.
        pointer: Where the value lies.
    """
    if not isinstance(value, list):
        message = f"The transformations at {pointer} are {show(value)}; a list with one scale is expected."
        yield place.find("transforms-invalid", pointer, message)
        return
    types: list[str] = []
    for i, transform in enumerate(value[:16]):
        wrong = list(_check_transform(place, transform, n_axes, f"{pointer}/{i}"))
        yield from wrong
        if any(finding.code in {"transform-type-wrong", "transform-value-missing"} for finding in wrong):
            return
        types.append(transform["type"])
    yield from _check_sequence(place, types, pointer)


def check_vector(
    place: Place, value: object, n_axes: int | None, pointer: str, *, is_positive: bool = False
) -> Iterator[Finding]:
    """What is wrong with a list of numbers, one per axis.

    Args:
        place: The document.
        value: The list.
        n_axes: How many axes there are, None where that is not known.
        pointer: Where the value lies.
        is_positive: Whether the numbers must be above zero.
    """
    if not isinstance(value, list):
        yield place.find(
            "transform-value-invalid",
            pointer,
            f"The value at {pointer} is {show(value)}; a list of numbers is expected.",
        )
        return
    wrong = next((i for i, number in enumerate(value) if not is_number(number)), None)
    if wrong is not None:
        message = f"The value at {pointer}/{wrong} is {show(value[wrong])}; a finite number is expected."
        yield place.find("transform-value-invalid", f"{pointer}/{wrong}", message)
    elif n_axes is not None and len(value) != n_axes:
        message = f"The list at {pointer} has {len(value)} numbers; {n_axes} are expected, one per axis."
        yield place.find("transform-length", pointer, message)
    elif is_positive:
        small = next((i for i, number in enumerate(value) if number <= 0), None)
        if small is not None:
            severity: Severity | None = "error" if place.version.rules >= "0.6" else None
            message = f"The scale at {pointer}/{small} is {show(value[small])}; a number above zero is expected."
            yield place.find("scale-not-positive", f"{pointer}/{small}", message, severity=severity)


def _check_transform(place: Place, transform: Any, n_axes: int | None, pointer: str) -> Iterator[Finding]:
    if not isinstance(transform, Mapping):
        message = f"The transformation at {pointer} is {show(transform)}; an object is expected."
        yield place.find("transform-type-wrong", pointer, message)
        return
    type_ = transform.get("type")
    if not isinstance(type_, str) or type_ not in _TYPES:
        found = "has no type" if type_ is None else f"has the type {show(type_)}"
        message = f'The transformation at {pointer} {found}; "scale" or "translation" is expected.'
        yield place.find("transform-type-wrong", f"{pointer}/type", message)
    elif type_ in transform:
        yield from check_vector(place, transform[type_], n_axes, f"{pointer}/{type_}", is_positive=type_ == "scale")
    elif is_text(transform.get("path")):
        message = (
            f"The {type_} at {pointer} lies in the array {show(transform['path'])}; numbers in place are read by "
            "more tools."
        )
        yield place.find("transform-path", f"{pointer}/path", message)
    else:
        message = (
            f'The transformation at {pointer} has the type "{type_}" and no {type_}; a list of numbers is expected.'
        )
        yield place.find("transform-value-missing", f"{pointer}/{type_}", message)


def _check_sequence(place: Place, types: list[str], pointer: str) -> Iterator[Finding]:
    n_scales, n_translations = types.count("scale"), types.count("translation")
    if n_scales == 0:
        found = "are no transformations" if not types else "is no scale"
        message = f"There {found} at {pointer}; exactly one scale is expected."
        fix = "Add the pixel size as a scale, or leave the list out where it belongs to the whole image."
        yield place.find("scale-missing", pointer, message, fix=fix)
    elif n_scales > 1:
        message = f"There are {n_scales} scales at {pointer}; exactly one is expected."
        yield place.find("scale-repeated", pointer, message)
    if n_translations > 1:
        message = f"There are {n_translations} translations at {pointer}; at most one is expected."
        yield place.find("translation-repeated", pointer, message)
    if n_scales == n_translations == 1 and types[0] == "translation":
        message = f"The translation at {pointer}/0 comes before the scale; it is expected after it."
        yield place.find("transforms-order", f"{pointer}/0", message, fix="Exchange the two, and convert the offset.")
