"""Positions between elements: from a region's own coordinates to pixels of an image, and how large those are.

Pixel coordinates of SpatialData count from the corner of the first pixel, translations of NGFF from its centre.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import InputError, UnsupportedError
from vitrina.model.content import IDENTITY_XY, ImageElement, LabelsElement
from vitrina.readers.plane import find_yx

if TYPE_CHECKING:
    import numpy.typing as npt

    from vitrina.model.content import AffineXY, ShapesElement

    type Floats = npt.NDArray[np.float64]

MICROMETERS = {
    "angstrom": 1e-4,
    "picometer": 1e-6,
    "nanometer": 1e-3,
    "micrometer": 1.0,
    "millimeter": 1e3,
    "centimeter": 1e4,
    "meter": 1e6,
}
"""Micrometres in one of the units that microscopes and specimens are measured in."""


def measure_pixel_size(
    image: ImageElement, coordinate_system: str, *, is_physical: bool = False
) -> tuple[float, float] | None:
    """Height and width of a pixel of the finest level in micrometres; None when the image does not say.

    The unit of the axes counts, else the placement in a coordinate system of SpatialData, whose unit is taken to be the
    micrometre. An image that is placed as it is says nothing: often the unit is its pixel.

    Args:
        image: The image.
        coordinate_system: In which it lies.
        is_physical: Whether the unit is the micrometre for sure, so that such an image has pixels of one micrometre.
    """
    y, x = find_yx(image.axes)
    level = image.levels[0]
    factors = [MICROMETERS.get(image.axes[axis].unit or "") for axis in (y, x)]
    if factors[0] is not None and factors[1] is not None:
        return level.scale[y] * factors[0], level.scale[x] * factors[1]
    placed = find_affine(image, coordinate_system)
    if placed is None or (placed == IDENTITY_XY and not is_physical):
        return None
    a, b, _, d, e, _ = placed
    return math.hypot(b, e), math.hypot(a, d)


def find_affine(element: ImageElement | LabelsElement | ShapesElement, coordinate_system: str) -> AffineXY | None:
    """The map from an element's own coordinates to a coordinate system; None when it is not there."""
    named = (own.affine_xy for own in element.placements if own.coordinate_system == coordinate_system)
    return next(named, None)


def plan_map(
    region: ImageElement | LabelsElement | ShapesElement, image: ImageElement, coordinate_system: str, where: str
) -> Floats:
    """The map from a region's own coordinates to pixels of an image, a 2 x 3 matrix for x and y.

    Args:
        region: Shapes, or label image.
        image: The image.
        coordinate_system: In which both lie, where they are elements of SpatialData.
        where: Of which dataset, for the error.

    Raises:
        InputError: They do not lie in one coordinate system.
    """
    of_region, of_image = (find_affine(element, coordinate_system) for element in (region, image))
    if of_region is not None and of_image is not None:
        return _multiply(_invert(_to_matrix(of_image), where), _to_matrix(of_region))
    if isinstance(region, LabelsElement | ImageElement) and not region.placements and not image.placements:
        return _map_by_levels(region, image)
    raise InputError(
        "region-not-placed",
        f"{region.name!r} and {image.name!r} of {where} do not both lie in {coordinate_system!r}.",
        hint="Pass the coordinate_system in which both lie.",
        where=where,
    )


def plan_image_map(image: ImageElement, coordinate_system: str, where: str) -> Floats:
    """The map from a coordinate system to pixels of an image, for positions that a table holds."""
    placed = find_affine(image, coordinate_system) or IDENTITY_XY
    return _invert(_to_matrix(placed), where)


def apply_map(matrix: Floats, points_xy: Floats) -> Floats:
    """Points x 2, mapped."""
    mapped: Floats = points_xy @ matrix[:, :2].T + matrix[:, 2]
    return mapped


def get_step(matrix: Floats, where: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """Scale and offset of a map along y and x.

    Raises:
        UnsupportedError: It turns or shears.
    """
    (a, b, c), (d, e, f) = matrix.tolist()
    if max(abs(b), abs(d)) > 1e-6 * max(abs(a), abs(e)) or a <= 0 or e <= 0:
        raise UnsupportedError(
            "mask-turned",
            f"The label image of {where} is turned or mirrored against the image; masks are only scaled and moved.",
            hint="Write the label image on the pixels of the image.",
            where=where,
        )
    return (e, a), (f, c)


def get_level_factor(element: ImageElement | LabelsElement, level: int) -> tuple[float, float]:
    """Pixels of the finest level along y and x in one pixel of a level."""
    y, x = find_yx(element.axes)
    finest, coarse = element.levels[0], element.levels[level]
    return coarse.scale[y] / finest.scale[y], coarse.scale[x] / finest.scale[x]


def _map_by_levels(region: LabelsElement | ImageElement, image: ImageElement) -> Floats:
    """By the scale and translation of NGFF, which place the centre of the first pixel."""
    rows = []
    for axis in (1, 0):  # x, then y
        own, target = find_yx(region.axes)[axis], find_yx(image.axes)[axis]
        level, goal = region.levels[0], image.levels[0]
        factor = level.scale[own] / goal.scale[target]
        offset = (level.translation[own] - goal.translation[target]) / goal.scale[target] - 0.5 * factor + 0.5
        rows.append((factor, offset))
    (a, c), (e, f) = rows
    return np.array([[a, 0, c], [0, e, f]])


def _to_matrix(affine: AffineXY) -> Floats:
    return np.array(affine, np.float64).reshape(2, 3)


def _invert(matrix: Floats, where: str) -> Floats:
    linear = matrix[:, :2]
    if abs(np.linalg.det(linear)) < 1e-12:
        raise InputError("placement-singular", f"The placement of the image of {where} has no inverse.", where=where)
    inverse = np.linalg.inv(linear)
    return np.column_stack([inverse, -inverse @ matrix[:, 2]])


def _multiply(outer: Floats, inner: Floats) -> Floats:
    product: Any = outer[:, :2] @ inner
    product[:, 2] += outer[:, 2]
    return np.asarray(product)
