"""Measure loaders of training tiles: ours, spatialdata's ImageTilesDataset, and the limits, in one run and one table.

    python tools/bench/ml.py [--quick] [--repeats N]

Figures are CPU seconds of the process with all of its threads, best of the repeats: what else runs on the machine then
hardly matters. The slide is made once and kept in ``build/bench/ml``. Without an option the table also goes to
``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import statistics
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import spatialdata
import torch
from machine import describe_machine
from ml_slide import make_slide
from spatialdata.dataloader.datasets import ImageTilesDataset as Theirs
from table import build_markdown, print_cells, replace_section, tell_when
from worker import read_busy

from vitrina.ml.choices import Dataset, TileOptions
from vitrina.ml.cohort import build_tiles
from vitrina.ml.torch import ImageTilesDataset, TileBatches
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.ml.tiles import Tiles

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "ml"
SIZES_PX = (32, 128, 224)
BATCH = 32
N_THEIRS = 300
N_CONSTRUCTED = 10_000
BUDGETS_MB = (150, 512, 1024, 2048)
GOAL_PER_S, GOAL_RATIO, GOAL_THREADS, GOAL_CONSTRUCTION_S = 20_000, 250, 1.7, 0.1
HEAD = ("", "goal", "measured", "spatialdata", "ratio", "met")

warnings.simplefilter("ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Seconds of the best repeat."""

    wall: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure loaders of training tiles.")
    parser.add_argument("--quick", action="store_true", help="a small slide: half a minute")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    path = WORK / ("quick.zarr" if options.quick else "slide.zarr")
    make_slide(path, quick=options.quick)
    sdata = spatialdata.read_zarr(path)
    theirs = measure_theirs(sdata)
    rows, notes = [], []
    for size_px in SIZES_PX:
        tiles = open_tiles(path, size_px)
        check_pixels(sdata, tiles, size_px)
        rate = len(tiles) / measure(lambda tiles=tiles: read_epoch(tiles), options.repeats).cpu
        ratio = rate / theirs[size_px]
        goal = f"≥ {GOAL_PER_S:,} and ≥ {GOAL_RATIO} ×" if size_px == 128 else f"≥ {GOAL_RATIO} ×"
        is_met = ratio >= GOAL_RATIO and (size_px != 128 or rate >= GOAL_PER_S)
        rows.append(
            (
                f"tiles of {size_px} px per CPU s",
                goal,
                f"{rate:,.0f}",
                f"{theirs[size_px]:,.1f}",
                f"{ratio:,.0f} ×",
                tell(is_met),
            )
        )
    rows += measure_rest(sdata, path, theirs, options.repeats)
    notes += measure_shuffle(open_tiles(path, 128), 1 if options.quick else options.repeats)
    machine = describe_machine(WORK)
    print_cells([HEAD, *rows])
    print_cells([SHUFFLE_HEAD, *notes])
    print(machine)
    if not options.quick and options.repeats >= 5:
        method = METHOD.format(spatialdata=spatialdata.__version__, n_theirs=N_THEIRS)
        title = f"## Tiles for training\n\n{tell_when(machine)}\n{method}"
        tables = [build_markdown([HEAD, *rows]), SHUFFLE, build_markdown([SHUFFLE_HEAD, *notes])]
        text = "\n\n".join([title, *tables])
        replace_section(ROOT / "docs" / "benchmarks.md", "ml", text)
        print("written to docs/benchmarks.md")


METHOD = """\
One slide of stained tissue (simulated), 3 × 12,288 × 12,288 pixels in SpatialData, chunks of 3 × 1024 × 1024 with
zstd, 119,025 cells; batches of 32, shuffled. CPU seconds of the whole process, best of the repeats: an epoch of ours
with decoding and two threads, {n_theirs} random tiles of `ImageTilesDataset` of spatialdata {spatialdata}, whose
construction is not counted; one thread and two took turns, and the median of their pairs is told. Pixels of 400 tiles
inside of the image were compared and are equal."""
SHUFFLE = """\
How well batches are mixed, by memory budget: the total variation distance between the cell types of a batch and those
of the slide, on average, beside that of batches drawn at random from all tiles; and how often a chunk is decoded in an
epoch."""
SHUFFLE_HEAD = ("memory", "distance of a batch", "drawn at random", "decodes per chunk", "tiles per CPU s")


def tell(is_met: bool) -> str:
    """Whether a goal is met, in words."""
    return "yes" if is_met else "NO"


