"""Images of 0.3: axes are names out of t, c, z, y and x.

Source: https://ngff.openmicroscopy.org/0.3/#multiscale-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.multiscales import check_datasets
from vitrina.checks.ngff.value import find_repeated, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

_NAMES = ("t", "c", "z", "y", "x")


def check_multiscale(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    """What is wrong with one image of ``multiscales``."""
    where = f"{pointer}/axes"
    axes = multiscale.get("axes")
    if "axes" not in multiscale:
        yield place.find("axes-missing", where, f"The image at {pointer} has no axes; a list of names is expected.")
    elif not isinstance(axes, list):
        yield place.find("axes-invalid", where, f"The axes at {where} are {show(axes)}; a list of names is expected.")
    else:
        yield from _check_names(place, axes, where)
    yield from check_datasets(place, multiscale, pointer)


def _check_names(place: Place, axes: list[object], pointer: str) -> Iterator[Finding]:
    if not 2 <= len(axes) <= 5:
        yield place.find("axes-count", pointer, f"There are {len(axes)} axes at {pointer}; 2 to 5 are expected.")
        return
    wrong = next((i for i, name in enumerate(axes) if not isinstance(name, str) or name not in _NAMES), None)
    if wrong is not None:
        message = f"The axis at {pointer}/{wrong} is {show(axes[wrong])}; t, c, z, y or x is expected."
        yield place.find("axes-invalid", f"{pointer}/{wrong}", message)
        return
    for i in find_repeated(axes)[:1]:
        message = (
            f"The axis at {pointer}/{i} has the name {show(axes[i])} of an earlier one; names are expected to differ."
        )
        yield place.find("axis-name-repeated", f"{pointer}/{i}", message)
