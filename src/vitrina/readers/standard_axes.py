"""What is known of an image along t, c, z, y and x, whatever order its own axes have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.model.content import Axis, AxisType
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
