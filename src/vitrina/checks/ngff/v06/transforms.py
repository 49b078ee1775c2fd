"""Coordinate transformations of 0.6: twelve types, some made of others.

Source: https://ngff.openmicroscopy.org/0.6/#trafo-types-md
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.transforms import check_vector
from vitrina.checks.ngff.v06.matrices import check_affine, check_rotation
from vitrina.checks.ngff.v06.permutations import check_map_axis, check_project_axis
from vitrina.checks.ngff.v06.sizes import Sizes, find_output_size
from vitrina.checks.ngff.value import is_index, is_text, list_words, show

if TYPE_CHECKING:
    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

MAX_DEPTH = 16
"""A transformation nested deeper is refused; real ones nest once or twice."""

MAX_PARTS = 256
"""Further parts of a sequence are not looked at."""

_INTERPOLATIONS = ("nearest", "linear", "cubic", "bspline-cubic")


def check_transform(place: Place, value: object, sizes: Sizes, pointer: str, depth: int = 0) -> Iterator[Finding]:
    """What is wrong with a transformation, its input and output left aside.

    Args:
        place: The document.
        value: The transformation.
        sizes: Numbers of dimensions that it maps from and to, None where they are not known.
        pointer: Where it lies.
        depth: How many transformations it lies in.
    """
    if not isinstance(value, Mapping):
        message = f"The transformation at {pointer} is {show(value)}; an object is expected."
        yield place.find("transforms-invalid", pointer, message)
        return
    type_ = value.get("type")
    rule = _RULES.get(type_) if isinstance(type_, str) else None
    if rule is None:
        found = "has no type" if type_ is None else f"has the type {show(type_)}"
        message = f"The transformation at {pointer} {found}; one of {list_words(list(_RULES))} is expected."
        yield place.find("transform-type-wrong", f"{pointer}/type", message)
    elif depth >= MAX_DEPTH:
        message = f"The transformation at {pointer} lies in {depth} others; fewer are expected."
        yield place.find("transforms-too-deep", pointer, message)
    else:
        if "name" in value and not isinstance(value["name"], str):
            message = f"The name at {pointer}/name is {show(value['name'])}; text is expected."
            yield place.find("transform-field-invalid", f"{pointer}/name", message)
        yield from rule(place, value, sizes, pointer, depth)


def _check_identity(place: Place, _: JsonObject, sizes: Sizes, pointer: str, __: int) -> Iterator[Finding]:
    yield from _check_same_size(place, sizes, "identity", pointer)


def _check_vector(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, _: int) -> Iterator[Finding]:
    type_ = str(transform["type"])
    if type_ not in transform:
        message = (
            f'The transformation at {pointer} has the type "{type_}" and no {type_}; a list of numbers is expected.'
        )
        yield place.find("transform-value-missing", f"{pointer}/{type_}", message)
        return
    size = sizes.input if sizes.input is not None else sizes.output
    yield from check_vector(place, transform[type_], size, f"{pointer}/{type_}", is_positive=type_ == "scale")
    yield from _check_same_size(place, sizes, type_, pointer)


def _check_matrix(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, _: int) -> Iterator[Finding]:
    type_ = str(transform["type"])
    if type_ not in transform and not is_text(transform.get("path")):
        message = (
            f'The transformation at {pointer} has the type "{type_}" and neither {type_} nor path; a matrix is '
            "expected."
        )
        yield place.find("transform-value-missing", f"{pointer}/{type_}", message)
    elif type_ in transform and "path" in transform:
        message = f"The transformation at {pointer} has both {type_} and path; one of them is expected."
        yield place.find("transform-value-twice", pointer, message)
    elif type_ == "affine" and type_ in transform:
        yield from check_affine(place, transform[type_], sizes, f"{pointer}/{type_}")
    elif type_ in transform:
        yield from check_rotation(place, transform[type_], sizes, f"{pointer}/{type_}")
    if type_ == "rotation":
        yield from _check_same_size(place, sizes, type_, pointer)


def _check_map_axis(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, _: int) -> Iterator[Finding]:
    yield from check_map_axis(place, transform, sizes, pointer)


def _check_project_axis(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, _: int) -> Iterator[Finding]:
    yield from check_project_axis(place, transform, sizes, pointer)


def _check_field(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, _: int) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.6/#coordinates-displacements-md."""
    type_ = str(transform["type"])
    if not is_text(transform.get("path")):
        message = f'The transformation at {pointer} has the type "{type_}" and no path; that of an image is expected.'
        yield place.find("transform-value-missing", f"{pointer}/path", message)
    interpolation = transform.get("interpolation", "linear")
    if not (isinstance(interpolation, str) and interpolation in _INTERPOLATIONS):
        message = (
            f"The interpolation at {pointer} is {show(interpolation)}; nearest, linear or bspline-cubic is expected."
        )
        yield place.find("transform-interpolation-unknown", f"{pointer}/interpolation", message)
    if type_ == "displacements":
        yield from _check_same_size(place, sizes, type_, pointer)


