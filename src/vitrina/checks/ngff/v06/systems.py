"""Named coordinate systems of 0.6.

Source: https://ngff.openmicroscopy.org/0.6/#coordinate-systems-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrina.checks.ngff.axes import check_axes
from vitrina.checks.ngff.value import find_repeated, is_text, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding

MAX_SYSTEMS = 1_000
"""Further coordinate systems are not looked at."""


def check_systems(place: Place, value: object, pointer: str, *, may_be_empty: bool = False) -> Iterator[Finding]:
    """What is wrong with a list of coordinate systems."""
    if not isinstance(value, list) or not (value or may_be_empty):
        message = f"coordinateSystems at {pointer} is {show(value)}; a list of at least one system is expected."
        yield place.find("systems-missing", pointer, message)
        return
    for i, system in enumerate(value[:MAX_SYSTEMS]):
        at = f"{pointer}/{i}"
        if not isinstance(system, Mapping):
            message = f"The coordinate system at {at} is {show(system)}; an object with name and axes is expected."
            yield place.find("system-invalid", at, message)
            continue
        if not is_text(system.get("name")):
            found = "has no name" if "name" not in system else f"has the name {show(system['name'])}"
            yield place.find(
                "system-name-missing", f"{at}/name", f"The coordinate system at {at} {found}; text is expected."
            )
        if "axes" not in system:
            message = f"The coordinate system at {at} has no axes; a list of axes is expected."
            yield place.find("axes-missing", f"{at}/axes", message)
        else:
            yield from check_axes(place, system["axes"], f"{at}/axes")
    names = [system.get("name") if isinstance(system, Mapping) else None for system in value[:MAX_SYSTEMS]]
    for i in find_repeated(names):
        message = (
            f"The coordinate system at {pointer}/{i} has the name {show(names[i])} of an earlier one; names are "
            "expected to differ."
        )
        yield place.find("system-name-repeated", f"{pointer}/{i}/name", message)


def count_axes(value: object) -> dict[str, int | None]:
    """The number of axes of each named system; None where its axes are no list of 2 to 5."""
    counts: dict[str, int | None] = {}
    for system in value[:MAX_SYSTEMS] if isinstance(value, list) else []:
        if isinstance(system, Mapping) and isinstance(system.get("name"), str):
            axes = system.get("axes")
            n_axes = len(axes) if isinstance(axes, list) else 0
            counts.setdefault(system["name"], n_axes if 2 <= n_axes <= 5 else None)
    return counts
