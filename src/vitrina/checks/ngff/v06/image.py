"""Images of 0.6: each level maps to the intrinsic one of several named coordinate systems.

Source: https://ngff.openmicroscopy.org/0.6/#multiscales-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.multiscales import MAX_LEVELS, check_datasets, list_datasets
from vitrina.checks.ngff.v06.references import check_reference, find_component, get_reference
from vitrina.checks.ngff.v06.sizes import Sizes
from vitrina.checks.ngff.v06.systems import check_systems, count_axes
from vitrina.checks.ngff.v06.transforms import check_transform
from vitrina.checks.ngff.value import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

_KEY = "coordinateTransformations"
_LEVEL_TYPES = ("identity", "scale", "sequence")
_LABEL_TYPES = ("identity", "scale", "translation", "sequence")


def check_multiscale(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    """What is wrong with one image of ``multiscales``."""
    if "coordinateSystems" not in multiscale:
        message = f"The image at {pointer} has no coordinateSystems; a list of at least one system is expected."
        yield place.find("systems-missing", f"{pointer}/coordinateSystems", message)
    else:
        yield from check_systems(place, multiscale["coordinateSystems"], f"{pointer}/coordinateSystems")
    yield from check_datasets(place, multiscale, pointer)
    systems = count_axes(multiscale.get("coordinateSystems"))
    for i, dataset in list_datasets(multiscale):
        yield from _check_level(place, dataset, systems, f"{pointer}/datasets/{i}")
    yield from _check_outputs(place, multiscale, pointer)
    if _KEY in multiscale:
        yield from _check_more(place, multiscale, systems, f"{pointer}/{_KEY}")
    yield from _check_connected(place, multiscale, systems, pointer)


def find_intrinsic(multiscale: JsonObject) -> str | None:
    """Name of the coordinate system that the levels map to, None where they name none."""
    for _, dataset in list_datasets(multiscale):
        for transform in _get_list(dataset.get(_KEY))[:1]:
            reference = get_reference(transform, "output") if isinstance(transform, Mapping) else None
            if reference is not None:
                return reference.name
    return None


def _check_level(place: Place, dataset: JsonObject, systems: dict[str, int | None], pointer: str) -> Iterator[Finding]:
    where = f"{pointer}/{_KEY}"
    transforms = dataset.get(_KEY)
    if _KEY not in dataset:
        message = f"The level at {pointer} has no {_KEY}; a list of one transformation is expected."
        yield place.find("transforms-missing", where, message)
        return
    if not isinstance(transforms, list) or len(transforms) != 1:
        message = f"The transformations at {where} are {show(transforms)}; a list of exactly one is expected."
        yield place.find("transforms-invalid", where, message)
        return
    transform, at = transforms[0], f"{where}/0"
    type_ = transform.get("type") if isinstance(transform, Mapping) else None
    if isinstance(transform, Mapping) and type_ not in _LEVEL_TYPES:
        found = "has no type" if type_ is None else f"has the type {show(type_)}"
        message = (
            f"The transformation at {at} {found}; a scale, an identity, or a sequence of scale and translation is "
            "expected."
        )
        yield place.find("transform-type-wrong", f"{at}/type", message)
        return
    reference = get_reference(transform, "output") if isinstance(transform, Mapping) else None
    size = systems.get(reference.name) if reference is not None else None
    wrong = list(check_transform(place, transform, Sizes(size, size), at))
    yield from wrong
    if not isinstance(transform, Mapping):
        return
    if type_ == "sequence" and not wrong:
        yield from _check_level_sequence(place, transform["transformations"], f"{at}/transformations")
    yield from check_reference(place, transform, "input", "path", at)
    yield from check_reference(place, transform, "output", "name", at)
    yield from _check_input(place, transform, dataset, at)
    if reference is not None and systems and reference.name not in systems:
        yield _find_unknown(place, reference.name, systems, f"{at}/output/name")


def _check_level_sequence(place: Place, parts: list[Any], pointer: str) -> Iterator[Finding]:
    types = [part.get("type") for part in parts]
    if sorted(map(str, types)) != ["scale", "translation"]:
        message = f"The sequence at {pointer} is made of {show(types)}; one scale, then one translation is expected."
        yield place.find("transform-type-wrong", pointer, message)
    elif types[0] != "scale":
        message = f"The sequence at {pointer} has the translation before the scale; it is expected after it."
        yield place.find("transforms-order", pointer, message)


def _check_input(place: Place, transform: JsonObject, dataset: JsonObject, pointer: str) -> Iterator[Finding]:
    value = transform.get("input")
    path = value.get("path") if isinstance(value, Mapping) else None
    if isinstance(path, str) and isinstance(dataset.get("path"), str) and path != dataset["path"]:
        message = (
            f"The input at {pointer} has the path {show(path)}; {show(dataset['path'])} is expected, that of the level."
        )
        yield place.find_reference(
            "transform-input-differs", f"{pointer}/input/path", message, fix="Use the level's path."
        )


def _check_outputs(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    intrinsic = find_intrinsic(multiscale)
    for i, dataset in list_datasets(multiscale):
        for transform in _get_list(dataset.get(_KEY))[:1]:
            reference = get_reference(transform, "output") if isinstance(transform, Mapping) else None
            if reference is not None and reference.name != intrinsic:
                where = f"{pointer}/datasets/{i}/{_KEY}/0/output/name"
                message = (
                    f"The level at {where} maps to {show(reference.name)}, an earlier one to {show(intrinsic)}; one "
                    "system is expected."
                )
                yield place.find("transform-output-differs", where, message)
                return


def _check_more(
    place: Place, multiscale: JsonObject, systems: dict[str, int | None], pointer: str
) -> Iterator[Finding]:
    """Transformations of the whole image to further systems."""
    value = multiscale[_KEY]
    if not isinstance(value, list) or not value:
        message = f"The transformations at {pointer} are {show(value)}; a list of at least one is expected."
        yield place.find("transforms-invalid", pointer, message)
        return
    intrinsic = find_intrinsic(multiscale)
    for i, transform in enumerate(value[:MAX_LEVELS]):
        at = f"{pointer}/{i}"
        ends = [
            get_reference(transform, key) if isinstance(transform, Mapping) else None for key in ("input", "output")
        ]
        counts = [systems.get(end.name) if end is not None and end.path is None else None for end in ends]
        yield from check_transform(place, transform, Sizes(counts[0], counts[1]), at)
        if not isinstance(transform, Mapping):
            continue
        for key, end in zip(("input", "output"), ends, strict=True):
            yield from check_reference(place, transform, key, "name", at)
            if end is not None and end.path is None and systems and end.name not in systems:
                yield _find_unknown(place, end.name, systems, f"{at}/{key}/name")
        yield from _check_reach(place, transform, intrinsic, at)


def _check_reach(place: Place, transform: JsonObject, intrinsic: str | None, pointer: str) -> Iterator[Finding]:
    """Whether it starts or ends at the intrinsic system, and is simple where it leads to labels."""
    ends = [get_reference(transform, key) for key in ("input", "output")]
    named = [end for end in ends if end is not None]
    if len(named) == 2 and intrinsic is not None and not any(end == (None, intrinsic) for end in named):
        message = (
            f"The transformation at {pointer} leads from {show(named[0].name)} to {show(named[1].name)}; "
            f"{show(intrinsic)}, to which the levels map, is expected as one of them."
        )
        yield place.find_reference("transform-intrinsic-missing", pointer, message)
    type_ = transform.get("type")
    if any(end.path is not None for end in named) and isinstance(type_, str) and type_ not in _LABEL_TYPES:
        message = (
            f"The transformation at {pointer} leads to another group and has the type {show(type_)}; identity, scale "
            "or translation is expected."
        )
        yield place.find_reference("transform-to-labels", f"{pointer}/type", message)


def _check_connected(
    place: Place, multiscale: JsonObject, systems: dict[str, int | None], pointer: str
) -> Iterator[Finding]:
    intrinsic = find_intrinsic(multiscale)
    if intrinsic not in systems:
        return
    edges: list[tuple[object, object]] = []
    for transform in _get_list(multiscale.get(_KEY)):
        ends = [
            get_reference(transform, key) if isinstance(transform, Mapping) else None for key in ("input", "output")
        ]
        edges.append((ends[0], ends[1]))
    reached = find_component((None, intrinsic), edges)
    apart = [name for name in systems if (None, name) not in reached]
    if apart:
        message = (
            f"No transformation leads from {show(intrinsic)} to the coordinate system {show(apart[0])}; all are "
            "expected to be connected."
        )
        yield place.find_reference("systems-unconnected", f"{pointer}/coordinateSystems", message)


def _find_unknown(place: Place, name: str, systems: dict[str, int | None], pointer: str) -> Finding:
    known = show(list(systems)) if len(systems) <= 6 else f"one of {len(systems)}"
    message = f"There is no coordinate system {show(name)}, which {pointer} names; one of {known} is expected."
    return place.find_reference("transform-reference-unknown", pointer, message)


def _get_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
