"""Stores of iohub, of the Biohub in San Francisco."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iohub import open_ome_zarr
from iohub.ngff import TransformationMeta
from samples import Job, get_scale, make_ids, make_pixels

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "iohub"
CHANNELS = ["DAPI", "GFP", "Phase3D"]


def fill(position: object, dtype: str, **options: object) -> None:
    """Put an image with a scale into a position."""
    scale = TransformationMeta(type="scale", scale=get_scale("tczyx"))
    position.create_image("0", make_pixels("tczyx", dtype), chunks=(1, 1, 1, 16, 16), transform=[scale], **options)


def write_one(path: Path, dtype: str, version: str, levels: int = 1, labels: bool = False, **options: object) -> None:
    """One field of view."""
    with open_ome_zarr(path, layout="fov", mode="w-", channel_names=CHANNELS, version=version) as position:
        fill(position, dtype, **options)
        if levels > 1:
            position.initialize_pyramid(levels)
        if labels:
            position.create_label("cells", make_ids("tzyx"), colors={1: [255, 0, 0, 255]})


def write_plate(path: Path, version: str) -> None:
    """Wells on two rows, with gaps between them."""
    with open_ome_zarr(path, layout="hcs", mode="w-", channel_names=CHANNELS, version=version) as plate:
        for row, column, field in (("A", "1", "0"), ("A", "1", "1"), ("B", "3", "0"), ("H", "12", "fov")):
            fill(plate.create_position(row, column, field), "uint16")


def write_tiled(path: Path, version: str) -> None:
    """A grid of tiles."""
    with open_ome_zarr(path, layout="tiled", mode="w-", channel_names=["DAPI"], version=version) as position:
        tiles = position.make_tiles("tiled", grid_shape=(2, 3), tile_shape=(1, 1, 2, 16, 16), dtype="uint16")
        tiles.write_tile(make_pixels("tczyx", "uint16")[:1, :1, :2, :16, :16], 1, 2)


JOBS: dict[str, Job] = {
    f"{name}-v{version.replace('.', '')}": partial(job, version=version)
    for version in ("0.4", "0.5")
    for name, job in {
        "fov-uint16": partial(write_one, dtype="uint16"),
        "fov-float32-pyramid": partial(write_one, dtype="float32", levels=3),
        "fov-labels": partial(write_one, dtype="uint16", labels=True),
        "plate": write_plate,
        "tiled": write_tiled,
    }.items()
} | {"fov-sharded-v05": partial(write_one, dtype="uint16", version="0.5", shards_ratio=(1, 1, 2, 2, 2))}
