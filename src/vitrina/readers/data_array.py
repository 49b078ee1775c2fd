"""An image in memory with named axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.model.content import ImageElement
from vitrina.readers.plane import find_channel_axis

if TYPE_CHECKING:
    import xarray

    from vitrina.model.content import LabelsElement


def build_data_array(element: ImageElement | LabelsElement, pixels: Any) -> xarray.DataArray:
    """The pixels of the finest level with axis names, channel names and pixel sizes.

    Args:
        element: What the pixels are.
        pixels: NumPy array in the order of the element's axes.
    """
    import xarray

    coords = {}
    channel = find_channel_axis(element.axes)
    if isinstance(element, ImageElement) and channel is not None:
        coords[element.axes[channel].name] = [own.name for own in element.channels]
    attrs = {
        "scale": dict(zip((axis.name for axis in element.axes), element.levels[0].scale, strict=True)),
        "units": {axis.name: axis.unit for axis in element.axes if axis.unit},
    }
    return xarray.DataArray(
        pixels, dims=[axis.name for axis in element.axes], coords=coords, name=element.name, attrs=attrs
    )
