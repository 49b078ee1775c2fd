"""Collections of images as bioformats2raw lays them out.

Source: https://ngff.openmicroscopy.org/0.4/#bf2raw, https://ngff.openmicroscopy.org/0.5/#bf2raw
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.multiscales import check_path
from vitrina.checks.ngff.value import find_repeated, is_number, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding

LAYOUT = 3
"""The only layout there is. Source: https://ngff.openmicroscopy.org/0.5/#bf2raw-details"""

MAX_SERIES = 100_000
"""Further images of a collection are not looked at."""


def check_layout(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """Whether the layout is the one that the specification knows."""
    if not (is_number(value) and value == LAYOUT):
        message = f"bioformats2raw.layout at {pointer} is {show(value)}; the number 3 is expected."
        yield place.find("bioformats2raw-layout-invalid", pointer, message)


def check_series(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the list of images in the group ``OME``."""
    if not isinstance(value, list):
        yield place.find(
            "series-invalid", pointer, f"series at {pointer} is {show(value)}; a list of paths is expected."
        )
        return
    for i, path in enumerate(value[:MAX_SERIES]):
        if isinstance(path, str):
            yield from check_path(place, path, f"{pointer}/{i}")
        else:
            message = f"The image at {pointer}/{i} is {show(path)}; text that names a group is expected."
            yield place.find("series-invalid", f"{pointer}/{i}", message)
    for i in find_repeated(value[:MAX_SERIES]):
        message = f"The image at {pointer}/{i} is {show(value[i])} like an earlier one; each is expected once."
        yield place.find("series-repeated", f"{pointer}/{i}", message)
