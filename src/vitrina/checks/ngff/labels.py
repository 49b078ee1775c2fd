"""Label lists, and the ``image-label`` block of a label image.

Source: https://ngff.openmicroscopy.org/0.4/#label-md, https://ngff.openmicroscopy.org/0.5/#labels-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.path_list import check_path_list
from vitrina.checks.ngff.stated_version import check_block_version
from vitrina.checks.ngff.value import find_repeated, is_integer, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding, Severity
    from vitrina.ngff.json_value import JsonObject

MAX_LABELS = 100_000
"""Further label values, or label images of a list, are not looked at."""


def check_label_list(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the list of label images in a ``labels`` group."""
    return check_path_list(
        place, value, pointer, key="labels", entry="label image", invalid="labels-invalid", repeated="labels-repeated"
    )


def check_image_label(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the ``image-label`` block."""
    if not isinstance(value, Mapping):
        yield place.find(
            "image-label-invalid", pointer, f"image-label at {pointer} is {show(value)}; an object is expected."
        )
        return
    if not place.version.is_namespaced:
        yield from check_block_version(place, value, pointer)
    if "colors" not in value:
        message = f"There are no colors at {pointer}; a list of the label values with their colors is recommended."
        yield place.find("label-colors-missing", f"{pointer}/colors", message)
    else:
        yield from _check_values(place, value["colors"], f"{pointer}/colors", "colors")
    if "properties" in value:
        yield from _check_values(place, value["properties"], f"{pointer}/properties", "properties")
    if "source" in value:
        yield from _check_source(place, value["source"], f"{pointer}/source")


def _check_values(place: Place, value: object, pointer: str, word: str) -> Iterator[Finding]:
    if not isinstance(value, list) or not value:
        message = f"{word} at {pointer} is {show(value)}; a list of at least one object is expected."
        yield place.find(f"label-{word}-invalid", pointer, message)
        return
    for i, entry in enumerate(value[:MAX_LABELS]):
        at = f"{pointer}/{i}"
        if not isinstance(entry, Mapping):
            message = f"The entry at {at} is {show(entry)}; an object with a label-value is expected."
            yield place.find(f"label-{word}-invalid", at, message)
            continue
        yield from _check_label_value(place, entry, at)
        if word == "colors" and "rgba" in entry:
            yield from _check_rgba(place, entry["rgba"], f"{at}/rgba")
    yield from _check_unique(place, value[:MAX_LABELS], pointer, word)


def _check_label_value(place: Place, entry: JsonObject, pointer: str) -> Iterator[Finding]:
    if "label-value" not in entry:
        message = f"The entry at {pointer} has no label-value; a whole number is expected."
        yield place.find("label-value-missing", f"{pointer}/label-value", message)
    elif not is_integer(entry["label-value"]):
        message = (
            f"The label-value at {pointer}/label-value is {show(entry['label-value'])}; a whole number is expected."
        )
        yield place.find("label-value-invalid", f"{pointer}/label-value", message)


def _check_rgba(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    if isinstance(value, list) and len(value) == 4 and all(is_integer(part) and 0 <= part <= 255 for part in value):
        return
    message = f"The color at {pointer} is {show(value)}; four whole numbers from 0 to 255 are expected."
    yield place.find("label-rgba-invalid", pointer, message)


def _check_unique(place: Place, entries: list[Any], pointer: str, word: str) -> Iterator[Finding]:
    values = [entry.get("label-value") if isinstance(entry, Mapping) else None for entry in entries]
    firsts: dict[Any, int] = {}
    for i, value in enumerate(values):
        if isinstance(value, int | float):
            firsts.setdefault(value, i)
    for i in find_repeated(values):
        first = firsts.get(values[i], i)
        is_same = entries[i] == entries[first]
        message = (
            f"The label-value at {pointer}/{i} is {show(values[i])} like that at {pointer}/{first}; each is expected "
            "once."
        )
        severity: Severity | None = None if word == "colors" or is_same else "warning"
        yield place.find("label-value-repeated", f"{pointer}/{i}/label-value", message, severity=severity)


def _check_source(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        yield place.find(
            "label-source-invalid", pointer, f"The source at {pointer} is {show(value)}; an object is expected."
        )
    elif "image" in value and not isinstance(value["image"], str):
        message = f"The image at {pointer}/image is {show(value['image'])}; text that leads to an image is expected."
        yield place.find("label-source-invalid", f"{pointer}/image", message)
