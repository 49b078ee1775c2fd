"""A list of paths of images: of label images, and of the images of a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.checks.ngff.multiscales import check_path
from vitrina.checks.ngff.value import find_repeated, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding

MAX_PATHS = 100_000
"""Further paths of a list are not looked at."""


def check_path_list(
    place: Place, value: object, pointer: str, *, key: str, entry: str, invalid: str, repeated: str
) -> Iterator[Finding]:
    """What is wrong with a list of paths.

    Args:
        place: Where it stands.
        value: What stands there.
        pointer: Of the list.
        key: Name of the list.
        entry: What each path leads to, such as ``label image``.
        invalid: Code of a list or a path that is none.
        repeated: Code of a path that comes again.
    """
    if not isinstance(value, list):
        yield place.find(invalid, pointer, f"{key} at {pointer} is {show(value)}; a list of paths is expected.")
        return
    for i, path in enumerate(value[:MAX_PATHS]):
        if isinstance(path, str):
            yield from check_path(place, path, f"{pointer}/{i}")
        else:
            message = f"The {entry} at {pointer}/{i} is {show(path)}; text that names a group is expected."
            yield place.find(invalid, f"{pointer}/{i}", message)
    for i in find_repeated(value[:MAX_PATHS]):
        message = f"The {entry} at {pointer}/{i} is {show(value[i])} like an earlier one; each is expected once."
        yield place.find(repeated, f"{pointer}/{i}", message)
