"""Anatomical orientation of axes, as RFC-4 proposes it.

Source: https://ngff.openmicroscopy.org/rfc/4/index.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitrina.checks.ngff.value import show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.model.finding import Finding

_PAIRS = (
    ("anterior", "posterior"), ("apex", "base"), ("apical", "basal"), ("caudal", "cranial"), ("caudal", "rostral"),
    ("deep", "superficial"), ("distal", "proximal"), ("dorsal", "palmar"), ("dorsal", "plantar"),
    ("dorsal", "ventral"), ("inferior", "superior"), ("left", "right"),
)  # fmt: skip
_VALUES = {f"{a}-to-{b}": (one, two) for one, two in _PAIRS for a, b in ((one, two), (two, one))}


def check_orientation(place: Place, axis: Mapping[str, Any], pointer: str) -> Iterator[Finding]:
    """What is wrong with the orientation of one axis."""
    orientation = axis["orientation"]
    where = f"{pointer}/orientation"
    if axis.get("type") != "space":
        message = (
            f'The axis at {pointer} has an orientation and the type {show(axis.get("type"))}; "space" is expected.'
        )
        yield place.find("axis-orientation-invalid", where, message)
    elif not isinstance(orientation, Mapping):
        message = f"The orientation at {where} is {show(orientation)}; an object with type and value is expected."
        yield place.find("axis-orientation-invalid", where, message)
    elif orientation.get("type") != "anatomical":
        message = f'The orientation at {where} has the type {show(orientation.get("type"))}; "anatomical" is expected.'
        yield place.find("axis-orientation-invalid", f"{where}/type", message)
    elif _get_pair(orientation) is None:
        message = (
            f'The orientation at {where} is {show(orientation.get("value"))}; one such as "left-to-right" is expected.'
        )
        yield place.find("axis-orientation-invalid", f"{where}/value", message)
    elif len(orientation) > 2:
        message = f"The orientation at {where} is {show(orientation)}; type and value alone are expected."
        yield place.find("axis-orientation-invalid", where, message)


def check_orientations(place: Place, axes: list[Any], pointer: str) -> Iterator[Finding]:
    """Whether two axes run along the same line of the body."""
    seen: set[tuple[str, str]] = set()
    for i, axis in enumerate(axes):
        orientation = axis.get("orientation")
        pair = _get_pair(orientation) if isinstance(orientation, Mapping) else None
        if pair in seen:
            message = (
                f"The axis at {pointer}/{i} runs between {pair[0]} and {pair[1]} like an earlier one; another line "
                "is expected."
            )
            yield place.find("axis-orientation-repeated", f"{pointer}/{i}/orientation", message)
        if pair is not None:
            seen.add(pair)


def _get_pair(orientation: Mapping[str, Any]) -> tuple[str, str] | None:
    value = orientation.get("value")
    return _VALUES.get(value) if isinstance(value, str) else None
