"""What is known of an image along t, c, z, y and x, whatever order its own axes have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import Axis, AxisType, Level
from vitrina.readers.pixels.axes import plan_axes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import ImageElement, LabelsElement

AXES = "tczyx"
AXIS_TYPES: dict[str, AxisType] = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardAxes:
    """The axes of an image, in the order that pixels are handed out.

    Attributes:
        axes: Those of t, c, z, y, x that it has, in that order.
        pixel_size_tczyx: Size of a pixel of the finest level along each axis, in the axis's unit; 1.0 where unknown.
        origin_tczyx: Where the centre of the first pixel lies, in the axis's unit.
    """

    axes: tuple[Axis, ...]
    pixel_size_tczyx: tuple[float, ...]
    origin_tczyx: tuple[float, ...]

    def pick[T](self, values_tczyx: Sequence[T]) -> tuple[T, ...]:
        """Of one value per axis, those of the axes that it has."""
        names = {axis.name for axis in self.axes}
        return tuple(value for name, value in zip(AXES, values_tczyx, strict=True) if name in names)

    def describe_level(
        self,
        path: str,
        shape_tczyx: Sequence[int],
        steps_tczyx: Sequence[float],
        chunk_tczyx: Sequence[int] | None = None,
    ) -> Level:
        """A level; the centre of a pixel is that of the pixels of the finest level that it covers.

        Args:
            path: Of its array.
            shape_tczyx: Its size in pixels.
            steps_tczyx: Pixels of the finest level per pixel of this one.
            chunk_tczyx: Of its chunks.
        """
        scale = [size * step for size, step in zip(self.pixel_size_tczyx, steps_tczyx, strict=True)]
        parts = zip(self.origin_tczyx, self.pixel_size_tczyx, steps_tczyx, strict=True)
        translation = [origin + size * (step - 1) / 2 for origin, size, step in parts]
        return Level(
            path=path,
            shape=self.pick(shape_tczyx),
            chunk_shape=None if chunk_tczyx is None else self.pick(chunk_tczyx),
            scale=self.pick(scale),
            translation=self.pick(translation),
        )


def arrange_axes(element: ImageElement | LabelsElement, where: str) -> StandardAxes:
    """The axes of an image; of several dimensions that are channels, the fastest counts.

    Args:
        element: The image.
        where: What is read, for the error.

    Raises:
        UnsupportedError: It has more axes than t, c, z, y, x.
    """
    finest = element.levels[0]
    roles = plan_axes(element.axes, finest.shape, where).roles
    dims = {role: index for index, role in enumerate(roles) if role is not None}
    return StandardAxes(
        axes=tuple(
            Axis(name=role, type=AXIS_TYPES[role], unit=element.axes[dims[role]].unit) for role in AXES if role in dims
        ),
        pixel_size_tczyx=tuple(finest.scale[dims[role]] if role in dims else 1.0 for role in AXES),
        origin_tczyx=tuple(finest.translation[dims[role]] if role in dims else 0.0 for role in AXES),
    )
