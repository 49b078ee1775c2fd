"""Affine maps between named axes: identity, scale, translation, affine, mapAxis and sequences of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.ngff.axes import parse_axes
from vitrina.ngff.json_value import get_list, get_numbers, get_object, get_text, malformed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.ngff.json_value import JsonObject

MAX_DEPTH = 16
"""A sequence nested deeper than this is refused; real ones nest once or twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """A map ``output = matrix @ input + offset`` between named axes.

    Attributes:
        inputs: Names of the input axes.
        outputs: Names of the output axes.
        rows: One row per output: a factor per input, then the offset.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]

    def get_factor(self, output: str, input_: str) -> float:
        """How much ``output`` grows with ``input_``; an axis that the map does not have stays as it is."""
        if output not in self.outputs:
            return 1.0 if output == input_ else 0.0
        return self.rows[self.outputs.index(output)][self.inputs.index(input_)] if input_ in self.inputs else 0.0

    def get_offset(self, output: str) -> float:
        """The value of ``output`` at the origin."""
        return self.rows[self.outputs.index(output)][-1] if output in self.outputs else 0.0

    def to_xy(self) -> tuple[float, float, float, float, float, float]:
        """``(a, b, c, d, e, f)`` with ``x' = a*x + b*y + c`` and ``y' = d*x + e*y + f``, other axes being 0."""
        return (
            self.get_factor("x", "x"), self.get_factor("x", "y"), self.get_offset("x"),
            self.get_factor("y", "x"), self.get_factor("y", "y"), self.get_offset("y"),
        )  # fmt: skip

    def mixes_into_xy(self) -> tuple[str, ...]:
        """Axes other than x and y on which the resulting x or y depends, which ``to_xy`` cannot tell."""
        others = (name for name in self.inputs if name not in {"x", "y"})
        return tuple(name for name in others if self.get_factor("x", name) or self.get_factor("y", name))


def build_identity(axes: Sequence[str]) -> Affine:
    """The map that changes nothing."""
    return build_scale(axes, [1.0] * len(axes))


def build_scale(axes: Sequence[str], scale: Sequence[float]) -> Affine:
    """The map that multiplies each axis by its factor."""
    n_axes = len(axes)
    rows = tuple((*(scale[i] if i == j else 0.0 for j in range(n_axes)), 0.0) for i in range(n_axes))
    return Affine(inputs=tuple(axes), outputs=tuple(axes), rows=rows)


def build_translation(axes: Sequence[str], translation: Sequence[float]) -> Affine:
    """The map that adds its offset to each axis."""
    identity = build_identity(axes)
    rows = tuple((*row[:-1], offset) for row, offset in zip(identity.rows, translation, strict=True))
    return Affine(inputs=identity.inputs, outputs=identity.outputs, rows=rows)


def compose(first: Affine, second: Affine) -> Affine:
    """``second`` after ``first``; an axis of ``first`` that ``second`` does not have passes through."""
    passed = tuple(name for name in first.outputs if name not in second.inputs and name not in second.outputs)
    rows = [_compose_row(first, second, output) for output in second.outputs]
    rows += [first.rows[first.outputs.index(name)] for name in passed]
    return Affine(inputs=first.inputs, outputs=second.outputs + passed, rows=tuple(rows))


def _compose_row(first: Affine, second: Affine, output: str) -> tuple[float, ...]:
    factors = [
        sum(second.get_factor(output, middle) * first.get_factor(middle, input_) for middle in second.inputs)
        for input_ in first.inputs
    ]
    offset = sum(second.get_factor(output, middle) * first.get_offset(middle) for middle in second.inputs)
    return (*factors, offset + second.get_offset(output))


def parse_affine(value: object, axes: Sequence[str], pointer: str, depth: int = 0) -> Affine:
    """The map that a coordinate transformation describes.

    Args:
        value: The transformation; its own ``input`` and ``output`` axes win where it spells them out.
        axes: Names of the input axes otherwise.
        pointer: Where the value lies.
        depth: How many sequences it is nested in.

    Raises:
        DataError: It is malformed, or of a type that is not affine.

    Source: https://ngff.openmicroscopy.org/rfc/5/index.html#coordinatetransformations-metadata, and
        https://spatialdata.scverse.org/en/stable/design_doc.html#transformations for the spelling with axes inside.
    """
    transform = get_object(value, pointer)
    inputs = _parse_axis_names(transform.get("input"), f"{pointer}/input") or tuple(axes)
    outputs = _parse_axis_names(transform.get("output"), f"{pointer}/output")
    match transform.get("type"):
        case "identity":
            return build_identity(inputs)
        case "scale":
            return build_scale(inputs, get_numbers(transform.get("scale"), f"{pointer}/scale", len(inputs)))
        case "translation":
            offsets = get_numbers(transform.get("translation"), f"{pointer}/translation", len(inputs))
            return build_translation(inputs, offsets)
        case "affine":
            return _parse_matrix(transform, inputs, outputs or inputs, pointer)
        case "mapAxis":
            return _parse_map_axis(transform, inputs, pointer)
        case "sequence" if depth < MAX_DEPTH:
            return _parse_sequence(transform, inputs, pointer, depth)
        case other:
            known = "identity, scale, translation, affine, mapAxis or a sequence of them"
            raise malformed(f"{pointer}/type", other, known)


def _parse_axis_names(system: object, pointer: str) -> tuple[str, ...]:
    """Names of the axes of a coordinate system that is spelled out; empty when only its name stands there."""
    if not isinstance(system, dict) or "axes" not in system:
        return ()
    return tuple(axis.name for axis in parse_axes(system["axes"], f"{pointer}/axes"))


def _parse_matrix(transform: JsonObject, inputs: tuple[str, ...], outputs: tuple[str, ...], pointer: str) -> Affine:
    rows = get_list(transform.get("affine"), f"{pointer}/affine")
    if len(rows) == len(outputs) + 1:
        rows = rows[:-1]  # homogeneous form: the last row is 0 ... 0 1
    if len(rows) != len(outputs):
        raise malformed(f"{pointer}/affine", rows, f"{len(outputs)} rows, one per output axis")
    parsed = tuple(get_numbers(row, f"{pointer}/affine/{i}", len(inputs) + 1) for i, row in enumerate(rows))
    return Affine(inputs=inputs, outputs=outputs, rows=parsed)


def _parse_map_axis(transform: JsonObject, inputs: tuple[str, ...], pointer: str) -> Affine:
    """``mapAxis`` names for each output axis the input axis that it takes its value from."""
    mapping = get_object(transform.get("mapAxis"), f"{pointer}/mapAxis")
    sources = {output: get_text(source, f"{pointer}/mapAxis/{output}") for output, source in mapping.items()}
    unknown = sorted(set(sources.values()) - set(inputs))
    if unknown:
        raise malformed(f"{pointer}/mapAxis", dict(mapping), f"input axes out of {', '.join(inputs)}")
    rows = tuple((*(1.0 if name == source else 0.0 for name in inputs), 0.0) for source in sources.values())
    return Affine(inputs=inputs, outputs=tuple(sources), rows=rows)


def _parse_sequence(transform: JsonObject, inputs: tuple[str, ...], pointer: str, depth: int) -> Affine:
    composed = build_identity(inputs)
    parts = get_list(transform.get("transformations"), f"{pointer}/transformations")
    for i, part in enumerate(parts):
        step = parse_affine(part, composed.outputs, f"{pointer}/transformations/{i}", depth + 1)
        composed = compose(composed, step)
    return composed
