"""Scales and translations that follow from the sizes of the levels.

Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from vitrina.checks.fix.draft import list_datasets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitrina.checks.fix.draft import Draft

    type Shape = tuple[int, ...]

_KEY = "coordinateTransformations"


def repair_transforms(draft: Draft, shapes: Mapping[str, Shape]) -> None:
    """Add the transformations that levels lack, relative to the finest level.

    Args:
        draft: The group.
        shapes: Of its arrays, by their path below the group.
    """
    for multiscale in draft.multiscales:
        _repair_whole(draft, multiscale, shapes)
        datasets = list_datasets(multiscale)
        known = [shapes.get(str(dataset.get("path"))) for dataset in datasets]
        finest = known[0] if known else None
        if finest is None or all(_has_scale(dataset) for dataset in datasets):
            continue
        if not _has_scale(datasets[0]) and not _complete_finest(draft, multiscale, datasets[0], len(finest)):
            continue
        is_shifted = _are_shifted(datasets)
        for dataset, shape in zip(datasets[1:], known[1:], strict=True):
            if shape is None or len(shape) != len(finest) or 0 in shape or _has_scale(dataset):
                continue
            factors = measure_factors(finest, shape)
            scaled = build_transforms(datasets[0][_KEY], factors, is_shifted=is_shifted)
            own = [one for one in _list(dataset) if one.get("type") == "translation"]
            dataset[_KEY] = [scaled[0], *(own or scaled[1:])]
            message = f"Add the scale of the level {dataset['path']!r} of {draft.name}, which follows from its size."
            draft.tell("transforms-missing", "scale-missing", message=message)


def measure_factors(finest: Shape, shape: Shape) -> list[float]:
    """Pixels of the finest level per pixel of a level: a power of two where the size fits one, else the ratio.

    >>> measure_factors((3, 75, 100), (3, 38, 50))
    [1.0, 2.0, 2.0]
    """
    return [_measure_factor(whole, size) for whole, size in zip(finest, shape, strict=True)]


def build_transforms(finest: Sequence[Any], factors: Sequence[float], *, is_shifted: bool) -> list[dict[str, Any]]:
    """The transformations of a level whose pixels cover so many of the finest.

    Args:
        finest: Transformations of the finest level, with a scale.
        factors: Pixels of the finest level per pixel along each axis.
        is_shifted: Whether the centre of its first pixel is stated, which lies further in than that of the finest.
    """
    scale = next(one["scale"] for one in finest if one.get("type") == "scale")
    translations = [one["translation"] for one in finest if one.get("type") == "translation"]
    origin = translations[0] if translations else [0.0] * len(scale)
    built: list[dict[str, Any]] = [
        {"type": "scale", "scale": [size * by for size, by in zip(scale, factors, strict=True)]}
    ]
    if is_shifted:
        pairs = zip(origin, scale, factors, strict=True)
        origin = [start + size * (by - 1) / 2 for start, size, by in pairs]
    if any(origin):
        built.append({"type": "translation", "translation": origin})
    return built


def _repair_whole(draft: Draft, multiscale: dict[str, Any], shapes: Mapping[str, Shape]) -> None:
    """The transformations of the whole image: none at all, or a scale first, where one of 1 changes nothing."""
    whole = multiscale.get(_KEY)
    if whole == []:
        del multiscale[_KEY]
        draft.tell("scale-missing", message=f"Leave out the empty transformations of the whole image in {draft.name}.")
    elif isinstance(whole, list) and shapes and all(_is_translation(one) for one in whole):
        n_axes = len(next(iter(shapes.values())))
        multiscale[_KEY] = [{"type": "scale", "scale": [1.0] * n_axes}, *whole]
        message = f"Put a scale of 1 before the translation of the whole image in {draft.name}."
        draft.tell("scale-missing", message=message)


def _is_translation(one: Any) -> bool:
    return isinstance(one, dict) and one.get("type") == "translation"


def _measure_factor(whole: int, size: int) -> float:
    power = round(math.log2(whole / size)) if whole >= size else 0
    is_halved = size in {whole >> power, -(-whole >> power)}
    return float(2**power) if is_halved else whole / size


def _complete_finest(draft: Draft, multiscale: dict[str, Any], dataset: dict[str, Any], n_axes: int) -> bool:
    """Pixels of the finest level are the measure where neither a unit nor another level says how large they are."""
    axes = multiscale.get("axes")
    has_units = any(isinstance(axis, dict) and axis.get("unit") is not None for axis in axes or ())
    others = [one for one in list_datasets(multiscale) if _has_scale(one)]
    if (has_units and not _has_whole_scale(multiscale)) or others:
        draft.refuse(
            "transforms-missing", "scale-missing", reason="Nothing says how large the pixels of the finest level are."
        )
        return False
    dataset[_KEY] = [{"type": "scale", "scale": [1.0] * n_axes}, *_list(dataset)]
    message = f"Add a scale of 1 to the finest level of {draft.name}, whose pixels have no size."
    draft.tell("transforms-missing", "scale-missing", message=message)
    return True


def _has_whole_scale(multiscale: dict[str, Any]) -> bool:
    return any(one.get("type") == "scale" for one in _list(multiscale))


def _has_scale(dataset: dict[str, Any]) -> bool:
    """Whether there is a scale, or something else that is not understood and left alone."""
    value = dataset.get(_KEY)
    if value is None:
        return False
    return not isinstance(value, list) or any(
        not isinstance(one, dict) or one.get("type") != "translation" for one in value
    )


def _are_shifted(datasets: Sequence[dict[str, Any]]) -> bool:
    """Whether coarser levels state where their first pixel lies, as far as any say something."""
    stated = [dataset for dataset in datasets[1:] if _has_scale(dataset)]
    return not stated or any(one.get("type") == "translation" for dataset in stated for one in _list(dataset))


def _list(owner: dict[str, Any]) -> list[dict[str, Any]]:
    value = owner.get(_KEY)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
