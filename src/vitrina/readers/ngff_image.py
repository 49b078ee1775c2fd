"""An image as NGFF describes it, for viewers: valid units, and names, colours and windows of all channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.content import ImageElement
from vitrina.ngff.axes import SPACE_UNITS, TIME_UNITS
from vitrina.ngff.axes import Axis as NgffAxis
from vitrina.ngff.image import Dataset, Image
from vitrina.ngff.level_transform import LevelTransform
from vitrina.ngff.omero import Omero, OmeroChannel, OmeroWindow
from vitrina.readers.contrast import complete_window, find_range
from vitrina.readers.palette import choose_color

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.model.content import Axis, Channel, LabelsElement, Level

    type Raster = ImageElement | LabelsElement

_UNITS = SPACE_UNITS | TIME_UNITS


def describe_image(element: Raster, levels: Sequence[Level] | None = None) -> Image:
    """The image as NGFF describes it; level paths become relative to the image's own group.

    Args:
        element: The image or label image.
        levels: Which of its levels; those that viewers can show unless given.
    """
    prefix = f"{element.path}/" if element.path else ""
    return Image(
        name=element.name,
        axes=tuple(_describe_axis(axis) for axis in element.axes),
        datasets=tuple(
            Dataset(
                path=level.path.removeprefix(prefix),
                transform=LevelTransform(scale=level.scale, translation=level.translation),
            )
            for level in (find_flat_levels(element) if levels is None else levels)
        ),
        omero=_describe_channels(element) if isinstance(element, ImageElement) else None,
        is_labels=not isinstance(element, ImageElement),
    )


def find_flat_levels(element: Raster) -> tuple[Level, ...]:
    """The levels that keep the depth, time points and channels of the finest.

    The viewer asks every level for the same plane, and fails where a coarser level has fewer of them.
    """
    plane = [index for index, axis in enumerate(element.axes) if axis.name not in {"y", "x"}]
    finest = element.levels[0]
    return tuple(level for level in element.levels if all(level.shape[i] == finest.shape[i] for i in plane))


def find_middle_plane(element: Raster) -> int:
    """Number of the middle plane of a stack, 0 without one."""
    sizes = dict(zip((axis.name for axis in element.axes), element.levels[0].shape, strict=False))
    return sizes.get("z", 1) // 2


def _describe_axis(axis: Axis) -> NgffAxis:
    """Units that UDUNITS does not know, such as ``pixel``, stop viewers, so they are dropped."""
    return NgffAxis(name=axis.name, type=axis.type, unit=axis.unit if axis.unit in _UNITS else None)


def _describe_channels(image: ImageElement) -> Omero:
    return Omero(
        channels=tuple(_describe_channel(image, channel, index) for index, channel in enumerate(image.channels)),
        model="color" if image.is_rgb else "greyscale",
        default_z=find_middle_plane(image),
    )


def _describe_channel(image: ImageElement, channel: Channel, index: int) -> OmeroChannel:
    start, end = complete_window(channel, image.dtype)
    low, high = find_range(image.dtype) or (start, end)
    return OmeroChannel(
        label=channel.name,
        color_rgb=choose_color(channel, index, len(image.channels)),
        window=OmeroWindow(start=start, end=end, min=min(low, start), max=max(high, end)),
    )