def _check_sequence(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, depth: int) -> Iterator[Finding]:
    parts = transform.get("transformations")
    where = f"{pointer}/transformations"
    if not isinstance(parts, list) or not parts:
        message = (
            f"The sequence at {pointer} has the transformations {show(parts)}; a list of at least one is expected."
        )
        yield place.find("transform-value-missing", where, message)
        return
    size = sizes.input
    for i, part in enumerate(parts[:MAX_PARTS]):
        is_last = i == len(parts) - 1
        following = find_output_size(part, size)
        wanted = sizes.output if is_last and size is None else following
        wrong = list(check_transform(place, part, Sizes(size, wanted), f"{where}/{i}", depth + 1))
        yield from wrong
        if wrong:
            return
        size = following
    if size is not None and sizes.output is not None and size != sizes.output:
        message = f"The sequence at {pointer} ends in {size} dimensions; {sizes.output} are expected, as in its output."
        yield place.find("transform-length", where, message)


def _check_by_dimension(
    place: Place, transform: JsonObject, sizes: Sizes, pointer: str, depth: int
) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.6/#bydimension-md."""
    parts = transform.get("transformations")
    where = f"{pointer}/transformations"
    if not isinstance(parts, list) or not parts:
        message = f"byDimension at {pointer} has the transformations {show(parts)}; a list of at least one is expected."
        yield place.find("transform-value-missing", where, message)
        return
    outputs: list[int] = []
    for i, part in enumerate(parts[:MAX_PARTS]):
        wrong = list(_check_part(place, part, sizes, f"{where}/{i}", depth))
        yield from wrong
        if wrong:
            return
        outputs += [int(axis) for axis in part["outputAxes"]]
    repeated = sorted({axis for axis in outputs if outputs.count(axis) > 1}) if len(outputs) <= MAX_PARTS else []
    missing = [axis for axis in range(sizes.output or 0) if axis not in outputs]
    if repeated or missing:
        found = (
            f"gives the output axis {repeated[0]} twice" if repeated else f"does not give the output axis {missing[0]}"
        )
        message = f"byDimension at {pointer} {found}; each output axis is expected exactly once."
        yield place.find("by-dimension-axes", where, message)


def _check_part(place: Place, part: Any, sizes: Sizes, pointer: str, depth: int) -> Iterator[Finding]:
    if not isinstance(part, Mapping) or "transformation" not in part:
        message = (
            f"The part at {pointer} is {show(part)}; an object with transformation, inputAxes and outputAxes is "
            "expected."
        )
        yield place.find("by-dimension-part", pointer, message)
        return
    for key, size in (("inputAxes", sizes.input), ("outputAxes", sizes.output)):
        axes = part.get(key)
        if not isinstance(axes, list) or not axes or not all(is_index(axis) for axis in axes):
            message = f"{key} at {pointer} is {show(axes)}; a list of axis numbers is expected."
            yield place.find("by-dimension-part", f"{pointer}/{key}", message)
            return
        beyond = [axis for axis in axes if size is not None and axis >= size]
        if beyond:
            message = (
                f"{key} at {pointer} names the axis {show(beyond[0])}; numbers from 0 to {(size or 1) - 1} are "
                "expected."
            )
            yield place.find("by-dimension-axes", f"{pointer}/{key}", message)
            return
    inner = Sizes(len(part["inputAxes"]), len(part["outputAxes"]))
    yield from check_transform(place, part["transformation"], inner, f"{pointer}/transformation", depth + 1)


def _check_bijection(place: Place, transform: JsonObject, sizes: Sizes, pointer: str, depth: int) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.6/#bijection-md."""
    for key, inner in (("forward", sizes), ("inverse", Sizes(sizes.output, sizes.input))):
        if key not in transform:
            message = f"The bijection at {pointer} has no {key}; a transformation is expected."
            yield place.find("transform-value-missing", f"{pointer}/{key}", message)
        else:
            yield from check_transform(place, transform[key], inner, f"{pointer}/{key}", depth + 1)
    yield from _check_same_size(place, sizes, "bijection", pointer)


def _check_same_size(place: Place, sizes: Sizes, type_: str, pointer: str) -> Iterator[Finding]:
    if sizes.input is not None and sizes.output is not None and sizes.input != sizes.output:
        message = (
            f"The transformation at {pointer} leads from {sizes.input} dimensions to {sizes.output}; "
            f'the same number is expected for the type "{type_}".'
        )
        yield place.find("transform-length", pointer, message)


type _Rule = Callable[[Place, JsonObject, Sizes, str, int], Iterator[Finding]]

_RULES: dict[str, _Rule] = {
    "identity": _check_identity,
    "scale": _check_vector,
    "translation": _check_vector,
    "affine": _check_matrix,
    "rotation": _check_matrix,
    "mapAxis": _check_map_axis,
    "projectAxis": _check_project_axis,
    "sequence": _check_sequence,
    "byDimension": _check_by_dimension,
    "bijection": _check_bijection,
    "displacements": _check_field,
    "coordinates": _check_field,
}
