"""Stores of ngff-zarr, with zarr-python and with TensorStore."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import ngff_zarr as nz
from samples import STEPS, UNITS, Job, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ngff-zarr"


def make_image(axes: str, dtype: str) -> nz.NgffMultiscales:
    """An image with two levels."""
    image = nz.to_ngff_image(
        make_pixels(axes, dtype),
        dims=tuple(axes),
        scale={axis: STEPS[axis] for axis in axes if axis != "c"},
        translation={axis: 10.0 for axis in axes if axis in "zyx"},
        axes_units={axis: UNITS[axis] for axis in axes if axis in UNITS},
    )
    return nz.to_multiscales(image, scale_factors=[2], chunks=16, method=nz.Methods.DASK_IMAGE_NEAREST)


def write_one(path: Path, axes: str, dtype: str, version: str, **options: object) -> None:
    """An image."""
    nz.to_ngff_zarr(str(path), make_image(axes, dtype), version=version, **options)


def write_plate(path: Path, version: str) -> None:
    """Two wells of one field."""
    plate = nz.Plate(
        columns=[nz.PlateColumn(name="1"), nz.PlateColumn(name="2")],
        rows=[nz.PlateRow(name="A")],
        wells=[
            nz.PlateWell(path="A/1", rowIndex=0, columnIndex=0),
            nz.PlateWell(path="A/2", rowIndex=0, columnIndex=1),
        ],
        acquisitions=[nz.PlateAcquisition(id=0, name="first", maximumfieldcount=1)],
        field_count=1,
        name="screen",
        version=version,
    )
    with nz.hcs.HCSPlateWriter(str(path), plate) as writer:
        for column in ("1", "2"):
            writer.write_well_image(
                multiscales=make_image("cyx", "uint16"), row_name="A", column_name=column, field_index=0
            )


JOBS: dict[str, Job] = {
    f"{name}-v{version.replace('.', '')}": partial(job, version=version)
    for version in ("0.4", "0.5")
    for name, job in {
        "yx-uint8": partial(write_one, axes="yx", dtype="uint8"),
        "cyx-float32": partial(write_one, axes="cyx", dtype="float32"),
        "zyx-int16": partial(write_one, axes="zyx", dtype="int16"),
        "tczyx-uint16": partial(write_one, axes="tczyx", dtype="uint16"),
        "tensorstore": partial(write_one, axes="zyx", dtype="uint16", use_tensorstore=True),
        "plate": write_plate,
    }.items()
} | {
    "sharded-v05": partial(write_one, axes="zyx", dtype="uint16", version="0.5", chunks_per_shard=2),
    "sharded-tensorstore-v05": partial(
        write_one, axes="zyx", dtype="uint16", version="0.5", chunks_per_shard=2, use_tensorstore=True
    ),
    "yx-v06": partial(write_one, axes="yx", dtype="uint16", version="0.6"),
    "tczyx-v06": partial(write_one, axes="tczyx", dtype="uint16", version="0.6"),
}
