"""What a schema can ask of an image or a label image: the fields of the slots ``images:KEY`` and ``labels:KEY``.

    axes                 text, the dimensions in order, such as ``cyx``
    dtype                text, the NumPy name of the pixels' type
    shape_x shape_y ...  int, pixels of the finest level along each axis
    n_levels             int, resolution levels
    n_channels           int, 1 for an image without a channel axis
    channels             list of text, names of the channels
    pixel_size           number, the side of a pixel in ``unit``; absent when x and y differ
    pixel_size_x ...     number, along each spatial axis, in ``unit``
    pixel_size_um ...    the same in micrometers; absent when the unit is unknown
    unit                 text, of the pixel sizes; absent when nothing says it
    coordinate_systems   list of text, those that the element maps to

and every further attribute of the element under its own name.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

UM_PER_UNIT: Final = {
    "picometer": 1e-6,
    "nanometer": 1e-3,
    "micrometer": 1.0,
    "micron": 1.0,
    "um": 1.0,
    "µm": 1.0,
    "nm": 1e-3,
    "millimeter": 1e3,
    "mm": 1e3,
    "centimeter": 1e4,
    "meter": 1e6,
}
"""Micrometers in one unit.

Source: https://ngff.openmicroscopy.org/0.5/#axes-md (the names; the short ones are what people write)
"""

SPACE: Final = ("x", "y", "z")
_OWN_ATTRS = ("transform", "scale", "units", "unit")


def build_image_fields(image: Any) -> dict[str, Any]:
    """The fields of an image or label image: a DataArray, or a DataTree of resolution levels."""
    levels = list_levels(image)
    finest = levels[0]
    dims = [str(dim) for dim in finest.dims]
    fields: dict[str, Any] = {
        "axes": "".join(dims),
        "dtype": str(finest.dtype),
        "n_levels": len(levels),
        "n_channels": int(finest.sizes.get("c", 1)),
    }
    fields |= {f"shape_{dim}": int(finest.sizes[dim]) for dim in dims}
    channels = list_channels(finest)
    if channels:
        fields["channels"] = channels
    systems = list_coordinate_systems(finest)
    if systems is not None:
        fields["coordinate_systems"] = systems
    fields |= _build_sizes(finest, dims)
    attrs = {str(key): value for key, value in finest.attrs.items() if key not in _OWN_ATTRS}
    return attrs | fields


def list_levels(image: Any) -> list[Any]:
    """The resolution levels of an image, finest first."""
    if hasattr(image, "dims") and hasattr(image, "dtype"):
        return [image]
    levels = []
    for node in image.children.values():
        levels.extend(node.data_vars.values())
    return levels


def list_channels(level: Any) -> list[str]:
    """The names of the channels, as text; empty without a channel axis."""
    if "c" not in level.dims:
        return []
    if "c" not in level.coords:
        return [str(i) for i in range(level.sizes["c"])]
    return [str(name) for name in level.coords["c"].values.tolist()]


def list_coordinate_systems(element: Any) -> list[str] | None:
    """The coordinate systems that an element maps to; None when it is no element of SpatialData."""
    transforms = element.attrs.get("transform")
    return list(transforms) if isinstance(transforms, dict) else None


def build_coordinate_systems(dataset: Any) -> dict[str, list[str]]:
    """For each coordinate system the elements that map to it, as ``images/he``."""
    found: dict[str, list[str]] = {}
    for element_type, name, element in dataset.gen_elements():
        if element_type != "tables":
            first = list_levels(element)[0] if element_type in ("images", "labels") else element
            for system in list_coordinate_systems(first) or []:
                found.setdefault(system, []).append(f"{element_type}/{name}")
    return found


def find_pixel_sizes(level: Any) -> Mapping[str, float]:
    """The side of a pixel along each spatial axis: the element's ``scale``, else that of its transformation.

    An element of SpatialData has a size where one of its coordinate systems is reached by a scale without rotation or
    shear; the first that is not the identity counts, since an identity says that nothing is known.
    """
    scale = level.attrs.get("scale")
    if isinstance(scale, dict):
        return {axis: float(scale[axis]) for axis in SPACE if axis in scale}
    transforms = level.attrs.get("transform")
    for transform in transforms.values() if isinstance(transforms, dict) else ():
        sizes = _read_sizes(transform, [axis for axis in SPACE if axis in level.dims])
        if sizes is not None and any(size != 1 for size in sizes.values()):
            return sizes
    return {}


def _read_sizes(transform: Any, axes: list[str]) -> dict[str, float] | None:
    """The scale along each axis of a transformation that does not mix axes."""
    import numpy as np

    try:
        matrix = np.asarray(transform.to_affine_matrix(input_axes=axes, output_axes=axes), dtype=float)[:-1, :-1]
    except Exception:  # noqa: BLE001 - a transformation that is no matrix says no size; checking the data tells of it
        return None
    if not np.isfinite(matrix).all() or (matrix != np.diag(np.diag(matrix))).any():
        return None
    return dict(zip(axes, np.diag(matrix).tolist(), strict=True))


def find_unit(level: Any) -> str | None:
    """The unit of the pixel sizes, where the element or its attributes say it."""
    units = level.attrs.get("units")
    if isinstance(units, dict):
        return next((str(units[axis]) for axis in SPACE if axis in units), None)
    unit = level.attrs.get("unit", units)
    return str(unit) if isinstance(unit, str) else None


def _build_sizes(level: Any, dims: list[str]) -> dict[str, Any]:
    sizes = find_pixel_sizes(level)
    unit = find_unit(level)
    fields: dict[str, Any] = {"unit": unit} if unit else {}
    factor = UM_PER_UNIT.get(unit.lower()) if unit else None
    named = {f"_{axis}": size for axis, size in sizes.items() if axis in dims}
    if "x" in sizes and "y" in sizes and math.isclose(sizes["x"], sizes["y"], rel_tol=1e-6):
        named[""] = sizes["x"]
    for suffix, size in named.items():
        fields[f"pixel_size{suffix}"] = size
        if factor is not None:
            fields[f"pixel_size{suffix}_um"] = size * factor
    return fields
