"""Stores of ome-writers, of pymmcore-plus, through zarr-python, TensorStore and acquire-zarr; it writes 0.5 alone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from ome_writers import (
    AcquisitionSettings,
    Dimension,
    OmeZarrFormat,
    Plate,
    Position,
    PositionDimension,
    create_stream,
)
from samples import SIZES, STEPS, TYPES, UNITS, Job, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "ome-writers"
BACKENDS = ("zarr-python", "tensorstore", "acquire-zarr")


def plan_axes(axes: str, shard: int | None = None) -> list[Dimension]:
    """The axes of a stream."""
    return [
        Dimension(
            name=axis,
            type=TYPES[axis],
            count=SIZES[axis],
            chunk_size=16 if axis in "yx" else 1,
            shard_size_chunks=shard if axis in "yx" else None,
            unit=UNITS.get(axis),
            scale=STEPS[axis],
        )
        for axis in axes
    ]


def stream_frames(path: Path, frames: np.ndarray, **settings: object) -> None:
    """Append planes to a new store."""
    settings = AcquisitionSettings(root_path=str(path), dtype=frames.dtype.name, **settings)
    with create_stream(settings) as stream:
        for frame in frames.reshape(-1, *frames.shape[-2:]):
            stream.append(frame)


def write_one(path: Path, axes: str, dtype: str, backend: str, shard: int | None = None) -> None:
    """An image of one level."""
    form = OmeZarrFormat(backend=backend, suffix=".zarr")
    stream_frames(path, make_pixels(axes, dtype), dimensions=plan_axes(axes, shard), format=form)


def write_positions(path: Path, backend: str, is_plate: bool = False) -> None:
    """Two positions: on a plate, or in a collection."""
    places = [("A", "1"), ("B", "2")] if is_plate else [(None, None)] * 2
    positions = [
        Position(name=f"p{number}", plate_row=row, plate_column=column) for number, (row, column) in enumerate(places)
    ]
    stream_frames(
        path,
        np.stack([make_pixels("cyx", "uint16")] * 2),
        dimensions=[PositionDimension(coords=positions), *plan_axes("cyx")],
        plate=Plate(row_names=["A", "B"], column_names=["1", "2"], name="screen") if is_plate else None,
        format=OmeZarrFormat(backend=backend, suffix=".zarr"),
    )


JOBS: dict[str, Job] = {
    f"{name}-{backend}": partial(job, backend=backend)
    for backend in BACKENDS
    for name, job in {
        "zyx-uint8": partial(write_one, axes="zyx", dtype="uint8"),
        "tczyx-uint16-sharded": partial(write_one, axes="tczyx", dtype="uint16", shard=2),
        "positions": write_positions,
        "plate": partial(write_positions, is_plate=True),
    }.items()
}
