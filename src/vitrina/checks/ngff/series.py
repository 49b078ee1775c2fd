"""Collections of images as bioformats2raw lays them out.

Source: https://ngff.openmicroscopy.org/0.4/#bf2raw, https://ngff.openmicroscopy.org/0.5/#bf2raw
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.path_list import check_path_list
from vitrina.checks.ngff.value import is_number, show

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
    return check_path_list(
        place, value, pointer, key="series", entry="image", invalid="series-invalid", repeated="series-repeated"
    )
