"""Tiles of a SpatialData object: regions of which images, in which coordinate systems."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.cells import Cells, find_centres, read_centres
from vitrina.ml.geometry import apply_map
from vitrina.ml.layer import Layer
from vitrina.ml.rasters import build_raster

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    from spatialdata import SpatialData

    type Floats = npt.NDArray[np.float64]
    type Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionTiles:
    """Tiles around one kind of region, in one image.

    Attributes:
        region: Name of the shapes or labels.
        image: Name of the image.
        coordinate_system: In which positions and sizes are given.
        instances: Ids of the regions.
        centre_xy: Regions x 2, in the coordinate system.
        extent: Side of each tile, in the coordinate system.
        centre_yx_px: Regions x 2, in pixels of the finest level.
        size_px: Side of each tile in pixels.
        layer: The finest level of the image.
        axes: One letter per dimension of the image.
        channels: Names of the channels.
        finest: The image as xarray, for its coordinates and attributes.
    """

    region: str
    image: str
    coordinate_system: str
    instances: npt.NDArray[Any]
    centre_xy: Floats
    extent: Floats
    centre_yx_px: Floats
    size_px: Ints
    layer: Layer
    axes: str
    channels: tuple[str, ...]
    finest: Any


def find_region_tiles(
    sdata: SpatialData,
    regions_to_images: Mapping[str, str],
    regions_to_coordinate_systems: Mapping[str, str],
    *,
    tile_scale: float,
    tile_dim_in_units: float | None,
) -> list[RegionTiles]:
    """The tiles of all regions; arguments as for ``ImageTilesDataset``.

    Raises:
        InputError: The two mappings name different regions, or a region is neither shapes nor labels.
        NotFoundError: There is no such element, or it does not lie in its coordinate system.
    """
    if set(regions_to_images) != set(regions_to_coordinate_systems):
        raise InputError(
            "regions-differ",
            "regions_to_images and regions_to_coordinate_systems name different regions: "
            f"{', '.join(regions_to_images)} and {', '.join(regions_to_coordinate_systems)}.",
            where="regions_to_images",
        )
    return [
        _find_one(sdata, region, regions_to_images[region], system, tile_scale, tile_dim_in_units)
        for region, system in regions_to_coordinate_systems.items()
    ]


def _find_one(  # noqa: PLR0917 one row of the two mappings
    sdata: SpatialData, region: str, image: str, system: str, tile_scale: float, tile_dim: float | None
) -> RegionTiles:
    for name, elements in ((region, {**sdata.shapes, **sdata.labels}), (image, sdata.images)):
        if name not in elements:
            kind = "image" if elements is sdata.images else "shapes or labels"
            raise NotFoundError("element-missing", f"The SpatialData object has no {kind} {name!r}.", where=name)
    finest = get_finest(sdata.images[image])
    axes = "".join(map(str, finest.dims))
    if "z" in axes:
        raise InputError(
            "image-stacked", f"{image!r} is a stack; tiles are cut from images with two dimensions.", where=image
        )
    cells, radius = _read_region(sdata, region)
    to_system, to_image = _get_matrix(sdata[region], system, region), _get_matrix(sdata.images[image], system, image)
    linear = to_image[:, :2]
    inverse = np.linalg.inv(linear)
    centre_xy = apply_map(to_system, cells.centre_xy)
    scale = math.sqrt(abs(np.linalg.det(to_system[:, :2])))
    extent = 2 * radius * scale * tile_scale if tile_dim is None else np.full(len(radius), float(tile_dim))
    pixel = math.sqrt(abs(np.linalg.det(linear)))
    size_px = np.maximum(np.round(extent / pixel).astype(np.int64), 1)
    return RegionTiles(
        region=region,
        image=image,
        coordinate_system=system,
        instances=cells.instances,
        centre_xy=centre_xy,
        extent=extent,
        centre_yx_px=((centre_xy - to_image[:, 2]) @ inverse.T)[:, ::-1],
        size_px=size_px,
        layer=Layer(build_raster(finest.data, axes, image)),
        axes=axes,
        channels=tuple(str(name) for name in np.atleast_1d(finest.coords["c"].to_numpy())) if "c" in axes else ("0",),
        finest=finest,
    )


def get_finest(element: Any) -> Any:
    """The finest level of an image or label image, as xarray."""
    return next(iter(element["scale0"].ds.values())) if hasattr(element, "children") else element


def _read_region(sdata: SpatialData, region: str) -> tuple[Cells, Floats]:
    """Regions in their own coordinates, and the radius of a circle of the same area."""
    if region in sdata.labels:
        labels = get_finest(sdata.labels[region])
        layer = Layer(build_raster(labels.data, "".join(map(str, labels.dims)), region))
        cells = find_centres(layer)
        ids, counts = np.unique(np.asarray(labels.data), return_counts=True)
        return cells, np.sqrt(counts[ids != 0] / np.pi)
    shapes = sdata.shapes[region]
    if "radius" in shapes:
        return read_centres(shapes), shapes["radius"].to_numpy(np.float64)
    import shapely

    return read_centres(shapes), np.sqrt(shapely.area(shapes.geometry.to_numpy()) / np.pi)


def _get_matrix(element: Any, system: str, name: str) -> Floats:
    """The map from an element's own coordinates to a coordinate system, 2 x 3 for x and y."""
    from spatialdata.transformations import get_transformation

    found = get_transformation(element, get_all=True)
    if system not in found:
        raise NotFoundError(
            "coordinate-system-missing",
            f"{name!r} does not lie in the coordinate system {system!r}; it lies in {', '.join(found)}.",
            where=name,
        )
    matrix: Floats = found[system].to_affine_matrix(input_axes=("x", "y"), output_axes=("x", "y"))[:2]
    return matrix