def tell_middle(ratios: list[float]) -> str:
    """Between which values the middle half lies."""
    low, _, high = statistics.quantiles(ratios, n=4)
    return f"{low:.2f} to {high:.2f}"


def measure(function: Callable[[], object], repeats: int, warmups: int = 1) -> Taken:
    """The best of some repeats after a warm-up."""
    taken = []
    for _ in range(warmups + repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        function()
        taken.append(Taken(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu))
    return Taken(wall=min(one.wall for one in taken[warmups:]), cpu=min(one.cpu for one in taken[warmups:]))


def open_tiles(path: Path, size_px: int) -> Tiles:
    """Our tiles of the slide."""
    source = open_source(path)
    dataset = Dataset(name="slide", source=source, content=find_reader(source).read_content(source))
    return build_tiles([dataset], TileOptions(size_px=size_px, image="he", columns=("cell_type",)))


def read_epoch(tiles: Tiles, **options: Any) -> int:
    """Read all batches of an epoch."""
    return sum(len(batch) for batch in tiles.batches(BATCH, reuse_buffers=True, **options))


def read_pixels(item: Any) -> Any:
    """The pixels of an item of ImageTilesDataset."""
    return next(iter(item.images.values())).to_numpy()


def build_theirs(kind: Any, sdata: Any, size_px: int, n_cells: int) -> Any:
    """An ImageTilesDataset, theirs or ours, of the first cells."""
    part = spatialdata.SpatialData(images=dict(sdata.images), shapes={"cells": sdata.shapes["cells"].iloc[:n_cells]})
    return kind(part, {"cells": "he"}, {"cells": "global"}, tile_dim_in_units=size_px)


def measure_theirs(sdata: Any) -> dict[int, float]:
    """Tiles per CPU second of spatialdata's class, by size."""
    rates = {}
    for size_px in SIZES_PX:
        dataset = build_theirs(Theirs, sdata, size_px, N_CONSTRUCTED)
        chosen = np.random.default_rng(0).choice(len(dataset), N_THEIRS).tolist()
        taken = measure(lambda dataset=dataset, chosen=chosen: [read_pixels(dataset[number]) for number in chosen], 2)
        rates[size_px] = N_THEIRS / taken.cpu
    return rates


def check_pixels(sdata: Any, tiles: Tiles, size_px: int) -> None:
    """Compare tiles of all loaders inside of the image.

    Raises:
        SystemExit: A pixel differs.
    """
    theirs, ours = (build_theirs(kind, sdata, size_px, N_CONSTRUCTED) for kind in (Theirs, ImageTilesDataset))
    rng = np.random.default_rng(1)
    n_compared = 0
    for number in rng.permutation(len(theirs)).tolist():
        expected = read_pixels(theirs[number])
        if expected.shape != (3, size_px, size_px):
            continue  # cut off at the border, or one pixel too many
        if not (np.array_equal(read_pixels(ours[number]), expected) and np.array_equal(tiles.read(number), expected)):
            raise SystemExit(f"tile {number} of {size_px} pixels differs")
        n_compared += 1
        if n_compared == (400 if size_px == 128 else 50):
            break
    print(f"{size_px} px: {n_compared} tiles have equal pixels", flush=True)


def measure_rest(sdata: Any, path: Path, theirs: dict[int, float], repeats: int) -> list[tuple[str, ...]]:
    """The drop-in, tensors, threads, construction, and what the machine could do at most."""
    del theirs
    tiles = open_tiles(path, 128)
    n = len(tiles)
    ratios, others = measure_threads(tiles, 4 * repeats)
    ratio = statistics.median(ratios)
    rows = [
        (
            f"two threads against one, wall time, while all else used {others:.2f} cores",
            f"≥ {GOAL_THREADS} ×",
            f"{ratio:.2f} × (half of {len(ratios)} pairs {tell_middle(ratios)})",
            "",
            "",
            tell(ratio >= GOAL_THREADS),
        )
    ]
    circles = sdata.shapes["cells"]
    ours = measure(lambda: build_theirs(ImageTilesDataset, sdata, 128, len(circles)), repeats).cpu
    slow = (
        measure(lambda: build_theirs(Theirs, sdata, 128, N_CONSTRUCTED), 1, warmups=0).cpu
        * len(circles)
        / N_CONSTRUCTED
    )
    rows.append(
        (
            f"constructing tiles of {len(circles):,} cells, CPU s",
            f"< {GOAL_CONSTRUCTION_S}",
            f"{ours:.4f}",
            f"{slow:.1f} (from {N_CONSTRUCTED:,})",
            f"{slow / ours:,.0f} ×",
            tell(ours < GOAL_CONSTRUCTION_S),
        )
    )
    batches = TileBatches(tiles, BATCH)
    cpu = measure(lambda: sum(len(batch["id"]) for batch in batches), repeats).cpu
    rows.append(("as tensors, tiles of 128 px per CPU s", "", f"{n / cpu:,.0f}", "", "", ""))
    layer = tiles.image_layers[0]
    whole = np.empty((3, *layer.shape_yx), np.uint8)
    cpu = measure(lambda: layer.read(0, 0, whole), repeats).cpu
    rows.append(("limit: decoding the slide once, CPU s", "", f"{cpu:.3f}", "", "", ""))
    block = np.empty((BATCH, 3, 128, 128), np.uint8)
    source = whole[:, : BATCH * 128, :128].copy()
    cpu = measure(
        lambda: [np.copyto(block.reshape(3, -1), source.reshape(3, -1)) for _ in range(n // BATCH)], repeats
    ).cpu
    rows.append(("limit: copying tiles of 128 px from memory in order, per CPU s", "", f"{n / cpu:,.0f}", "", "", ""))
    rows.append(measure_gpu(tiles))
    return rows


def measure_threads(tiles: Tiles, pairs: int) -> tuple[list[float], float]:
    """How many times as fast two threads read an epoch as one, of each pair; and the cores all else used meanwhile.

    What this machine gives to one thread changes from second to second by half, so the two are taken in turns and each
    is compared with its neighbour.
    """
    ratios = []
    wall, busy, cpu = time.perf_counter(), read_busy(), time.process_time()
    for _ in range(pairs):
        taken = {}
        for threads in (1, 2):
            started = time.perf_counter()
            read_epoch(tiles, threads=threads)
            taken[threads] = time.perf_counter() - started
        ratios.append(taken[1] / taken[2])
    own = time.process_time() - cpu
    return sorted(ratios), max(0.0, read_busy() - busy - own) / (time.perf_counter() - wall)


def measure_gpu(tiles: Tiles) -> tuple[str, ...]:
    """Tiles of 128 pixels per second into the memory of a GPU; nothing where there is none."""
    title = "tiles of 128 px per s into GPU memory"
    if not torch.cuda.is_available():
        return (title, "", "no GPU here", "", "", "")
    batches = TileBatches(tiles, 256, pin_memory=True, threads=8)

    def copy() -> None:
        for batch in batches:
            batch["image"].to("cuda", non_blocking=True)
        torch.cuda.synchronize()

    return (title, "", f"{len(tiles) / measure(copy, 3).wall:,.0f}", "", "", "")


def measure_shuffle(tiles: Tiles, repeats: int) -> list[tuple[str, ...]]:
    """Quality of the shuffle and number of decodes, by memory."""
    codes = tiles.get_values("cell_type")
    n_types = len(tiles.get_categories("cell_type"))
    drawn = np.random.default_rng(0).permutation(len(codes))
    at_random = measure_distance(codes[drawn], n_types)
    grid = tiles.image_layers[0].build_grid(tiles.dtype)
    n_chunks = int(np.prod([-(-side // chunk) for side, chunk in zip(grid.shape_yx, grid.chunk_yx, strict=True)]))
    rows = []
    for megabytes in BUDGETS_MB:
        loader = tiles.batches(BATCH, memory_bytes=megabytes * 2**20, reuse_buffers=True)
        order = np.concatenate([batch.ids.copy() for batch in loader])
        n_decoded = loader.n_decoded
        cpu = measure(lambda loader=loader: sum(len(batch) for batch in loader), repeats, warmups=0).cpu
        rows.append(
            (
                f"{megabytes:,} MB{' (default)' if megabytes == 1024 else ''}",
                f"{measure_distance(codes[order], n_types):.3f}",
                f"{at_random:.3f}",
                f"{n_decoded / n_chunks:.2f}",
                f"{len(codes) / cpu:,.0f}",
            )
        )
    return rows


def measure_distance(codes: Any, n_types: int) -> float:
    """Mean total variation distance between the types of a batch and those of all tiles."""
    whole = np.bincount(codes, minlength=n_types) / len(codes)
    batches = codes[: len(codes) // BATCH * BATCH].reshape(-1, BATCH)
    shares = np.stack([(batches == code).mean(axis=1) for code in range(n_types)], axis=1)
    return float((np.abs(shares - whole).sum(axis=1) / 2).mean())


if __name__ == "__main__":
    main()
