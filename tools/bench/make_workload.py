"""Make the files of a workload: ``make_workload.py NAME``. They stay for the next run.

Camera images are smooth structures, blobs as large as nuclei on an uneven background, plus noise that grows with the
square root of the light; so they compress as real ones do. Everything comes from fixed seeds and is made tile by tile.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import tifffile
import zarr
from numcodecs import Blosc
from workloads import COMMON, N_LEVELS, TILE, WORK, WORKLOADS, Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SEED = 11
GRID = 16
"""Pixels between the random numbers that structures are made from; divides TILE."""

GRID_Z = 8
SLOW = 16
"""The background changes so many times more slowly than the structures."""

BACKGROUND, LIGHT, READ_NOISE = 110.0, 600.0, 2.0
GAIN = 0.2
"""Counts per photon."""

JPEG_QUALITY = 90
HEMATOXYLIN, EOSIN = (0.65, 0.70, 0.29), (0.07, 0.99, 0.11)
"""Optical density of the two stains in red, green and blue.

Source: https://pubmed.ncbi.nlm.nih.gov/11531144/ (Ruifrok and Johnston 2001, table of stain vectors)
"""


def main() -> None:
    """Make what is not there yet."""
    workload = WORKLOADS[sys.argv[1]]
    WORK.mkdir(parents=True, exist_ok=True)
    done = WORK / f"{workload.name}.done"
    if done.exists():
        return
    write_tiff(workload)
    write_raw(workload)
    write_zarr(workload)
    done.touch()


def write_tiff(workload: Workload) -> None:
    """The OME-TIFF."""
    _, n_channels, n_z, height, width = workload.shape_tczyx
    rows, columns = range(-(-height // TILE)), range(-(-width // TILE))
    if workload.is_rgb:
        shape, options = (height, width, 3), {"photometric": "rgb", "compression": "jpeg", "metadata": {"axes": "YXS"}}
        options["compressionargs"] = {"level": JPEG_QUALITY}
        jobs: Iterable[tuple[int, ...]] = ((row, column) for row in rows for column in columns)
        build: Callable[..., np.ndarray] = TissueTiles(height, width).build
    else:
        shape = workload.get_shape(0, "cyx" if n_z == 1 else "tczyx")
        options = {"photometric": "minisblack", "metadata": {"axes": "CYX" if n_z == 1 else "TCZYX"}}
        planes = [(c, z) for c in range(n_channels) for z in range(n_z)]
        jobs = ((c, z, row, column) for c, z in planes for row in rows for column in columns)
        build = CameraTiles(n_channels, n_z, height, width).build
    draft = WORK / f"{workload.name}.draft.ome.tif"
    with tifffile.TiffWriter(draft, ome=True, bigtiff=False) as writer:
        writer.write(map_ahead(build, jobs), shape=shape, dtype=workload.dtype, tile=(TILE, TILE), **options)
    draft.rename(workload.source)


class CameraTiles:
    """Tiles of fluorescence images, uint16."""

    def __init__(self, n_channels: int, n_z: int, height: int, width: int) -> None:
        rng = np.random.default_rng(SEED)
        grid = (n_channels, -(-n_z // GRID_Z) + 3, -(-height // TILE) * (TILE // GRID) + 3, 0)
        grid = (*grid[:3], -(-width // TILE) * (TILE // GRID) + 3)
        self._cells = rng.standard_normal(grid, dtype=np.float32)
        self._slow = rng.standard_normal((n_channels, *(side // SLOW + 5 for side in grid[2:])), dtype=np.float32)

    def build(self, c: int, z: int, row: int, column: int) -> np.ndarray:
        """The tile of a plane at a row and column."""
        first_y, first_x, n = row * (TILE // GRID), column * (TILE // GRID), TILE // GRID + 3
        weights = build_spline(GRID_Z, GRID_Z)[z % GRID_Z]
        stack = self._cells[c, z // GRID_Z : z // GRID_Z + 4, first_y : first_y + n, first_x : first_x + n]
        cells = upsample(np.tensordot(weights[: len(stack)], stack, axes=1), GRID)
        light = LIGHT * (0.3 + 0.7 * c / 4) / (1 + np.exp(-6 * (cells - 1.3)))
        light += BACKGROUND * (1 + 0.1 * upsample_slow(self._slow[c], row, column))
        np.maximum(light, 1, out=light)
        noise = np.random.default_rng((SEED, c, z, row, column)).standard_normal(light.shape, dtype=np.float32)
        light += noise * np.sqrt(READ_NOISE**2 + GAIN * light)
        return np.clip(np.rint(light), 0, 65_535).astype(np.uint16)


class TissueTiles:
    """Tiles of images of stained tissue, RGB, uint8."""

    def __init__(self, height: int, width: int) -> None:
        rng = np.random.default_rng(SEED)
        grid = tuple(-(-side // TILE) * (TILE // GRID) + 3 for side in (height, width))
        self._nuclei = rng.standard_normal(grid, dtype=np.float32)
        self._stroma = rng.standard_normal(tuple(side * 2 for side in grid), dtype=np.float32)
        self._slow = rng.standard_normal(tuple(side // SLOW + 5 for side in grid), dtype=np.float32)

    def build(self, row: int, column: int) -> np.ndarray:
        """The tile at a row and column."""
        n = TILE // GRID
        nuclei = upsample(self._nuclei[row * n : row * n + n + 3, column * n : column * n + n + 3], GRID)
        fine = self._stroma[2 * row * n : 2 * row * n + 2 * n + 3, 2 * column * n : 2 * column * n + 2 * n + 3]
        stroma = upsample(fine, GRID // 2)
        tissue = 1 / (1 + np.exp(-4 * (upsample_slow(self._slow, row, column) + 0.9)))
        noise = np.random.default_rng((SEED, row, column)).standard_normal((4, TILE, TILE), dtype=np.float32)
        hematoxylin = tissue * (0.12 + 0.9 / (1 + np.exp(-6 * (nuclei - 0.7))) * (1 + 0.25 * noise[3]))
        eosin = tissue * np.maximum(0.25 + 0.16 * stroma + 0.06 * noise[3], 0)
        rgb = np.empty((TILE, TILE, 3), np.uint8)
        for band in range(3):
            light = 238 * np.exp(-(HEMATOXYLIN[band] * hematoxylin + EOSIN[band] * eosin)) + 5 * noise[band]
            rgb[..., band] = np.clip(np.rint(light), 0, 255)
        return rgb


@cache
def build_spline(step: int, length: int) -> np.ndarray:
    """Weights of the uniform cubic B-spline: ``length`` points x the control points around them, ``step`` apart.

    Source: https://en.wikipedia.org/wiki/B-spline#Cubic_B-Splines
    """
    weights = np.zeros((length, length // step + 3), np.float32)
    for point in range(length):
        first, u = point // step, point % step / step
        blend = ((1 - u) ** 3, 3 * u**3 - 6 * u**2 + 4, -3 * u**3 + 3 * u**2 + 3 * u + 1, u**3)
        weights[point, first : first + 4] = np.array(blend) / 6
    return weights


def upsample(grid: np.ndarray, step: int) -> np.ndarray:
    """A smooth tile through random numbers, with a standard deviation of about 1."""
    spline = build_spline(step, TILE)
    return (spline @ grid @ spline.T) * np.float32(2.1)


def upsample_slow(grid: np.ndarray, row: int, column: int) -> np.ndarray:
    """The background of a tile, whose control points are SLOW times as far apart: two intervals in a tile."""
    n = TILE // (GRID * SLOW)
    return upsample(grid[row * n : row * n + n + 3, column * n : column * n + n + 3], GRID * SLOW)


def map_ahead(build: Callable[..., np.ndarray], jobs: Iterable[tuple[int, ...]]) -> Iterator[np.ndarray]:
    """Results in order, made by as many threads as there are cores, a few ahead of what is used."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        ahead: deque = deque()
        for job in jobs:
            ahead.append(pool.submit(build, *job))
            if len(ahead) > 16:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def write_raw(workload: Workload) -> None:
    """The pixels as every reader of the OME-TIFF sees them, decoded tile by tile."""
    draft = workload.raw.with_suffix(".draft")
    pixels = map_raw(workload, draft, "w+")
    with tifffile.TiffFile(workload.source) as file:
        for number, page in enumerate(file.series[0].pages):
            plane = pixels if workload.is_rgb else pixels.reshape(-1, *pixels.shape[-2:])[number]
            for data, (_, _, y, x, _), _ in page.segments(maxworkers=len(os.sched_getaffinity(0))):
                window = plane[y : y + TILE, x : x + TILE]
                window[...] = data.reshape(TILE, TILE, *plane.shape[2:])[: window.shape[0], : window.shape[1]]
    pixels.flush()
    draft.rename(workload.raw)


