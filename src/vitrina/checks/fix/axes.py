"""Axes: types that their names tell, and units as the specification spells them.

Source: https://ngff.openmicroscopy.org/0.4/#axes-md
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.axes import SPACE_UNITS, TCZYX, TIME_UNITS
from vitrina.readers.ome_xml import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.checks.fix.draft import Draft

_TYPES = {axis.name: axis.type for axis in TCZYX}
_KNOWN = {"space": SPACE_UNITS, "time": TIME_UNITS}
_NO_UNITS = frozenset({
    "", "-", "a.u.", "au", "dimensionless", "frame", "frames", "index", "none", "null", "pixel", "pixels", "px",
    "reference frame", "unit", "units", "unknown", "voxel", "voxels",
})  # fmt: skip
"""Words that stand for no physical unit."""

_WORDS = {"micron": "micrometer", "sec": "second", "hr": "hour", "msec": "millisecond"}


def repair_axes(draft: Draft, dimension_names: Sequence[str] | None) -> None:
    """Complete the axes of all images of a group.

    Args:
        draft: The group.
        dimension_names: Of its arrays, where all have the same.
    """
    for multiscale in draft.multiscales:
        _build_axes(draft, multiscale, dimension_names)
        axes = multiscale.get("axes")
        for axis in axes if isinstance(axes, list) else ():
            if isinstance(axis, dict):
                _repair_type(draft, axis)
                _repair_unit(draft, axis)


def find_unit(text: str, type_: str) -> str | None:
    """The unit as the specification spells it, None when the text is no spelling of one.

    >>> find_unit("µm", "space"), find_unit("Microns", "space"), find_unit("pixel", "space")
    ('micrometer', 'micrometer', None)
    """
    known = _KNOWN.get(type_, frozenset())
    word = text.strip().lower().replace("metre", "meter")
    singular = word.removesuffix("s")
    spelled = (UNITS.get(text.strip()), word, singular, _WORDS.get(word), _WORDS.get(singular))
    return next((unit for unit in spelled if unit in known), None)


def _build_axes(draft: Draft, multiscale: dict[str, Any], dimension_names: Sequence[str] | None) -> None:
    axes = multiscale.get("axes")
    if "axes" not in multiscale and dimension_names and _are_conventional(dimension_names):
        multiscale["axes"] = [{"name": name, "type": _TYPES[name]} for name in dimension_names]
        draft.tell(
            "axes-missing", message=f"Name the axes of {draft.name} {', '.join(dimension_names)}, as its arrays do."
        )
    elif "axes" not in multiscale:
        draft.refuse("axes-missing", reason="Nothing says which dimension of the arrays is which axis.")
    elif isinstance(axes, list) and axes and _are_conventional(axes):
        multiscale["axes"] = [{"name": name, "type": _TYPES[name]} for name in axes]
        message = f"Write the axes {', '.join(axes)} of {draft.name} as objects with a name and a type."
        draft.tell("axes-invalid", message=message)


def _are_conventional(names: Sequence[Any]) -> bool:
    return all(isinstance(name, str) and name in _TYPES for name in names) and len(set(names)) == len(names)


def _repair_type(draft: Draft, axis: dict[str, Any]) -> None:
    name = axis.get("name")
    if isinstance(axis.get("type"), str):
        return
    if isinstance(name, str) and name in _TYPES:
        axis["type"] = _TYPES[name]
        message = f'Give the axis {name!r} of {draft.name} the type "{_TYPES[name]}".'
        draft.tell("axis-type-unknown", "axis-type-invalid", "axes-space-count", message=message)
    else:
        draft.refuse(
            "axis-type-unknown", "axes-space-count", reason=f"The name {name!r} does not tell the type of an axis."
        )


def _repair_unit(draft: Draft, axis: dict[str, Any]) -> None:
    unit, type_ = axis.get("unit"), axis.get("type")
    known = _KNOWN.get(type_) if isinstance(type_, str) else None
    if unit is None or known is None or unit in known:
        return
    name = axis.get("name")
    found = find_unit(unit, str(type_)) if isinstance(unit, str) else None
    code = "axis-unit-unknown" if isinstance(unit, str) else "axis-unit-invalid"
    if found is not None:
        axis["unit"] = found
        draft.tell(code, message=f'Spell the unit of the axis {name!r} of {draft.name} "{found}" instead of {unit!r}.')
    elif not isinstance(unit, str) or unit.strip().lower() in _NO_UNITS:
        del axis["unit"]
        draft.tell(
            code, message=f"Drop the unit {unit!r} of the axis {name!r} of {draft.name}, which is no physical unit."
        )
    else:
        draft.refuse(code, reason=f"Nothing says what the unit {unit!r} stands for.")
