"""Images and label images: dimensions, pixels, channels, resolution levels, pixel sizes."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from vitrina.curate.codes import build_finding
from vitrina.curate.image_fields import SPACE, list_channels, list_levels

if TYPE_CHECKING:
    from vitrina.model.finding import Finding

ORDER: Final = "tczyx"
"""Order of dimensions.

Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md (time, then channel, then space as z, y, x)
"""

USUAL_DTYPES: Final = ("uint8", "uint16", "uint32", "int8", "int16", "int32", "float32")
"""What viewers draw.

Source: https://github.com/hms-dbmi/viv (the types that its shaders take)
"""


def check_image(image: Any, node: str, *, is_labels: bool = False) -> list[Finding]:
    """What is wrong with an image: a DataArray, or a DataTree of resolution levels. No pixel is read.

    Args:
        image: In memory or lazy.
        node: Where it is in its dataset, such as ``images/he``; empty when it is the dataset.
        is_labels: Whether its pixels are ids.
    """
    levels = list_levels(image)
    if not levels:
        return [build_finding("image-empty", f"{node}#", f"{_tell(node)} has no resolution level.")]
    finest = levels[0]
    findings = [*_check_dims(finest, node), *_check_dtype(finest, node, is_labels=is_labels)]
    if 0 in finest.shape:
        message = f"{_tell(node)} has no pixels: its shape is {finest.shape}."
        findings.append(build_finding("image-empty", f"{node}#", message))
    if not is_labels:
        findings += _check_channels(finest, node)
    return [*findings, *_check_levels(levels, node), *_check_pixel_sizes(finest, node)]


def _check_dims(level: Any, node: str) -> list[Finding]:
    """Elements have their dimensions in NGFF's order; an image of its own in whatever order its format has."""
    dims = [str(dim) for dim in level.dims]
    known = {"y", "x"} <= set(dims) and (not node or set(dims) <= set(ORDER))
    if known and (not node or [dim for dim in ORDER if dim in dims] == dims):
        return []
    message = f"{_tell(node)} has dimensions {dims}; they must be of {list(ORDER)}, in this order, with y and x."
    return [build_finding("image-dims-invalid", f"{node}#", message, fix="Rename and transpose them.")]


def _check_dtype(level: Any, node: str, *, is_labels: bool) -> list[Finding]:
    dtype = str(level.dtype)
    if is_labels and level.dtype.kind not in "iu":
        message = f"{_tell(node)} is a label image with pixels of dtype {dtype}; ids are integers."
        return [build_finding("labels-not-integer", f"{node}#", message, fix="Convert it to uint32.")]
    if is_labels or dtype in USUAL_DTYPES:
        return []
    message = f"{_tell(node)} has pixels of dtype {dtype}, which few viewers draw."
    return [build_finding("image-dtype-unusual", f"{node}#", message, fix=f"Use one of {', '.join(USUAL_DTYPES)}.")]


def _check_channels(level: Any, node: str) -> list[Finding]:
    names = list_channels(level)
    path = f"{node}#/channels"
    if not names:
        return []
    if len(names) != level.sizes["c"]:
        message = f"{_tell(node)} has {level.sizes['c']} channels and {len(names)} names for them."
        return [build_finding("channels-differ", path, message, fix="Give each channel a name.")]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        message = f"{_tell(node)} has several channels named {', '.join(map(repr, repeated))}."
        return [build_finding("channels-repeated", path, message, fix="Give each channel a name of its own.")]
    if len(names) > 1 and all(name.isdigit() for name in names) and str(level.dtype) != "uint8":
        message = f"The {len(names)} channels of {_tell(node, start=False)} have no names, only numbers."
        return [build_finding("channels-unnamed", path, message, fix="Name them by stain, marker or gene.")]
    return []


def _check_levels(levels: list[Any], node: str) -> list[Finding]:
    findings = []
    for i, (above, below) in enumerate(pairwise(levels), start=1):
        if above.dims != below.dims or above.dtype != below.dtype:
            wrong = f"has {below.dims} of {below.dtype} where the one before has {above.dims} of {above.dtype}"
        elif any(below.sizes[dim] > above.sizes[dim] for dim in above.dims) or below.shape == above.shape:
            wrong = f"has shape {below.shape}, which is not smaller than {above.shape} of the one before"
        elif "c" in above.dims and below.sizes["c"] != above.sizes["c"]:
            wrong = f"has {below.sizes['c']} channels where the one before has {above.sizes['c']}"
        else:
            continue
        message = f"Resolution level {i} of {_tell(node, start=False)} {wrong}."
        findings.append(build_finding("levels-not-descending", f"{node}#/{i}", message, fix="Build the levels anew."))
    return findings


def _check_pixel_sizes(level: Any, node: str) -> list[Finding]:
    """The sizes that the image says itself; those that follow from a transformation are checked with it."""
    scale = level.attrs.get("scale")
    if not isinstance(scale, dict):
        return []
    wrong = {axis: size for axis, size in scale.items() if axis in SPACE and not (math.isfinite(size) and size > 0)}
    return [
        build_finding(
            "pixel-size-invalid",
            f"{node}#/pixel_size_{axis}",
            f"{_tell(node)} has a pixel size of {size:g} along {axis}; it must be above 0.",
        )
        for axis, size in wrong.items()
    ]


def _tell(node: str, *, start: bool = True) -> str:
    return node or ("The image" if start else "the image")
