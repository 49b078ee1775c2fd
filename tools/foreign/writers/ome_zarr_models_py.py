"""Stores whose metadata ome-zarr-models makes; the chunks stay empty, which Zarr allows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ome_zarr_models.v04 as m04
import ome_zarr_models.v05 as m05
import pydantic_zarr.v2 as p2
import pydantic_zarr.v3 as p3
import zarr
from ome_zarr_models.v04.axes import Axis as Axis04
from ome_zarr_models.v05.axes import Axis as Axis05
from samples import TYPES, UNITS, Job, get_scale, get_shape, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ome-zarr-models"
CODECS = ({"name": "bytes", "configuration": {"endian": "little"}},)


def write_one(path: Path, axes: str, dtype: str, version: str) -> None:
    """An image of one level."""
    image, axis, arrays = (m04.Image, Axis04, p2) if version == "0.4" else (m05.Image, Axis05, p3)
    pixels = make_pixels(axes, dtype)
    more = {} if version == "0.4" else {"dimension_names": tuple(axes), "codecs": CODECS}
    made = image.new(
        array_specs=[arrays.ArraySpec.from_array(pixels, **more)],
        paths=["0"],
        axes=[axis(name=name, type=TYPES[name], unit=UNITS.get(name)) for name in axes],
        scales=[get_scale(axes)],
        translations=[[0.0] * len(get_shape(axes))],
        name="sample",
    )
    made.to_zarr(zarr.storage.LocalStore(path), path="")


JOBS: dict[str, Job] = {
    f"{axes}-{dtype}-v{version.replace('.', '')}": partial(write_one, axes=axes, dtype=dtype, version=version)
    for version in ("0.4", "0.5")
    for axes, dtype in (("yx", "uint8"), ("czyx", "float32"), ("tczyx", "uint16"))
}
