"""Images of 0.1 and 0.2: five dimensions, whose order t, c, z, y, x the metadata does not tell.

Source: https://ngff.openmicroscopy.org/0.1/#multiscale-md, https://ngff.openmicroscopy.org/0.2/#multiscale-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.multiscales import check_datasets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject


def check_multiscale(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    """What is wrong with one image of ``multiscales``."""
    yield from check_datasets(place, multiscale, pointer)
