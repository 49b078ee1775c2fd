"""The fields of view of a plate as one image in OME-Zarr."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from vitrina.gateway.hierarchy import Hierarchy, VirtualArray
from vitrina.gateway.images.open import add_image
from vitrina.gateway.plates.contrast import measure_channels
from vitrina.gateway.plates.geometry import measure_mosaic
from vitrina.gateway.plates.known import MOSAIC
from vitrina.gateway.plates.mosaic import Mosaic
from vitrina.model.content import Axis, Channel, ImageElement, LabelsElement, Level
from vitrina.readers.standard_axes import AXES, AXIS_TYPES, arrange_axes

if TYPE_CHECKING:
    from vitrina.gateway.chunk_cache import ChunkCache
    from vitrina.gateway.plates.fields import PlateFields, Raster
    from vitrina.gateway.plates.geometry import MosaicGeometry


def open_mosaic(
    fields: PlateFields, *, etag: str, zarr_format: Literal[2, 3], cache: ChunkCache | None = None
) -> tuple[Raster, Hierarchy]:
    """All fields as one image: as it is described, and at the root of a tree.

    Args:
        fields: What the plate holds.
        etag: Of the plate.
        zarr_format: In which it is served.
        cache: For chunks of all levels but the finest, which many fields are read for.

    Raises:
        UnreadableError: None of the fields is there.
        UnsupportedError: They cannot be shown as one image.
    """
    geometry = measure_mosaic(fields)
    element = describe_mosaic(fields.stated_first, geometry, fields.plate.name, fields.where)
    is_labels = isinstance(element, LabelsElement)
    mosaic = Mosaic(geometry, fields.open_pixels, method="nearest" if is_labels else "mean")
    groups: dict[str, dict[str, Any]] = {}
    arrays: dict[str, VirtualArray] = {}
    if isinstance(element, ImageElement) and not element.is_rgb:
        element = replace(element, channels=measure_channels(mosaic, element.channels))
    add_image(groups, arrays, element, mosaic.open_level, fields.where)
    steps = list(geometry.steps)
    while len(steps) < len(arrays):
        steps.append(2 * steps[-1])
    served = {
        path: replace(array, read=partial(_read_unless_empty, mosaic, step, array), is_kept=step > 1)
        for (path, array), step in zip(arrays.items(), steps, strict=True)
    }
    return element, Hierarchy(
        etag=f"{etag}/{MOSAIC}", groups=groups, arrays=served, zarr_format=zarr_format, cache=cache
    )


def describe_mosaic(first: Raster, geometry: MosaicGeometry, name: str, where: str) -> Raster:
    """The mosaic as an image, with the pixel size and the channels of the first field.

    Args:
        first: The first field.
        geometry: The mosaic.
        name: Of the plate.
        where: What is read, for errors.
    """
    arranged = arrange_axes(first, where)
    units = {axis.name: axis.unit for axis in arranged.axes}
    kept = [i for i, axis in enumerate(AXES) if axis in units or geometry.shape_tczyx[i] > 1]
    factors = [(1, 1, 1, step, step) for step in geometry.steps]
    levels = tuple(
        Level(
            path=str(number),
            shape=tuple(geometry.shape_tczyx[i] // factor[i] for i in kept),
            chunk_shape=None,
            scale=tuple(arranged.pixel_size_tczyx[i] * factor[i] for i in kept),
            translation=(0.0,) * len(kept),
        )
        for number, factor in enumerate(factors)
    )
    axes = tuple(Axis(name=AXES[i], type=AXIS_TYPES[AXES[i]], unit=units.get(AXES[i])) for i in kept)
    changed: dict[str, Any] = {
        "name": name,
        "path": "",
        "placements": (),
        "axes": axes,
        "dtype": geometry.dtype,
        "levels": levels,
    }
    if isinstance(first, LabelsElement):
        return replace(first, **changed)
    n_channels = geometry.shape_tczyx[1]
    more = tuple(Channel(name=f"Channel {i}") for i in range(len(first.channels), n_channels))
    is_rgb = first.is_rgb and n_channels == len(first.channels)
    return replace(first, **changed, channels=(*first.channels, *more)[:n_channels], is_rgb=is_rgb)


def _read_unless_empty(mosaic: Mosaic, step: int, array: VirtualArray, window: tuple[slice, ...]) -> Any:
    """The values of a chunk; None for one between wells, or of wells that are not there."""
    starts, stops = ([getattr(part, end) for part in window[-2:]] for end in ("start", "stop"))
    return array.read(window) if mosaic.find_fields(step, starts, stops) else None
