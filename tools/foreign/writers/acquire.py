"""Stores of acquire-zarr, which streams from cameras; it writes 0.5 alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import acquire_zarr as aqz
from samples import SIZES, STEPS, TYPES, UNITS, Job, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "acquire-zarr"
KINDS = {"time": aqz.DimensionType.TIME, "channel": aqz.DimensionType.CHANNEL, "space": aqz.DimensionType.SPACE}


def plan_array(axes: str, dtype: str, key: str | None = None, shard: int = 1, levels: int = 0) -> aqz.ArraySettings:
    """One image: its axes, chunks and levels."""
    settings = {
        "data_type": aqz.DataType.__members__[dtype.upper()],
        "is_ngff": True,
        "dimensions": [
            aqz.Dimension(
                name=axis,
                kind=KINDS[TYPES[axis]],
                array_size_px=SIZES[axis],
                chunk_size_px=16 if axis in "yx" else 1,
                shard_size_chunks=shard if axis in "yx" else 1,
                unit=UNITS.get(axis),
                scale=STEPS[axis],
            )
            for axis in axes
        ],
    }
    if key is not None:
        settings["output_key"] = key
    if levels:
        settings |= {"downsampling_method": aqz.DownsamplingMethod.MEAN, "max_levels": levels}
    return aqz.ArraySettings(**settings)


def write_one(path: Path, axes: str, dtype: str, **options: int) -> None:
    """An image."""
    settings = aqz.StreamSettings(store_path=str(path), arrays=[plan_array(axes, dtype, **options)], overwrite=True)
    stream = aqz.ZarrStream(settings)
    stream.append(make_pixels(axes, dtype))
    stream.close()


def write_plate(path: Path) -> None:
    """Two wells, one of them with two fields; the plate lies at the root of the store."""
    fields = {("A", "1"): ["0", "1"], ("B", "2"): ["0"]}
    wells = [
        aqz.Well(
            row_name=row,
            column_name=column,
            images=[
                aqz.FieldOfView(path=name, acquisition_id=0, array_settings=plan_array("tyx", "uint16"))
                for name in names
            ],
        )
        for (row, column), names in fields.items()
    ]
    plate = aqz.Plate(
        path="",
        name="screen",
        row_names=["A", "B"],
        column_names=["1", "2"],
        wells=wells,
        acquisitions=[aqz.Acquisition(id=0, name="first", start_time=1343731272000)],
    )
    stream = aqz.ZarrStream(aqz.StreamSettings(store_path=str(path), hcs_plates=[plate], overwrite=True))
    for (row, column), names in fields.items():
        for name in names:
            stream.append(make_pixels("tyx", "uint16"), key=f"{row}/{column}/{name}")
    stream.close()


JOBS: dict[str, Job] = {
    "zyx-uint8": partial(write_one, axes="zyx", dtype="uint8"),
    "tyx-float32": partial(write_one, axes="tyx", dtype="float32"),
    "czyx-uint16": partial(write_one, axes="czyx", dtype="uint16", levels=2),
    "tczyx-int16-sharded": partial(write_one, axes="tczyx", dtype="int16", shard=2),
    "tczyx-levels-sharded": partial(write_one, axes="tczyx", dtype="uint16", shard=2, levels=2),
    "plate": write_plate,
}
