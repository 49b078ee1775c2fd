"""What is converted: three images as microscopes and scanners give them, and small versions of them.

Records only, so that whoever starts and measures processes can import this without growing; ``make_workload.py`` makes
the pixels.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "convert"
N_LEVELS = 5
TILE = 512
"""Side of the tiles of TIFF files, of those that are read and of those that are written."""

DEFLATE_LEVEL = 1
"""For OME-TIFF: our default."""

VIPS_LEVEL = 2
"""The level of libvips whose files are about as large: its zlib-ng has no Huffman trees of its own at level 1.

Source: https://github.com/zlib-ng/zlib-ng/blob/develop/deflate_quick.c
"""


@dataclass(frozen=True, slots=True)
class Codec:
    """How chunks are compressed.

    Attributes:
        name: ``blosc`` or ``zstd``.
        level: From 0; the level 0 of plain zstd is the library's default, which is 3.
        shuffle: ``shuffle``, ``bitshuffle`` or ``noshuffle``; empty for plain zstd.
    """

    name: str
    level: int
    shuffle: str = ""

    def __str__(self) -> str:
        """As in the table."""
        return " ".join(
            (*(("blosc zstd",) if self.name == "blosc" else ("zstd",)), str(self.level), self.shuffle)
        ).strip()


COMMON = Codec("blosc", 3, "shuffle")
"""What all sides are set to where they can be."""

OURS = Codec("blosc", 1, "shuffle")
"""Our default for images."""

ZARR = Codec("zstd", 0)
"""The default of zarr-python 3, and of what leaves the choice to it."""

GOAL_SIDES = ("sharded", "files")
"""Our sides that have a goal beside the limit."""

N_THREADS = len(os.sched_getaffinity(0))
"""As many as there are cores: of the limit, of tools that ask how many, and what ours take by themselves."""

AGAIN = "again "
"""Before a target: each call of the codec is made once more, which tells whether what is around it slows it down."""

CODECS = {str(codec): codec for codec in (COMMON, OURS, ZARR)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """An image and how it is to be stored.

    Attributes:
        name: Such as ``w1``; small versions end in ``s``, those to measure a start in ``m``, those to warm up in ``t``.
        title: As in the table.
        shape_tczyx: Size in pixels; each side that is halved can be halved four times without a remainder.
        dtype: Of the pixels.
        chunk_tczyx: Of all levels.
        is_rgb: Whether the channels lie interleaved in JPEG tiles.
        goal: What we want: at most so many times as long as the codec alone takes.
    """

    name: str
    title: str
    shape_tczyx: tuple[int, int, int, int, int]
    dtype: str
    chunk_tczyx: tuple[int, int, int, int, int]
    is_rgb: bool = False
    goal: float = 1.10

    @property
    def source(self) -> Path:
        """The OME-TIFF."""
        return WORK / f"{self.name}.ome.tif"

    @property
    def raw(self) -> Path:
        """The pixels of the OME-TIFF as numbers only: plane after plane, or interleaved where ``is_rgb``."""
        return WORK / f"{self.name}.raw"

    @property
    def zarr(self) -> Path:
        """The OME-Zarr that is converted to OME-TIFF: version 0.4, exact means, the common codec."""
        return WORK / f"{self.name}.ome.zarr"

    @property
    def size_bytes(self) -> int:
        """Of the pixels of level 0."""
        size = {"uint8": 1, "uint16": 2}[self.dtype]
        for side in self.shape_tczyx:
            size *= side
        return size

    @property
    def axes(self) -> str:
        """The axes that the image has: ``cyx`` or, with depth, ``tczyx``."""
        return "cyx" if self.shape_tczyx[2] == 1 else "tczyx"

    @property
    def n_tiff_levels(self) -> int:
        """Levels of the OME-TIFF: halved until an image fits into one tile, as libvips does."""
        level = 0
        while max(self.get_shape(level, "yx")) > TILE:
            level += 1
        return level + 1

    def get_shape(self, level: int, axes: str | None = None) -> tuple[int, ...]:
        """Size of a level along some axes, by default its own."""
        t, c, z, y, x = self.shape_tczyx
        sides = {"t": t, "c": c, "z": z, "y": y >> level, "x": x >> level}
        return tuple(sides[axis] for axis in axes or self.axes)

    def get_chunk(self, axes: str | None = None) -> tuple[int, ...]:
        """Shape of a chunk along some axes, by default its own."""
        sides = dict(zip("tczyx", self.chunk_tczyx, strict=True))
        return tuple(sides[axis] for axis in axes or self.axes)


_W1 = Workload(
    name="w1",
    title="4 × 12,288² uint16: fluorescence, uncompressed tiles",
    shape_tczyx=(1, 4, 1, 12_288, 12_288),
    dtype="uint16",
    chunk_tczyx=(1, 1, 1, 1024, 1024),
)
_W2 = Workload(
    name="w2",
    title="RGB 20,000² uint8: stained tissue, JPEG tiles",
    shape_tczyx=(1, 3, 1, 20_000, 20_000),
    dtype="uint8",
    chunk_tczyx=(1, 1, 1, 1024, 1024),
    is_rgb=True,
)
_W3 = Workload(
    name="w3",
    title="2 × 256 × 1,024² uint16: stack, uncompressed tiles",
    shape_tczyx=(1, 2, 256, 1024, 1024),
    dtype="uint16",
    chunk_tczyx=(1, 1, 64, 128, 128),
    goal=1.15,
)


def _resize(workload: Workload, letter: str, size: str, shape_tczyx: tuple[int, int, int, int, int]) -> Workload:
    """The same kind of image in another size."""
    kind = workload.title.partition(": ")[2] if letter != "t" else "to warm up"
    return replace(workload, name=workload.name + letter, title=f"{size}: {kind}", shape_tczyx=shape_tczyx)


WORKLOADS = {
    workload.name: workload
    for workload in (
        _W1,
        _W2,
        _W3,
        _resize(_W1, "s", "4 × 3,072² uint16", (1, 4, 1, 3072, 3072)),
        _resize(_W2, "s", "RGB 5,008² uint8", (1, 3, 1, 5008, 5008)),
        _resize(_W3, "s", "2 × 64 × 512² uint16", (1, 2, 64, 512, 512)),
        _resize(_W1, "m", "4 × 6,144² uint16", (1, 4, 1, 6144, 6144)),
        _resize(_W2, "m", "RGB 10,000² uint8", (1, 3, 1, 10_000, 10_000)),
        _resize(_W3, "m", "2 × 256 × 512² uint16", (1, 2, 256, 512, 512)),
        _resize(_W1, "t", "2 × 256² uint16", (1, 2, 1, 256, 256)),
        _resize(_W2, "t", "RGB 256² uint8", (1, 3, 1, 256, 256)),
        _resize(_W3, "t", "2 × 8 × 256² uint16", (1, 2, 8, 256, 256)),
    )
}


def get_tiny(workload: Workload) -> Workload:
    """The image of the same kind to warm up with."""
    return WORKLOADS[f"{workload.name[:2]}t"]


def get_middle(workload: Workload) -> Workload:
    """The image of the same kind to measure the start of a process with; a small one itself.

    It is large enough for everything to be loaded that a large image needs, and converted so quickly that the start is
    not lost in what conversions differ by.
    """
    return workload if workload.name.endswith("s") else WORKLOADS[f"{workload.name[:2]}m"]
