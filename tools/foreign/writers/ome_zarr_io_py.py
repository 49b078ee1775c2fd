"""Stores of ome-zarr-io; it writes 0.5 alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ome_zarr_io import PlateWriter, Writer
from samples import UNITS, Job, make_ids, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ome-zarr-io"


def write_one(path: Path, axes: str, dtype: str, has_labels: bool = False, **options: object) -> None:
    """An image, with labels where asked."""
    writer = Writer(path, make_pixels(axes, dtype), list(axes), UNITS_OF[axes], downscale_levels=2)
    writer.write(**options)
    if has_labels:
        writer.add_labels("cells", make_ids(axes), colors=[{"label-value": 1, "rgba": [255, 0, 0, 255]}])


def write_plate(path: Path) -> None:
    """Two wells, one of them with two fields."""
    with PlateWriter(path, rows=["A", "B"], columns=["1", "2"], name="screen") as plate:
        for row, column in (("A", "1"), ("A", "1"), ("B", "2")):
            plate.add_field(row, column, make_pixels("cyx", "uint16"), dims=list("cyx"), axis_units=UNITS_OF["cyx"])


UNITS_OF = {axes: {axis: UNITS[axis] for axis in axes if axis in UNITS} for axes in ("yx", "cyx", "zyx", "tczyx")}
JOBS: dict[str, Job] = {
    "yx-uint8": partial(write_one, axes="yx", dtype="uint8"),
    "cyx-labels": partial(write_one, axes="cyx", dtype="uint16", has_labels=True),
    "zyx-float32": partial(write_one, axes="zyx", dtype="float32"),
    "tczyx-sharded": partial(
        write_one, axes="tczyx", dtype="uint16", chunks=(1, 1, 1, 16, 16), shards=(1, 1, 2, 32, 32)
    ),
    "plate": write_plate,
}
