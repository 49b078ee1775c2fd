"""The wells of a plate: paths of a row and a column, and their indices.

Source: https://ngff.openmicroscopy.org/0.5/#plate-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.multiscales import check_path
from vitrina.checks.ngff.paths import explain_illegal
from vitrina.checks.ngff.value import find_repeated, is_index, list_words, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

MAX_WELLS = 100_000
"""Further wells are not looked at; a plate has 1536 at most."""


def check_wells(place: Place, plate: JsonObject, pointer: str) -> Iterator[Finding]:
    """What is wrong with the wells of a plate."""
    where = f"{pointer}/wells"
    wells = plate.get("wells")
    if not isinstance(wells, list) or not wells:
        found = "has no wells" if "wells" not in plate else f"has the wells {show(wells)}"
        message = f"The plate at {pointer} {found}; a list of at least one well is expected."
        yield place.find("plate-wells-missing", where, message)
        return
    lines = (get_line_positions(plate, "rows"), get_line_positions(plate, "columns"))
    for i, well in enumerate(wells[:MAX_WELLS]):
        at = f"{where}/{i}"
        if not isinstance(well, Mapping):
            yield place.find(
                "well-invalid", at, f"The well at {at} is {show(well)}; an object with a path is expected."
            )
            continue
        wrong = list(_check_path(place, well, lines, at))
        wrong += _check_indices(place, well, at)
        yield from wrong
        if not wrong and place.version.rules >= "0.4":
            yield from _check_agreement(place, well, lines, at)
    paths = [well.get("path") if isinstance(well, Mapping) else None for well in wells[:MAX_WELLS]]
    for i in find_repeated(paths):
        message = (
            f"The well at {where}/{i} has the path {show(paths[i])} of an earlier one; paths are expected to differ."
        )
        yield place.find("well-path-repeated", f"{where}/{i}/path", message)


def _check_path(
    place: Place, well: JsonObject, lines: tuple[dict[Any, int], dict[Any, int]], pointer: str
) -> Iterator[Finding]:
    path = well.get("path")
    where = f"{pointer}/path"
    if not isinstance(path, str):
        found = "has no path" if "path" not in well else f"has the path {show(path)}"
        message = f'The well at {pointer} {found}; text such as "A/1" is expected.'
        yield place.find("well-path-missing", where, message)
    elif explain_illegal(path) is not None and (path.count("/") <= 1 or place.version.rules < "0.4"):
        yield from check_path(place, path, where)
    elif place.version.rules >= "0.4":
        parts = path.split("/")
        if len(parts) != 2:
            message = f"The path of the well at {where} is {show(path)}; a row, a slash and a column are expected."
            yield place.find("well-path-invalid", where, message)
            return
        for part, names, word in zip(parts, lines, ("row", "column"), strict=True):
            if names and None not in names and part not in names:
                message = (
                    f"The path of the well at {where} is {show(path)}; {show(part)} is expected among the {word}s of "
                    "the plate."
                )
                yield place.find("well-path-unknown", where, message)
                return


def _check_indices(place: Place, well: JsonObject, pointer: str) -> Iterator[Finding]:
    if place.version.rules < "0.4":
        return
    missing = [key for key in ("rowIndex", "columnIndex") if key not in well]
    if missing:
        message = f"The well at {pointer} has no {' and no '.join(missing)}; positions from 0 on are expected."
        yield place.find(
            "well-index-missing", pointer, message, fix="Add the positions of its row and column in the lists."
        )
    for key in ("rowIndex", "columnIndex"):
        if key in well and not is_index(well[key]):
            message = f"{key} of the well at {pointer} is {show(well[key])}; a whole number from 0 on is expected."
            yield place.find("well-index-invalid", f"{pointer}/{key}", message)


def _check_agreement(
    place: Place, well: JsonObject, lines: tuple[dict[Any, int], dict[Any, int]], pointer: str
) -> Iterator[Finding]:
    """Whether the indices are those of the path; one finding however many are wrong."""
    wrong, right = [], []
    for part, names, key in zip(well["path"].split("/"), lines, ("rowIndex", "columnIndex"), strict=True):
        if part in names and int(well[key]) != names[part]:
            wrong.append(f"{key} {int(well[key])}")
            right.append(str(names[part]))
    if wrong:
        verb = "is" if len(right) == 1 else "are"
        message = (
            f"The well {show(well['path'])} at {pointer} has the {list_words(wrong)}; "
            f"{list_words(right)} {verb} expected, as in its path."
        )
        yield place.find("well-index-differs", pointer, message, fix="Set the indices to the positions in the lists.")


def get_line_positions(plate: JsonObject, key: str) -> dict[Any, int]:
    """The first position of each name; None stands for one that is missing."""
    lines = plate.get(key)
    names: dict[Any, int] = {}
    for i, line in enumerate(lines if isinstance(lines, list) else []):
        name = line.get("name") if isinstance(line, Mapping) else None
        names.setdefault(name if isinstance(name, str) else None, i)
    return names
