"""Check what was converted: ``check_levels.py WORKLOAD TARGET...``; one line of JSON per target.

Everywhere, not in samples: level 0 against the source, each other level against the mean of the one before it in the
same target, window by window. Nothing of the converting side is used: targets are read with zarr-python and tifffile.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import tifffile
import zarr
from make_workload import list_windows, map_raw
from workloads import WORKLOADS, Codec, Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

Window = tuple[slice, ...]


@dataclass(slots=True, kw_only=True)
class Difference:
    """How far a level is from the mean of the level before.

    Attributes:
        largest: From the mean rounded half up.
        total: Sum of the differences, with their signs.
        n: Pixels.
        is_down: Whether it is the mean rounded down, everywhere.
        is_even: Whether it is the mean rounded half to even, everywhere.
    """

    largest: int = 0
    total: int = 0
    n: int = 0
    is_down: bool = True
    is_even: bool = True

    def add(self, other: Difference) -> None:
        """Take another window in."""
        self.largest = max(self.largest, other.largest)
        self.total += other.total
        self.n += other.n
        self.is_down &= other.is_down
        self.is_even &= other.is_even

    def tell(self) -> str:
        """In words."""
        if self.largest == 0:
            return "exact"
        name = "rounds down" if self.is_down else "rounds half to even" if self.is_even else "another filter"
        return f"{name}: up to {self.largest}, {self.total / self.n:+.3f} on average"


@dataclass(slots=True, kw_only=True)
class Checked:
    """What a target holds.

    Attributes:
        uses: Format, chunks and codec of level 0, as its metadata tell.
        codec: As in ``workloads.CODECS`` where it is one of them.
        size_bytes: Of all files.
        n_files: How many.
        n_levels: How many.
        n_wrong: Pixels of level 0 that differ from the source, or all of them where the shape differs.
        levels: What is said of the levels below.
        is_exact: Whether all of them are means rounded half up.
    """

    uses: str
    codec: str
    size_bytes: int
    n_files: int
    n_levels: int
    n_wrong: int
    levels: str
    is_exact: bool


def check(workload: Workload, target: Path) -> Checked:
    """Read it all."""
    levels, uses, codec = open_tiff(workload, target) if target.is_file() else open_zarr(target)
    files = [file for file in target.rglob("*") if file.is_file()] if target.is_dir() else [target]
    pixels = map_raw(workload, workload.raw)
    source = pixels.transpose(2, 0, 1)[None, :, None] if workload.is_rgb else pixels
    differences = [compare(before, level) for before, level in pairwise(levels)]
    difference = Difference()
    for level in differences:
        difference.add(level)
    shapes = [level.shape for level in levels]
    odd = [a for a, b in pairwise(shapes) if get_factors(a, b) != (1, 1, 1, 2, 2)]
    return Checked(
        uses=uses,
        codec=codec,
        size_bytes=sum(file.stat().st_size for file in files),
        n_files=len(files),
        n_levels=len(levels),
        n_wrong=count_wrong(source, levels[0]),
        levels=difference.tell() + (f"; sizes {shapes}" if odd else ""),
        is_exact=not odd and difference.largest == 0,
    )


class Level:
    """A level of a target in the order t, c, z, y, x.

    Args:
        array: A zarr array.
        axes: Its axes in its own order, such as ``cyx`` or ``yxc``.
    """

    def __init__(self, array: Any, axes: str) -> None:
        self._array, self._axes = array, axes
        sides = dict(zip(axes, array.shape, strict=True))
        self.shape = tuple(sides.get(axis, 1) for axis in "tczyx")
        chunks = dict(zip(axes, array.shards or array.chunks, strict=True))
        self.chunk = tuple(chunks.get(axis, 1) for axis in "tczyx")

    def __getitem__(self, window: Window) -> np.ndarray:
        """The pixels of a window."""
        parts = dict(zip("tczyx", window, strict=True))
        pixels = np.asarray(self._array[tuple(parts[axis] for axis in self._axes)])
        order = [self._axes.index(axis) for axis in "tczyx" if axis in self._axes]
        missing = tuple(position for position, axis in enumerate("tczyx") if axis not in self._axes)
        return np.expand_dims(pixels.transpose(order), missing)


def open_zarr(target: Path) -> tuple[list[Level], str, str]:
    """Levels of the first image in a folder, and how they are stored."""
    found = sorted([*target.rglob(".zattrs"), *target.rglob("zarr.json")], key=lambda path: len(path.parts))
    for path in found:
        node = json.loads(path.read_text())
        attributes = node.get("attributes", {}) if path.name == "zarr.json" else node
        multiscales = attributes.get("ome", attributes).get("multiscales")
        if multiscales:
            axes = "".join(axis["name"] for axis in multiscales[0]["axes"])
            arrays = [zarr.open_array(path.parent / entry["path"], mode="r") for entry in multiscales[0]["datasets"]]
            codec = tell_codec(arrays[0])
            shards = "" if arrays[0].shards is None else f" in shards of {tell_shape(arrays[0].shards)}"
            version = "0.4" if path.name == ".zattrs" else "0.5"
            chunks = tell_shape(arrays[0].chunks)
            return [Level(array, axes) for array in arrays], f"{version}, chunks of {chunks}{shards}, {codec}", codec
    raise ValueError(f"{target} has no multiscales")


def tell_shape(shape: Sequence[int]) -> str:
    """Sides that are not 1."""
    return " × ".join(str(side) for side in shape if side != 1) or "1"


def tell_codec(array: zarr.Array[Any]) -> str:
    """The codec of an array as ``workloads.Codec`` tells it, where it is one; of shards, that of their chunks."""
    found = []
    for codec in array.compressors:
        values = codec.get_config() if hasattr(codec, "get_config") else codec.to_dict()
        name, values = values.get("id") or values["name"], values.get("configuration", values)
        if name == "blosc":
            kind, shuffle = values["cname"], values["shuffle"]
            if not isinstance(shuffle, str):
                shuffle = ("noshuffle", "shuffle", "bitshuffle")[shuffle]
            if values.get("typesize", array.dtype.itemsize) != array.dtype.itemsize:
                shuffle += f" of {values['typesize']} bytes"
            kind = getattr(kind, "value", kind)
            text = str(Codec("blosc", values["clevel"], shuffle)) if kind == "zstd" else f"blosc {kind} {shuffle}"
        else:
            text = f"{name} {values.get('level', '')}".strip()
        found.append(text)
    return ", ".join(found) or "none"


def open_tiff(workload: Workload, target: Path) -> tuple[list[Level], str, str]:
    """Levels of an OME-TIFF or of a TIFF whose pages are planes."""
    file = tifffile.TiffFile(target)
    series = file.series[0]
    axes = {"S": "c"}
    own = "yxc" if workload.is_rgb else None
    levels = []
    for number, level in enumerate(series.levels):
        array = zarr.open_array(series.aszarr(level=number), mode="r")
        named = "".join(axes.get(axis, axis.lower()) for axis in level.axes)
        if own is None and not set(named) <= set("tczyx"):
            named = named.replace("i", "c").replace("q", "c")
        levels.append(
            Planes(array, workload) if named == "cyx" and workload.shape_tczyx[2] > 1 else Level(array, named)
        )
    page = series.pages[0].aspage()
    uses = f"{'OME-TIFF' if file.is_ome else 'TIFF'}, {page.compression.name.lower()}, predictor {page.predictor.name}"
    return levels, f"{uses.lower()}, tiles of {page.tilelength} × {page.tilewidth}", "deflate"


class Planes(Level):
    """A level whose channels and depth lie behind each other as pages."""

    def __init__(self, array: Any, workload: Workload) -> None:
        super().__init__(array, "cyx")
        self._n_z = workload.shape_tczyx[2]
        self.shape = (1, workload.shape_tczyx[1], self._n_z, *array.shape[-2:])

    def __getitem__(self, window: Window) -> np.ndarray:
        """The pixels of a window of one channel."""
        _, c, z, y, x = window
        planes = [self._array[c.start * self._n_z + number, y, x] for number in range(z.start, z.stop)]
        return np.stack(planes)[None, None]


def get_factors(before: Sequence[int], level: Sequence[int]) -> tuple[int, ...]:
    """How many times smaller each side is, to the nearest."""
    return tuple(max(1, round(a / b)) for a, b in zip(before, level, strict=True))


def list_parts(level: Level) -> list[Window]:
    """Windows of whole chunks, small enough for memory."""
    z, y, x = (
        min(side, max(1, most // chunk) * chunk)
        for side, chunk, most in zip(level.shape[2:], level.chunk[2:], (16, 1024, 1024), strict=True)
    )
    return list(list_windows(level.shape, (1, 1, z, y, x)))


def count_wrong(source: np.ndarray, level: Level) -> int:
    """Pixels of level 0 that are not those of the source."""
    if level.shape != source.shape:
        return source.size

    def count(window: Window) -> int:
        return int(np.count_nonzero(level[window] != source[window]))

    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return sum(pool.map(count, list_parts(level)))


def compare(before: Level, level: Level) -> Difference:
    """A level against the means of the one before; where its size is not half, only what both have."""
    factors = get_factors(before.shape, level.shape)

    def compare_window(window: Window) -> Difference:
        doubled = tuple(
            slice(part.start * factor, min(part.stop * factor, side // factor * factor))
            for part, factor, side in zip(window, factors, before.shape, strict=True)
        )
        blocks = before[doubled].astype(np.int64 if factors != (1, 1, 1, 2, 2) else np.int32)
        for axis, factor in enumerate(factors):
            parts = [blocks[(slice(None),) * axis + (slice(first, None, factor),)] for first in range(factor)]
            blocks = sum(parts[1:], start=parts[0])
        n = int(np.prod(factors))
        pixels = level[window][tuple(slice(side) for side in blocks.shape)].astype(blocks.dtype)
        up = (2 * blocks + n) // (2 * n)
        difference = pixels - up
        even = up - ((2 * blocks + n) % (2 * n) == 0) * (up & 1)
        return Difference(
            largest=int(np.abs(difference).max()),
            total=int(difference.sum(dtype=np.int64)),
            n=pixels.size,
            is_down=bool(np.array_equal(pixels, blocks // n)),
            is_even=bool(np.array_equal(pixels, even)),
        )

    result = Difference()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for difference in pool.map(compare_window, list_parts(level)):
            result.add(difference)
    return result


def main() -> None:
    """Check all and print."""
    for target in sys.argv[2:]:
        try:
            print(json.dumps(asdict(check(WORKLOADS[sys.argv[1]], Path(target)))), flush=True)
        except Exception as err:  # noqa: BLE001 (what cannot be read is told, beside what can)
            print(json.dumps({"unreadable": f"{type(err).__name__}: {err}"}), flush=True)
            sys.excepthook(type(err), err, err.__traceback__)


if __name__ == "__main__":
    main()
