"""Content with its overrides: the one function through which whatever describes, draws or converts sees a dataset."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import InputError
from vitrina.model.content import (
    RGB_CHANNELS,
    Axis,
    AxisType,
    Channel,
    ImageElement,
    LabelsElement,
    Placement,
    TableElement,
)
from vitrina.model.overrides import GLOBAL, UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Content, Element, Level, PointsElement, ShapesElement
    from vitrina.model.overrides import ElementOverrides, Overrides

    type Raster = ImageElement | LabelsElement
    type Placed = Raster | PointsElement | ShapesElement

_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
_RASTER_FIELDS = ("axes", "is_labels", "is_rgb", "pixel_size", "unit")
_CHANNEL_FIELDS = ("channel_names", "channel_colors", "channel_windows")
_ANSWERED = {
    "axes": ("axis-guessed",),
    "is_rgb": ("rgb-guessed", "samples-are-channels"),
    "is_labels": ("labels-guessed",),
    "pixel_size": ("unit-unknown", "transform-missing", "pixel-size-missing"),
    "channel_names": ("channel-count",),
}
"""Findings that an override answers, by its field; they are not told any more."""


def apply_overrides(content: Content, overrides: Overrides) -> Content:
    """The content as the overrides say it is; what they do not name stays as it was read.

    Args:
        content: What a reader found.
        overrides: What is said of its elements.

    Raises:
        InputError: One of them does not fit; the message says what would.
    """
    if not overrides.elements:
        return content
    elements = list(content.elements)
    systems = list(content.coordinate_systems)
    findings = content.findings
    for own in overrides.elements:
        index = _find_index(content, own.path)
        elements[index] = _apply(elements[index], own, content)
        if own.affine_xy is not None and (own.coordinate_system or GLOBAL) not in systems:
            systems.append(own.coordinate_system or GLOBAL)
        answered = {code for name, codes in _ANSWERED.items() if getattr(own, name) is not None for code in codes}
        is_alone = len(elements) == 1
        findings = tuple(
            finding
            for finding in findings
            if finding.code not in answered or not (is_alone or finding.path.partition("#")[0] == own.path)
        )
    return replace(
        content,
        elements=tuple(elements),
        coordinate_systems=tuple(systems),
        findings=findings,
        overridden=tuple(own.path for own in overrides.elements),
    )


def keep_fitting(content: Content, overrides: Overrides) -> Overrides:
    """Those of the overrides that fit the content, such as that of a later version."""
    return replace(overrides, elements=tuple(own for own in overrides.elements if _fits(content, own, overrides)))


def find_element(content: Content, name: str | None) -> Element:
    """The element that a person means: by its path, else by its name, else the only one that can be overridden.

    Raises:
        InputError: There is none, or several fit; the message lists what there is.
    """
    candidates = [element for element in content.elements if not isinstance(element, TableElement)]
    if name is None:
        if len(candidates) == 1:
            return candidates[0]
        raise InputError(
            "override-element-unclear",
            f"The dataset has {len(candidates)} elements; say which one is meant."
            if candidates
            else "The dataset has no image, labels, points or shapes to say anything of.",
            hint=_list_elements(candidates) if candidates else None,
        )
    found = [element for element in candidates if element.path == name]
    found = found or [element for element in candidates if element.name == name]
    if len(found) == 1:
        return found[0]
    what = "There is no element" if not found else "Several elements are called"
    raise InputError("override-element-unknown", f"{what} {name!r}.", hint=_list_elements(candidates), where=name)


def _list_elements(elements: Sequence[Element]) -> str | None:
    names = [element.path or element.name for element in elements[:20]]
    return f"It has {', '.join(names)}{', ...' if len(elements) > 20 else ''}." if names else None


def _find_index(content: Content, path: str) -> int:
    for index, element in enumerate(content.elements):
        if element.path == path and not isinstance(element, TableElement):
            return index
    find_element(content, path or None)  # tells what there is
    raise InputError("override-element-unknown", f"There is no element with the path {path!r}.", where=path)


def _fits(content: Content, own: ElementOverrides, overrides: Overrides) -> bool:
    try:
        apply_overrides(content, replace(overrides, elements=(own,)))
    except InputError:
        return False
    return True


def _apply(element: Element, own: ElementOverrides, content: Content) -> Element:
    if isinstance(element, TableElement):
        raise _misfit(element, "tables have nothing to override")
    placed = _place(element, own)
    if not isinstance(placed, ImageElement | LabelsElement):
        given = [name for name in (*_RASTER_FIELDS, *_CHANNEL_FIELDS) if getattr(own, name) is not None]
        if given:
            raise _misfit(element, f"it is {element.kind} and has no {given[0].replace('_', ' ')}, only a placement")
        return placed
    raster: Raster = _rename_axes(placed, own, content) if own.axes is not None else placed
    if own.is_labels is not None:
        raster = _change_kind(raster, content, is_labels=own.is_labels)
    raster = _change_channels(raster, own)
    return _resize(raster, own)


def _place(element: Placed, own: ElementOverrides) -> Placed:
    if own.affine_xy is None:
        if own.coordinate_system is not None:
            raise _misfit(element, "a coordinate system says nothing without an affine")
        return element
    a, b, _, d, e, _ = own.affine_xy
    if not all(map(math.isfinite, own.affine_xy)) or a * e - b * d == 0:
        raise _misfit(element, "the affine must have six finite numbers and an inverse")
    system = own.coordinate_system or GLOBAL
    others = tuple(one for one in element.placements if one.coordinate_system != system)
    known = next((one for one in element.placements if one.coordinate_system == system), None)
    placement = replace(known or Placement(coordinate_system=system), affine_xy=own.affine_xy)
    return replace(element, placements=(*others, placement))


def _rename_axes(element: Raster, own: ElementOverrides, content: Content) -> Raster:
    names = tuple(name.lower() for name in own.axes or ())
    shape = element.levels[0].shape if element.levels else ()
    if content.format == "spatialdata":
        raise _misfit(element, "the axes of SpatialData are part of its format")
    is_known = set(names) <= _TYPES.keys() and {"y", "x"} <= set(names) and len(set(names)) == len(names)
    if not is_known or len(names) != len(element.axes):
        sizes = " x ".join(map(str, shape))
        raise _misfit(
            element,
            f"the axes {''.join(names).upper()!r} do not name its {len(element.axes)} dimensions ({sizes}): it takes "
            f"{len(element.axes)} different letters of TCZYX, Y and X among them",
        )
    known = {axis.name.lower(): axis for axis in element.axes}
    axes = tuple(Axis(name=name, type=_TYPES[name], unit=known[name].unit if name in known else None) for name in names)
    moved = [before.name.lower() != after.name for before, after in zip(element.axes, axes, strict=True)]
    levels = tuple(
        replace(
            level,
            scale=tuple(1.0 if is_moved else size for size, is_moved in zip(level.scale, moved, strict=True)),
            translation=tuple(0.0 if is_moved else at for at, is_moved in zip(level.translation, moved, strict=True)),
        )
        for level in element.levels
    )
    renamed = replace(element, axes=axes, levels=levels)
    if isinstance(renamed, LabelsElement):
        return renamed
    n_channels = _count_channels(renamed)
    if n_channels != len(renamed.channels):
        channels = tuple(Channel(name=f"Channel {i}") for i in range(n_channels))
        return replace(renamed, channels=channels, is_rgb=False)
    return renamed


def _change_kind(element: Raster, content: Content, *, is_labels: bool) -> Raster:
    if is_labels == isinstance(element, LabelsElement):
        return element
    if content.format == "spatialdata":
        raise _misfit(element, "SpatialData keeps images and labels apart, by their paths")
    if isinstance(element, LabelsElement):
        return ImageElement(
            name=element.name,
            path=element.path,
            axes=element.axes,
            dtype=element.dtype,
            levels=element.levels,
            channels=tuple(Channel(name=f"Channel {i}") for i in range(_count_channels(element))),
            placements=element.placements,
        )
    if not element.dtype.startswith(("int", "uint")) or _count_channels(element) != 1:
        raise _misfit(
            element,
            f"labels are integers in one channel, and it has {_count_channels(element)} of {element.dtype}",
        )
    return LabelsElement(
        name=element.name,
        path=element.path,
        axes=element.axes,
        dtype=element.dtype,
        levels=element.levels,
        placements=element.placements,
    )


def _change_channels(element: Raster, own: ElementOverrides) -> Raster:
    if isinstance(element, LabelsElement):
        given = [name for name in ("is_rgb", *_CHANNEL_FIELDS) if getattr(own, name)]
        if given:
            raise _misfit(element, "it is labels, which have no channels")
        return element
    channels = list(element.channels)
    if own.is_rgb and not element.is_rgb:
        if len(channels) != 3:
            raise _misfit(element, f"a colour image has 3 channels, and it has {len(channels)}")
        channels = list(RGB_CHANNELS)
    for name, what in zip(_CHANNEL_FIELDS, ("names", "colours", "windows"), strict=True):
        values = getattr(own, name)
        if values is None:
            continue
        if len(values) != len(channels):
            raise _misfit(
                element,
                f"{len(values)} {what} were given for {len(channels)} channel{'' if len(channels) == 1 else 's'} "
                f"({', '.join(channel.name for channel in channels[:8])}{', ...' if len(channels) > 8 else ''})",
            )
        channels = [
            channel if value is None else _change_channel(element, channel, name, value)
            for channel, value in zip(channels, values, strict=True)
        ]
    is_rgb = element.is_rgb if own.is_rgb is None else own.is_rgb
    return replace(element, channels=tuple(channels), is_rgb=is_rgb)


def _change_channel(element: Raster, channel: Channel, field: str, value: Any) -> Channel:
    match field, value:
        case "channel_names", str(name) if name.strip():
            return replace(channel, name=name.strip())
        case "channel_colors", (int(red), int(green), int(blue)) if all(
            0 <= part <= 255 for part in (red, green, blue)
        ):
            return replace(channel, color_rgb=(red, green, blue))
        case "channel_windows", (low, high) if math.isfinite(low) and math.isfinite(high) and low < high:
            return replace(channel, window=(float(low), float(high)))
    wanted = {
        "channel_names": "a name is a text that is not empty",
        "channel_colors": "a colour is red, green and blue from 0 to 255",
        "channel_windows": "a window leads from a lower to a higher intensity",
    }
    raise _misfit(element, f"{value!r} was given for {channel.name}: {wanted[field]}")


def _resize(element: Raster, own: ElementOverrides) -> Raster:
    if own.pixel_size is None and own.unit is None:
        return element
    unit = UNITS.get(own.unit.strip()) if own.unit is not None else "micrometer"
    if unit is None:
        known = ", ".join(dict.fromkeys(UNITS.values()))
        raise _misfit(element, f"{own.unit!r} is no unit of length; these are: {known}")
    names = [axis.name.lower() for axis in element.axes]
    space = [name for name in ("z", "y", "x") if name in names]
    sizes = own.pixel_size
    if sizes is None:
        changed: dict[str, float | None] = dict.fromkeys(space)
    else:
        if len(sizes) not in {2, len(space)} or not all(math.isfinite(size) and size > 0 for size in sizes):
            wanted = "two sizes, of y and x," if len(space) < 3 else "sizes of y and x, or of z, y and x,"
            raise _misfit(
                element, f"the pixel size {', '.join(map(str, sizes))} does not fit: it takes {wanted} above 0"
            )
        changed = dict(zip(space[-len(sizes) :], sizes, strict=True))
    axes = tuple(
        replace(axis, type="space", unit=unit) if axis.name.lower() in changed else axis for axis in element.axes
    )
    factors = [_find_factor(changed.get(name), old) for name, old in zip(names, element.levels[0].scale, strict=True)]
    return replace(element, axes=axes, levels=tuple(_rescale(level, factors) for level in element.levels))


def _find_factor(new: float | None, old: float) -> float:
    return 1.0 if new is None else new / old if old else new


def _rescale(level: Level, factors: Sequence[float]) -> Level:
    """Coarser levels keep their ratio to the finest."""
    return replace(
        level,
        scale=tuple(size * factor for size, factor in zip(level.scale, factors, strict=True)),
        translation=tuple(at * factor for at, factor in zip(level.translation, factors, strict=True)),
    )


def _count_channels(element: Raster) -> int:
    sizes = zip(element.axes, element.levels[0].shape, strict=True) if element.levels else ()
    return math.prod(size for axis, size in sizes if axis.name.lower() in {"c", "s"} or axis.type == "channel")


def _misfit(element: Element, why: str) -> InputError:
    name = element.path or element.name
    return InputError("override-unfit", f"This does not fit {name}: {why}.", where=name)
