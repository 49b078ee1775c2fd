"""The resolution levels of an image: their arrays beside each other and beside the metadata.

Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md, https://ngff.openmicroscopy.org/0.5/#axes-md
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from vitrina.checks.ngff.axes import get_axis_names
from vitrina.checks.ngff.value import is_number, show
from vitrina.checks.ngff.zarr_array import INTEGERS, NUMBERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node
    from vitrina.checks.ngff.place import Place
    from vitrina.checks.ngff.zarr_array import ArrayFacts
    from vitrina.model.finding import Finding, Severity
    from vitrina.ngff.json_value import JsonObject


class Level(NamedTuple):
    """An array that is there: where the metadata names it, and what is known of it."""

    pointer: str
    path: str
    node: Node
    facts: ArrayFacts
    dataset: JsonObject


def check_levels(place: Place, levels: list[Level], axes: list[Any], *, is_labels: bool) -> Iterator[Finding]:
    """What is wrong with the arrays of an image.

    Args:
        place: The document of the image.
        levels: The arrays that are there, in the order of the metadata.
        axes: As the metadata has them; empty when they cannot be told.
        is_labels: Whether they hold labels.
    """
    for level in levels:
        yield from _check_dimensions(place, level, axes)
        yield from _check_names(place, level, axes)
        yield from _check_layout(place, level)
    yield from _check_types(place, levels, is_labels=is_labels)
    yield from _check_order(place, levels)
    yield from _check_scales(place, levels)


def _check_dimensions(place: Place, level: Level, axes: list[Any]) -> Iterator[Finding]:
    shape = level.facts.shape
    if shape is None:
        return
    if 2 <= len(axes) <= 5 and len(shape) != len(axes):
        message = (
            f"The array {level.path!r} has {len(shape)} dimensions and the image at {level.pointer} {len(axes)} "
            "axes; as many are expected."
        )
        yield place.find("array-dimensions", level.pointer, message)
    elif not axes and not 2 <= len(shape) <= 5:
        message = f"The array {level.path!r} has {len(shape)} dimensions; 2 to 5 are expected."
        yield place.find("array-dimensions", level.pointer, message)
    if 0 in shape:
        message = f"The array {level.path!r} has the shape {show(list(shape))}, so no pixels; some are expected."
        yield place.find("array-empty", level.pointer, message)


def _check_names(place: Place, level: Level, axes: list[Any]) -> Iterator[Finding]:
    expected = get_axis_names(axes)
    shape, rules = level.facts.shape, place.version.rules
    is_told = None in expected or len(set(expected)) < len(expected)  # that the names themselves are wrong
    if not expected or is_told or shape is None or len(shape) != len(expected):
        return
    found = level.facts.dimension_names
    if found is None and rules == "0.5":
        message = (
            f"The array {level.path!r} has no dimension_names; {show(expected)} is expected, the names of the axes."
        )
        yield place.find("dimension-names-missing", level.pointer, message, fix="Add dimension_names to its zarr.json.")
    elif found is not None and len(found) == len(shape) and list(found) != expected:
        severity: Severity | None = None if rules == "0.5" else "warning"
        message = (
            f"dimension_names of the array {level.path!r} is {show(list(found))}; {show(expected)} is expected, the "
            "names of the axes."
        )
        yield place.find("dimension-names-differ", level.pointer, message, severity=severity)
    attribute = level.node.attrs.get("_ARRAY_DIMENSIONS")
    if (attribute is None and rules == "0.3") or (attribute is not None and attribute != expected and rules < "0.5"):
        message = (
            f"_ARRAY_DIMENSIONS of the array {level.path!r} is {show(attribute)}; {show(expected)} is expected, the "
            "names of the axes."
        )
        yield place.find("array-dimensions-attribute", level.pointer, message)


def _check_layout(place: Place, level: Level) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.2/#image-layout."""
    if "0.2" <= place.version.rules <= "0.4" and level.facts.separator == ".":
        message = (
            f"The chunks of the array {level.path!r} are named with dots; folders are expected since 0.2, with the "
            'dimension_separator "/".'
        )
        yield place.find("dimension-separator", level.pointer, message)


