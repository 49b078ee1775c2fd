"""What the input and output of a transformation refer to.

Source: https://ngff.openmicroscopy.org/0.6/#coord-trafo-constraints
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from vitrina.checks.ngff.multiscales import check_path
from vitrina.checks.ngff.value import is_text, show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject


class Reference(NamedTuple):
    """A coordinate system: its name, and the path of the group that defines it, None for the same document."""

    path: str | None
    name: str


def check_reference(
    place: Place, transform: JsonObject, key: str, needed: str, pointer: str, *, only: frozenset[str] | None = None
) -> Iterator[Finding]:
    """What is wrong with the form of an input or output.

    Args:
        place: The document.
        transform: The transformation.
        key: ``input`` or ``output``.
        needed: Which of ``name`` and ``path`` it must have.
        pointer: Where the transformation lies.
        only: The keys that it may have, None where others are allowed.
    """
    where = f"{pointer}/{key}"
    value = transform.get(key)
    if key not in transform:
        message = f"The transformation at {pointer} has no {key}; an object with a {needed} is expected."
        yield place.find("transform-reference-invalid", where, message)
    elif not isinstance(value, Mapping):
        message = f"The {key} at {where} is {show(value)}; an object with a {needed} is expected."
        yield place.find("transform-reference-invalid", where, message)
    elif not is_text(value.get(needed)):
        found = f"no {needed}" if needed not in value else f"the {needed} {show(value[needed])}"
        message = f"The {key} at {where} has {found}; text is expected."
        yield place.find("transform-reference-invalid", f"{where}/{needed}", message)
    elif not isinstance(value.get("path"), str | None) or not isinstance(value.get("name"), str | None):
        message = f"The {key} at {where} is {show(value)}; text for name and path is expected."
        yield place.find("transform-reference-invalid", where, message)
    elif only is not None and not only.issuperset(value):
        message = f"The {key} at {where} is {show(value)}; no other keys than name and path are expected."
        yield place.find("transform-reference-invalid", where, message)
    elif is_text(value.get("path")):
        yield from check_path(place, value["path"], f"{where}/path")


def get_reference(transform: JsonObject, key: str) -> Reference | None:
    """The coordinate system that an input or output names, None where it names none."""
    value = transform.get(key)
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return None
    path = value.get("path")
    return Reference(path=path.strip("/") if is_text(path) else None, name=value["name"])


def find_component(start: object, edges: list[tuple[object, object]]) -> set[object]:
    """Everything that the edges connect with the start, whichever way they point."""
    neighbours: dict[object, list[object]] = {}
    for one, other in edges:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    found, waiting = {start}, [start]
    while waiting:
        for node in neighbours.get(waiting.pop(), ()):
            if node not in found:
                found.add(node)
                waiting.append(node)
    return found