def map_raw(workload: Workload, path: Path, mode: str = "r") -> np.memmap:
    """The raw file, mapped: in the order t, c, z, y, x, or y, x, c where ``is_rgb``."""
    shape = workload.get_shape(0, "yxc" if workload.is_rgb else "tczyx")
    return np.memmap(path, workload.dtype, mode, shape=shape)


def write_zarr(workload: Workload) -> None:
    """The OME-Zarr of version 0.4: level 0 from the raw file, the others means of the one before, rounded half up."""
    root = zarr.open_group(workload.zarr, mode="w", zarr_format=2)
    levels = [
        root.create_array(
            str(level),
            shape=workload.get_shape(level),
            chunks=workload.get_chunk(),
            dtype=workload.dtype,
            compressors=Blosc(cname="zstd", clevel=COMMON.level, shuffle=Blosc.SHUFFLE),
            chunk_key_encoding={"name": "v2", "separator": "/"},
        )
        for level in range(N_LEVELS)
    ]
    pixels = map_raw(workload, workload.raw)
    before = np.moveaxis(pixels, -1, 0) if workload.is_rgb else pixels.reshape(workload.get_shape(0))
    for level, array in enumerate(levels):
        for index in list_windows(array.shape, array.chunks):
            array[index] = read_half(before, index) if level else before[index]
        before = array
    types = {"t": "time", "c": "channel"}
    axes = [{"name": axis, "type": types.get(axis, "space")} for axis in workload.axes]
    datasets = []
    for level in range(N_LEVELS):
        scale = [float(2**level) if axis in "yx" else 1.0 for axis in workload.axes]
        datasets.append({"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": scale}]})
    root.attrs["multiscales"] = [{"version": "0.4", "name": workload.name, "axes": axes, "datasets": datasets}]


