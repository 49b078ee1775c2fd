"""The ``plate`` block of a plate.

Source: https://ngff.openmicroscopy.org/0.4/#plate-md, https://ngff.openmicroscopy.org/0.5/#plate-md,
    https://ngff.openmicroscopy.org/0.1/#plate-md where wells have no indices yet
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.acquisitions import check_acquisitions
from vitrina.checks.ngff.stated_version import check_block_version
from vitrina.checks.ngff.value import find_repeated, is_alphanumeric, is_integer, is_text, show
from vitrina.checks.ngff.wells import check_wells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

MAX_LINES = 10_000
"""Further rows or columns are not looked at; a plate of 1536 wells has 48."""


def check_plate(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the ``plate`` block."""
    if not isinstance(value, Mapping):
        yield place.find("plate-invalid", pointer, f"plate at {pointer} is {show(value)}; an object is expected.")
        return
    if not place.version.is_namespaced:
        yield from check_block_version(place, value, pointer)
    yield from _check_name(place, value, pointer)
    yield from _check_lines(place, value, "row", pointer)
    yield from _check_lines(place, value, "column", pointer)
    yield from check_wells(place, value, pointer)
    if "acquisitions" in value:
        yield from check_acquisitions(place, value["acquisitions"], f"{pointer}/acquisitions")
    if "field_count" in value and not (is_integer(value["field_count"]) and value["field_count"] > 0):
        message = f"field_count at {pointer} is {show(value['field_count'])}; a whole number above zero is expected."
        yield place.find("plate-field-count-invalid", f"{pointer}/field_count", message)
    if "field_count" not in value:
        message = f"There is no field_count at {pointer}; the largest number of fields in a well is recommended."
        yield place.find("plate-field-count-missing", f"{pointer}/field_count", message, severity="info")


def get_line_names(plate: JsonObject, key: str) -> list[str | None]:
    """Names of the rows or columns, None for each that has none."""
    lines = plate.get(key)
    lines = lines[:MAX_LINES] if isinstance(lines, list) else []
    names = (line.get("name") if isinstance(line, Mapping) else None for line in lines)
    return [name if is_text(name) else None for name in names]


def _check_name(place: Place, plate: JsonObject, pointer: str) -> Iterator[Finding]:
    if "name" not in plate:
        yield place.find(
            "plate-name-missing", f"{pointer}/name", f"The plate at {pointer} has no name; one is recommended."
        )
    elif not isinstance(plate["name"], str):
        message = f"The name of the plate at {pointer} is {show(plate['name'])}; text is expected."
        yield place.find("plate-name-invalid", f"{pointer}/name", message)


def _check_lines(place: Place, plate: JsonObject, word: str, pointer: str) -> Iterator[Finding]:
    where = f"{pointer}/{word}s"
    lines = plate.get(f"{word}s")
    if not isinstance(lines, list) or not lines:
        found = f"has no {word}s" if f"{word}s" not in plate else f"has the {word}s {show(lines)}"
        message = f"The plate at {pointer} {found}; a list of at least one {word} is expected."
        yield place.find(f"plate-{word}s-missing", where, message)
        return
    for i, line in enumerate(lines[:MAX_LINES]):
        yield from _check_line(place, line, word, f"{where}/{i}")
    names = get_line_names(plate, f"{word}s")
    for i in find_repeated(names):
        message = (
            f"The {word} at {where}/{i} has the name {show(names[i])} of an earlier one; names are expected to differ."
        )
        yield place.find(f"{word}-name-repeated", f"{where}/{i}/name", message)
    folded = [None if name is None else name.casefold() for name in names]
    for i in sorted(set(find_repeated(folded)) - set(find_repeated(names)))[:1]:
        message = (
            f"The {word} at {where}/{i} has the name {show(names[i])}, which differs from an earlier one in case alone."
        )
        yield place.find("plate-names-by-case", f"{where}/{i}/name", message)


def _check_line(place: Place, line: Any, word: str, pointer: str) -> Iterator[Finding]:
    if not isinstance(line, Mapping):
        message = f"The {word} at {pointer} is {show(line)}; an object with a name is expected."
        yield place.find(f"{word}-name-missing", pointer, message)
    elif not isinstance(line.get("name"), str):
        found = "has no name" if "name" not in line else f"has the name {show(line['name'])}"
        yield place.find(
            f"{word}-name-missing", f"{pointer}/name", f"The {word} at {pointer} {found}; text is expected."
        )
    elif place.version.rules >= "0.4" and not is_alphanumeric(line["name"]):
        message = f"The {word} at {pointer} has the name {show(line['name'])}; letters and digits alone are expected."
        yield place.find(f"{word}-name-invalid", f"{pointer}/name", message)
