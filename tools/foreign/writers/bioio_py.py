"""Stores of bioio-ome-zarr, of the Allen Institute for Cell Science."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bioio_ome_zarr.writers import Channel, OMEZarrWriter
from samples import TYPES, UNITS, Job, get_scale, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "bioio-ome-zarr"


def write_one(
    path: Path, axes: str, dtype: str, zarr_format: int, has_channels: bool = False, **options: object
) -> None:
    """An image with two levels."""
    pixels = make_pixels(axes, dtype)
    coarse = [size // 2 if axis in "yx" else size for axis, size in zip(axes, pixels.shape, strict=True)]
    window = {"min": 0, "max": 255, "start": 0, "end": 100}
    channels = [Channel(label=name, color=color, window=window) for name, color in (("a", "FF0000"), ("b", "00FF00"))]
    writer = OMEZarrWriter(
        store=str(path),
        level_shapes=[list(pixels.shape), coarse],
        dtype=dtype,
        zarr_format=zarr_format,
        image_name="sample",
        channels=[*channels, Channel(label="c", color="0000FF", window=window)] if has_channels else None,
        axes_names=list(axes),
        axes_types=[TYPES[axis] for axis in axes],
        axes_units=[UNITS.get(axis) for axis in axes],
        physical_pixel_size=get_scale(axes),
        **options,
    )
    writer.write_full_volume(pixels)


JOBS: dict[str, Job] = {
    f"{name}-v{version}": partial(job, zarr_format=zarr_format)
    for version, zarr_format in (("04", 2), ("05", 3))
    for name, job in {
        "yx-uint8": partial(write_one, axes="yx", dtype="uint8"),
        "cyx-channels": partial(write_one, axes="cyx", dtype="uint16", has_channels=True),
        "zyx-float32": partial(write_one, axes="zyx", dtype="float32"),
        "tczyx-channels": partial(write_one, axes="tczyx", dtype="int16", has_channels=True),
    }.items()
} | {
    "sharded-v05": partial(
        write_one,
        axes="zyx",
        dtype="uint16",
        zarr_format=3,
        chunk_shape=[(1, 16, 16), (1, 16, 16)],
        shard_shape=[(2, 32, 32), (2, 32, 48)],
    )
}