def _check_types(place: Place, levels: list[Level], *, is_labels: bool) -> Iterator[Finding]:
    known = [level for level in levels if level.facts.dtype is not None]
    for level in known[1:]:
        if level.facts.dtype != known[0].facts.dtype:
            message = (
                f"The array {level.path!r} has the type {show(level.facts.dtype)} and {known[0].path!r} "
                f"{show(known[0].facts.dtype)}; one type is expected."
            )
            yield place.find("array-dtype-differs", level.pointer, message)
            return
    first = known[0] if known else None
    if first is None:
        return
    if is_labels and first.facts.dtype not in INTEGERS:
        message = (
            f"The labels in {first.path!r} are of the type {show(first.facts.dtype)}; integers of 8 to 64 bits are "
            "expected."
        )
        yield place.find("labels-dtype", first.pointer, message)
    elif first.facts.dtype not in NUMBERS:
        message = f"The pixels in {first.path!r} are of the type {show(first.facts.dtype)}; numbers are expected."
        yield place.find("array-dtype-unusual", first.pointer, message)


def _check_order(place: Place, levels: list[Level]) -> Iterator[Finding]:
    for before, level in pairwise(levels):
        larger, smaller = before.facts.shape, level.facts.shape
        if larger is None or smaller is None or len(larger) != len(smaller):
            continue
        if any(after > size for size, after in zip(larger, smaller, strict=True)):
            message = (
                f"The array {level.path!r} has the shape {show(list(smaller))}, larger than {show(list(larger))} of "
                f"{before.path!r}; levels are expected from the largest to the smallest."
            )
            yield place.find("levels-order", level.pointer, message)
            return
        if larger == smaller:
            message = (
                f"The array {level.path!r} is as large as {before.path!r}, {show(list(larger))}; a smaller level is "
                "usual."
            )
            yield place.find("levels-equal", level.pointer, message)


def _check_scales(place: Place, levels: list[Level]) -> Iterator[Finding]:
    """Whether pixels grow as levels shrink, give or take a pixel at the edge."""
    if not levels:
        return
    first, first_shape = get_scale(levels[0].dataset), levels[0].facts.shape
    for level in levels[1:]:
        scale, shape = get_scale(level.dataset), level.facts.shape
        if first is None or scale is None or shape is None or first_shape is None:
            continue
        if not len(first) == len(scale) == len(shape) == len(first_shape):
            continue
        for axis, (fine, coarse, full, size) in enumerate(zip(first, scale, first_shape, shape, strict=True)):
            if fine > 0 and coarse > 0 and abs(full * (fine / coarse) - size) > 1 + 0.02 * size:
                message = (
                    f"The scale of {level.path!r} at {level.pointer.removesuffix('/path')} grows by "
                    f"{coarse / fine:g} along axis {axis} "
                    f"while the size goes from {full} to {size}; {full / size if size else 0:.4g} is expected."
                )
                yield place.find("level-scale-differs", level.pointer, message)
                return


def get_scale(dataset: JsonObject) -> list[float] | None:
    """The scale of a level, alone or in a sequence; None where it has none that can be used."""
    transforms = dataset.get("coordinateTransformations")
    waiting = list(transforms[:4]) if isinstance(transforms, list) else []
    for transform in list(waiting):
        inner = transform.get("transformations") if isinstance(transform, Mapping) else None
        waiting += inner[:4] if isinstance(inner, list) else []
    for transform in waiting:
        scale = transform.get("scale") if isinstance(transform, Mapping) and transform.get("type") == "scale" else None
        if isinstance(scale, list) and all(is_number(value) for value in scale):
            return [float(value) if abs(value) < 1e300 else 0.0 for value in scale]
    return None
