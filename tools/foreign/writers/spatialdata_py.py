"""Stores of SpatialData: the store, and the images and labels in it, which are OME-Zarr themselves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from samples import Job, make_ids, make_pixels
from spatialdata import SpatialData
from spatialdata._io.format import SpatialDataContainerFormatV01, SpatialDataContainerFormatV02  # no public name
from spatialdata.models import Image2DModel, Image3DModel, Labels2DModel, Labels3DModel
from spatialdata.transformations import Scale

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "spatialdata"
INNER = ("images/flat", "images/deep", "labels/cells", "labels/bodies")
FORMATS = {"04": SpatialDataContainerFormatV01, "05": SpatialDataContainerFormatV02}


def write_one(path: Path, version: str, dtype: str) -> None:
    """Images and labels in two and three dimensions, some with levels."""
    scale = {"global": Scale([0.5, 0.5], axes=("y", "x"))}
    data = SpatialData(
        images={
            "flat": Image2DModel.parse(
                make_pixels("cyx", dtype),
                dims=("c", "y", "x"),
                scale_factors=[2],
                c_coords=["a", "b", "c"],
                transformations=scale,
            ),
            "deep": Image3DModel.parse(make_pixels("czyx", dtype), dims=("c", "z", "y", "x")),
        },
        labels={
            "cells": Labels2DModel.parse(make_ids("yx"), dims=("y", "x"), scale_factors=[2]),
            "bodies": Labels3DModel.parse(make_ids("zyx"), dims=("z", "y", "x")),
        },
    )
    data.write(path, sdata_formats=FORMATS[version]())


JOBS: dict[str, Job] = {
    f"{dtype}-v{version}": partial(write_one, version=version, dtype=dtype)
    for version in ("04", "05")
    for dtype in ("uint16", "float32")
}
