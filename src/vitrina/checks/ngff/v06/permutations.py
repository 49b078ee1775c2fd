"""Transformations that reorder, drop or add axes: mapAxis and projectAxis.

Source: https://ngff.openmicroscopy.org/0.6/#mapaxis-md, https://ngff.openmicroscopy.org/0.6/#projectAxis-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.v06.sizes import find_output_size
from vitrina.checks.ngff.value import is_index, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.checks.ngff.v06.sizes import Sizes
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

MAX_AXIS = 4
"""The highest number of an axis: there are 5 at most. Source: coordinate_transformations.schema of 0.6."""

MAX_PROJECTED = 3
"""How many axes may be dropped or added. Source: coordinate_transformations.schema of 0.6."""


def check_map_axis(place: Place, transform: JsonObject, sizes: Sizes, pointer: str) -> Iterator[Finding]:
    """What is wrong with a permutation of axes."""
    where = f"{pointer}/mapAxis"
    value = transform.get("mapAxis")
    if "mapAxis" not in transform:
        message = (
            f'The transformation at {pointer} has the type "mapAxis" and no mapAxis; a list of axis numbers is '
            "expected."
        )
        yield place.find("transform-value-missing", where, message)
        return
    size = sizes.input if sizes.input is not None else sizes.output
    n_axes = size if size is not None else (len(value) if isinstance(value, list) else 0)
    if not isinstance(value, list) or not all(is_index(axis) for axis in value) or not 2 <= len(value) <= MAX_AXIS + 1:
        message = f"mapAxis at {where} is {show(value)}; each axis number from 0 on, once, is expected."
        yield place.find("map-axis-invalid", where, message)
    elif sorted(int(axis) for axis in value) != list(range(n_axes)):
        message = f"mapAxis at {where} is {show(value)}; each number from 0 to {n_axes - 1}, once, is expected."
        yield place.find("map-axis-invalid", where, message)
    elif sizes.input is not None and sizes.output is not None and sizes.input != sizes.output:
        message = (
            f"mapAxis at {where} leads from {sizes.input} dimensions to {sizes.output}; the same number is expected."
        )
        yield place.find("transform-length", where, message)


def check_project_axis(place: Place, transform: JsonObject, sizes: Sizes, pointer: str) -> Iterator[Finding]:
    """What is wrong with a projection that drops or adds axes."""
    keys = [key for key in ("droppedInputs", "createdOutputs") if key in transform]
    if not keys:
        message = (
            f'The transformation at {pointer} has the type "projectAxis"; droppedInputs or createdOutputs is expected.'
        )
        yield place.find("transform-value-missing", pointer, message)
        return
    for key in keys:
        value = transform[key]
        size = sizes.input if key == "droppedInputs" else sizes.output
        highest = MAX_AXIS if size is None else size - 1
        is_list = isinstance(value, list) and 1 <= len(value) <= MAX_PROJECTED
        if not is_list or not all(is_index(axis) and axis <= highest for axis in value) or len(set(value)) < len(value):
            message = (
                f"{key} at {pointer} is {show(value)}; one to three different numbers from 0 to {highest} are expected."
            )
            yield place.find("project-axis-invalid", f"{pointer}/{key}", message)
            return
    n_outputs = find_output_size(transform, sizes.input)
    if n_outputs is not None and sizes.output is not None and n_outputs != sizes.output:
        message = (
            f"projectAxis at {pointer} leads to {n_outputs} dimensions; {sizes.output} are expected, as in its output."
        )
        yield place.find("transform-length", pointer, message)
