"""What the server is asked for: an instance with datasets of chunks of about 100 KB, made once and kept.

Pixels are light noise, which compresses about as camera images do. Everything comes from fixed seeds.
"""

from __future__ import annotations

import json
import shutil
import warnings
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile
import zarr
from inputs import build_cells

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy.typing as npt

RECIPE = 1
"""Raised when the datasets change, so that older ones are made anew."""

CHUNK_PX, STORED_CHUNKS = 224, 8
"""224 x 224 pixels of two bytes are 100,352 bytes."""

TILE_PX, TILED_PX = 256, 2048
TRANSCODED_PX, N_TRANSCODED_TILES, N_TRANSCODED_CHANNELS = 512, 14, 3
"""588 tiles of 512 KB, more than the 512 that the server keeps decoded: each is decoded each time."""

FLAT_PX = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The instance, and where its datasets lie.

    Attributes:
        root: Of the instance.
        uids: By dataset.
        paths: Of the stored files and folders, by dataset.
    """

    root: str
    uids: dict[str, str]
    paths: dict[str, str]


def make_inputs(work: Path) -> Inputs:
    """The instance, made unless it is there."""
    done = work / "inputs.json"
    if done.exists():
        found = json.loads(done.read_text())
        if found.pop("recipe") == RECIPE:
            return Inputs(**found)
    shutil.rmtree(work, ignore_errors=True)
    (work / "new").mkdir(parents=True)
    from vitrina.verbs.init import init

    instance = init(work / "instance").instance
    uids, paths = {}, {}
    for name, write in WRITERS.items():
        print(f"making {name}", flush=True)
        path = work / "new" / name
        write(path)
        artifact = instance.add(path, key=name, take=True).artifact
        uids[name], paths[name] = artifact.uid, str(instance.get_path(artifact))
    inputs = Inputs(root=str(work / "instance"), uids=uids, paths=paths)
    done.write_text(json.dumps({"recipe": RECIPE, **asdict(inputs)}))
    return inputs


def make_noise(seed: int, *shape: int) -> npt.NDArray[np.uint16]:
    """Counts around 600."""
    return np.random.default_rng(seed).normal(600, 40, shape).astype(np.uint16)


def write_stored(path: Path) -> None:
    """OME-Zarr 0.4 whose chunks are not compressed."""
    side = CHUNK_PX * STORED_CHUNKS
    group = zarr.open_group(path, mode="w", zarr_format=2)
    array = group.create_array(
        "0",
        shape=(side, side),
        chunks=(CHUNK_PX, CHUNK_PX),
        dtype="uint16",
        compressors=None,
        chunk_key_encoding={"name": "v2", "separator": "/"},
    )
    array[...] = make_noise(1, side, side)
    group.attrs["multiscales"] = describe("0.4")


def write_sharded(path: Path) -> None:
    """OME-Zarr 0.5 with chunks of zstd in shards."""
    group = zarr.open_group(path, mode="w", zarr_format=3)
    array = group.create_array(
        "0",
        shape=(TILED_PX, TILED_PX),
        chunks=(TILE_PX, TILE_PX),
        shards=(TILED_PX // 2, TILED_PX // 2),
        dtype="uint16",
        compressors=[zarr.codecs.ZstdCodec(level=1)],
        dimension_names=("y", "x"),
    )
    array[...] = make_noise(2, TILED_PX, TILED_PX)
    group.attrs["ome"] = {"version": "0.5", "multiscales": describe(None)}


def describe(version: str | None) -> list[dict[str, Any]]:
    """The multiscale of an image with one level."""
    stated = {} if version is None else {"version": version}
    scale = {"type": "scale", "scale": [0.5, 0.5]}
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "yx"]
    return [
        {**stated, "name": "noise", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": [scale]}]}
    ]


def write_tiles(path: Path) -> None:
    """OME-TIFF with two levels of zlib tiles without a predictor: what a Zarr client can decode."""
    options: dict[str, Any] = {"tile": (TILE_PX, TILE_PX), "compression": "zlib", "photometric": "minisblack"}
    plane = make_noise(3, TILED_PX, TILED_PX)
    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(plane, subifds=1, metadata={"axes": "YX"}, **options)
        writer.write(plane[::2, ::2], subfiletype=1, **options)


def write_predicted(path: Path) -> None:
    """OME-TIFF with zlib tiles and a predictor, which no Zarr client can decode."""
    side = TRANSCODED_PX * N_TRANSCODED_TILES

    def make() -> Iterator[Any]:
        rows_columns = range(N_TRANSCODED_TILES)
        for number, _ in enumerate(product(range(N_TRANSCODED_CHANNELS), rows_columns, rows_columns)):
            yield make_noise(100 + number, TRANSCODED_PX, TRANSCODED_PX)

    with tifffile.TiffWriter(path, ome=True) as writer:
        writer.write(
            make(),
            shape=(N_TRANSCODED_CHANNELS, side, side),
            dtype="uint16",
            tile=(TRANSCODED_PX, TRANSCODED_PX),
            compression="zlib",
            compressionargs={"level": 1},
            predictor=True,
            photometric="minisblack",
            metadata={"axes": "CYX"},
        )


def write_flat(path: Path) -> None:
    """A TIFF without levels, as tifffile writes an array."""
    tifffile.imwrite(path, make_noise(4, FLAT_PX, FLAT_PX))


def write_flat_tiled(path: Path) -> None:
    """The same in compressed tiles."""
    options: dict[str, Any] = {"compression": "zlib", "compressionargs": {"level": 1}, "predictor": True}
    tifffile.imwrite(path, make_noise(4, FLAT_PX, FLAT_PX), tile=(TILE_PX, TILE_PX), **options)


def write_cells(path: Path) -> None:
    """150,000 cells by 400 genes, sorted by rows as most files are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        build_cells(as_objects=False).write_h5ad(path)


WRITERS = {
    "stored.ome.zarr": write_stored,
    "sharded.ome.zarr": write_sharded,
    "tiles.ome.tif": write_tiles,
    "predicted.ome.tif": write_predicted,
    "flat.tif": write_flat,
    "flat-tiled.tif": write_flat_tiled,
    "cells.h5ad": write_cells,
}
