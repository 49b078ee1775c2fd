"""Where the pixels of one resolution level lie: a scale and a translation per axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import get_list, get_numbers, get_object, malformed

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTransform:
    """``position = scale * index + translation`` per axis, for the centre of a pixel."""

    scale: tuple[float, ...]
    translation: tuple[float, ...]

    def then(self, after: LevelTransform) -> LevelTransform:
        """This transform followed by another."""
        pairs = zip(self.translation, after.scale, after.translation, strict=True)
        return LevelTransform(
            scale=tuple(mine * theirs for mine, theirs in zip(self.scale, after.scale, strict=True)),
            translation=tuple(mine * scale + offset for mine, scale, offset in pairs),
        )


def build_unit(n_axes: int) -> LevelTransform:
    """The transform that leaves pixel indices as they are."""
    return LevelTransform(scale=(1.0,) * n_axes, translation=(0.0,) * n_axes)


def parse_level_transform(value: object, n_axes: int, pointer: str) -> LevelTransform:
    """The ``coordinateTransformations`` of a dataset or of a whole multiscale image, one after the other.

    Args:
        value: A list of ``identity``, ``scale`` and ``translation``; None counts as empty.
        n_axes: Number of axes.
        pointer: Where the value lies.

    Raises:
        DataError: It is malformed, or refers to a file of numbers (``path``).

    Source: https://ngff.openmicroscopy.org/0.4/#trafo-md
    """
    composed = build_unit(n_axes)
    for i, part in enumerate([] if value is None else get_list(value, pointer)):
        composed = composed.then(_parse_part(part, n_axes, f"{pointer}/{i}"))
    return composed


def build_level_transform(transform: LevelTransform) -> list[dict[str, Any]]:
    """The transform as JSON: the scale, then the translation unless it is zero."""
    parts: list[dict[str, Any]] = [{"type": "scale", "scale": list(transform.scale)}]
    if any(transform.translation):
        parts.append({"type": "translation", "translation": list(transform.translation)})
    return parts


def has_positive_scale(scale: Sequence[float]) -> bool:
    """Whether every factor is above zero, as the size of a pixel must be."""
    return all(factor > 0 for factor in scale)


def _parse_part(value: object, n_axes: int, pointer: str) -> LevelTransform:
    part = get_object(value, pointer)
    unit = build_unit(n_axes)
    match part.get("type"):
        case "identity":
            return unit
        case "scale":
            scale = get_numbers(part.get("scale"), f"{pointer}/scale", n_axes)
            if not has_positive_scale(scale):
                raise malformed(f"{pointer}/scale", part["scale"], "numbers above zero")
            return LevelTransform(scale=scale, translation=unit.translation)
        case "translation":
            offsets = get_numbers(part.get("translation"), f"{pointer}/translation", n_axes)
            return LevelTransform(scale=unit.scale, translation=offsets)
        case other:
            raise malformed(f"{pointer}/type", other, "identity, scale or translation")
