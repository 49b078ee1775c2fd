"""Images of 0.4, and of 0.5, which differs only in where the keys lie.

Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md, https://ngff.openmicroscopy.org/0.5/#multiscale-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.axes import check_axes
from vitrina.checks.ngff.multiscales import check_datasets, list_datasets
from vitrina.checks.ngff.transforms import check_transforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

_KEY = "coordinateTransformations"


def check_multiscale(place: Place, multiscale: JsonObject, pointer: str) -> Iterator[Finding]:
    """What is wrong with one image of ``multiscales``."""
    axes = multiscale.get("axes")
    if "axes" not in multiscale:
        message = f"The image at {pointer} has no axes; a list of 2 to 5 axes is expected."
        yield place.find("axes-missing", f"{pointer}/axes", message)
    else:
        yield from check_axes(place, axes, f"{pointer}/axes")
    yield from check_datasets(place, multiscale, pointer)
    n_axes = len(axes) if isinstance(axes, list) and 2 <= len(axes) <= 5 else None
    for i, dataset in list_datasets(multiscale):
        at = f"{pointer}/datasets/{i}"
        if _KEY not in dataset:
            message = f"The level at {at} has no {_KEY}; a list with one scale is expected."
            yield place.find("transforms-missing", f"{at}/{_KEY}", message, fix="Add the pixel size as a scale.")
        else:
            yield from check_transforms(place, dataset[_KEY], n_axes, f"{at}/{_KEY}")
    if _KEY in multiscale:
        yield from check_transforms(place, multiscale[_KEY], n_axes, f"{pointer}/{_KEY}")