def list_windows(shape: tuple[int, ...], chunk: tuple[int, ...]) -> Iterator[tuple[slice, ...]]:
    """Windows that cover an array: one chunk each along all axes but the last two, two by two of them there."""
    steps = (*chunk[:-2], *(2 * side for side in chunk[-2:]))
    for start in np.ndindex(*(-(-side // step) for side, step in zip(shape, steps, strict=True))):
        firsts = [number * step for number, step in zip(start, steps, strict=True)]
        ends = [min(first + step, side) for first, step, side in zip(firsts, steps, shape, strict=True)]
        yield tuple(slice(first, end) for first, end in zip(firsts, ends, strict=True))


def read_half(before: np.ndarray | zarr.Array, index: tuple[slice, ...]) -> np.ndarray:
    """The window of the next level: means of two by two pixels, rounded half up."""
    doubled = (*index[:-2], *(slice(2 * part.start, 2 * part.stop) for part in index[-2:]))
    pixels = np.asarray(before[doubled])
    return ((add_four(pixels) + 2) >> 2).astype(pixels.dtype)


def add_four(pixels: np.ndarray) -> np.ndarray:
    """Sums of two by two pixels."""
    rows = pixels[..., ::2, :].astype(np.uint32)
    rows += pixels[..., 1::2, :]
    sums = rows[..., ::2].copy()
    sums += rows[..., 1::2]
    return sums


if __name__ == "__main__":
    main()
