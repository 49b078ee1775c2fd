"""The acquisitions of a plate.

Source: https://ngff.openmicroscopy.org/0.5/#plate-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.value import find_repeated, is_index, is_integer, list_words, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding

MAX_ACQUISITIONS = 100_000
"""Further acquisitions are not looked at."""


def check_acquisitions(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the acquisitions of a plate."""
    if not isinstance(value, list):
        message = f"acquisitions at {pointer} is {show(value)}; a list of objects is expected."
        yield place.find("acquisitions-invalid", pointer, message)
        return
    if not value and place.version.rules < "0.4":
        message = f"acquisitions at {pointer} is an empty list; at least one, or no list at all, is expected."
        yield place.find("acquisitions-invalid", pointer, message)
    for i, acquisition in enumerate(value[:MAX_ACQUISITIONS]):
        at = f"{pointer}/{i}"
        if not isinstance(acquisition, Mapping):
            message = f"The acquisition at {at} is {show(acquisition)}; an object with an id is expected."
            yield place.find("acquisitions-invalid", at, message)
            continue
        yield from _check_acquisition(place, acquisition, at)
    ids = [one.get("id") if isinstance(one, Mapping) else None for one in value[:MAX_ACQUISITIONS]]
    for i in find_repeated(ids):
        message = (
            f"The acquisition at {pointer}/{i} has the id {show(ids[i])} of an earlier one; ids are expected to differ."
        )
        yield place.find("acquisition-id-repeated", f"{pointer}/{i}/id", message)


def _check_acquisition(place: Place, acquisition: Mapping[str, Any], pointer: str) -> Iterator[Finding]:
    if "id" not in acquisition:
        message = f"The acquisition at {pointer} has no id; a whole number from 0 on is expected."
        yield place.find("acquisition-id-missing", f"{pointer}/id", message)
    elif not is_index(acquisition["id"]):
        message = f"The id at {pointer}/id is {show(acquisition['id'])}; a whole number from 0 on is expected."
        yield place.find("acquisition-id-invalid", f"{pointer}/id", message)
    missing = [key for key in ("name", "maximumfieldcount") if key not in acquisition]
    if missing:
        message = (
            f"The acquisition at {pointer} has no {list_words(missing)}; name and maximumfieldcount are recommended."
        )
        yield place.find("acquisition-field-missing", pointer, message)
    for key in ("name", "description"):
        if key in acquisition and not isinstance(acquisition[key], str):
            message = f"{key} of the acquisition at {pointer} is {show(acquisition[key])}; text is expected."
            yield place.find("acquisition-field-invalid", f"{pointer}/{key}", message)
    count = acquisition.get("maximumfieldcount", 1)
    if not (is_integer(count) and count > 0):
        message = f"maximumfieldcount at {pointer} is {show(count)}; a whole number above zero is expected."
        yield place.find("acquisition-field-invalid", f"{pointer}/maximumfieldcount", message)
    for key in ("starttime", "endtime"):
        if key in acquisition and not is_index(acquisition[key]):
            message = (
                f"{key} of the acquisition at {pointer} is {show(acquisition[key])}; whole seconds since 1970 are "
                "expected."
            )
            yield place.find("acquisition-field-invalid", f"{pointer}/{key}", message)
    start, end = acquisition.get("starttime"), acquisition.get("endtime")
    if is_index(start) and is_index(end) and end < start:
        message = (
            f"The acquisition at {pointer} ends at {show(end)}, before it starts at {show(start)}; the reverse is "
            "usual."
        )
        yield place.find("acquisition-times-reversed", f"{pointer}/endtime", message)
