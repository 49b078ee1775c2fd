"""The ``well`` block of a well: its fields of view.

Source: https://ngff.openmicroscopy.org/0.4/#well-md, https://ngff.openmicroscopy.org/0.5/#well-md,
    https://ngff.openmicroscopy.org/0.6/#well-md for names of more characters
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrina.checks.ngff.stated_version import check_block_version
from vitrina.checks.ngff.value import find_repeated, is_integer, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

MAX_FIELDS = 100_000
"""Further fields of a well are not looked at."""

_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")
_NODE_NAME = re.compile(r"(?!__)(?!\.+$)[A-Za-z0-9_.-]+")


def check_well(place: Place, value: object, pointer: str) -> Iterator[Finding]:
    """What is wrong with the ``well`` block."""
    if not isinstance(value, Mapping):
        yield place.find("well-block-invalid", pointer, f"well at {pointer} is {show(value)}; an object is expected.")
        return
    if not place.version.is_namespaced:
        yield from check_block_version(place, value, pointer)
    where = f"{pointer}/images"
    images = value.get("images")
    if not isinstance(images, list) or not images:
        found = "has no images" if "images" not in value else f"has the images {show(images)}"
        message = f"The well at {pointer} {found}; a list of at least one field of view is expected."
        yield place.find("well-images-missing", where, message)
        return
    for i, image in enumerate(images[:MAX_FIELDS]):
        if not isinstance(image, Mapping):
            message = f"The field at {where}/{i} is {show(image)}; an object with a path is expected."
            yield place.find("field-invalid", f"{where}/{i}", message)
            continue
        yield from _check_field(place, image, f"{where}/{i}")
    paths = [image.get("path") if isinstance(image, Mapping) else None for image in images[:MAX_FIELDS]]
    for i in find_repeated(paths):
        message = (
            f"The field at {where}/{i} has the path {show(paths[i])} of an earlier one; paths are expected to differ."
        )
        yield place.find("field-path-repeated", f"{where}/{i}/path", message)


def _check_field(place: Place, image: JsonObject, pointer: str) -> Iterator[Finding]:
    path = image.get("path")
    if not isinstance(path, str):
        found = "has no path" if "path" not in image else f"has the path {show(path)}"
        message = f"The field at {pointer} {found}; text that names an image is expected."
        yield place.find("field-path-missing", f"{pointer}/path", message)
    elif not (_NODE_NAME if place.version.rules >= "0.6" else _ALPHANUMERIC).fullmatch(path):
        allowed = "letters, digits, - _ and ." if place.version.rules >= "0.6" else "letters and digits alone"
        message = f"The path of the field at {pointer}/path is {show(path)}; {allowed} are expected."
        yield place.find("field-path-invalid", f"{pointer}/path", message)
    if "acquisition" in image and not is_integer(image["acquisition"]):
        message = f"acquisition of the field at {pointer} is {show(image['acquisition'])}; a whole number is expected."
        yield place.find("field-acquisition-invalid", f"{pointer}/acquisition", message)
