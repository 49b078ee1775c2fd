"""Measure checks of many small stores: ours as one command, and validators of others in a loop, in one run.

    python tools/bench/check.py [--stores N]

Half of the stores are OME-Zarr 0.4 and half 0.5, each an image of two levels; all are read from the page cache. The
figure is stores per second: of `vitrina check --json-lines` with the start of the process, of the others without.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from machine import describe_machine
from table import build_markdown, print_cells, replace_section, tell_when

from vitrina.convert.image import ConvertedImage
from vitrina.convert.ome_zarr import OmeZarrOptions, write_ome_zarr
from vitrina.convert.options import PyramidOptions
from vitrina.model.content import Axis, Channel
from vitrina.readers.pixels.array import ArrayPixels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "check"
REPEATS = 3
GOAL = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure checks.")
    parser.add_argument("--stores", type=int, default=1000)
    n_stores = parser.parse_args().stores
    stores = make_stores(n_stores)
    vitrina = str(Path(sys.executable).parent / "vitrina")
    rows = [
        ("vitrina check --metadata-only", measure(lambda: run_vitrina(vitrina, stores, "--metadata-only"))),
        ("vitrina check: the whole tree", measure(lambda: run_vitrina(vitrina, stores))),
        ("ome-zarr-models: the metadata of the image and its arrays", measure(lambda: run_models(stores))),
        ("ngff-zarr: from_ngff_zarr(validate=True)", measure(lambda: run_ngff_zarr(stores))),
    ]
    cells = [("check", "stores a second"), *((name, f"{n_stores / seconds:,.0f}") for name, seconds in rows)]
    goal = f"Wanted: {GOAL} stores a second with --metadata-only. {n_stores:,} stores, the median of {REPEATS}."
    machine = describe_machine(WORK)
    print_cells(cells)
    print(f"\n{goal}\n{machine}")
    text = f"## Checks\n\n{tell_when(machine)}\n{goal}\n\n{build_markdown(cells)}"
    replace_section(ROOT / "docs" / "benchmarks.md", "check", text)


def make_stores(n_stores: int) -> list[Path]:
    """The stores; copies of one of each version."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    image = ConvertedImage(
        name="image",
        sources=(ArrayPixels(np.random.default_rng(0).integers(0, 99, (3, 512, 512), "uint16"), "cyx"),),
        axes=(Axis(name="c", type="channel"), Axis(name="y", type="space"), Axis(name="x", type="space")),
        pixel_size_tczyx=(1.0,) * 5,
        origin_tczyx=(0.0,) * 5,
        channels=tuple(Channel(name=f"{number}", window=(0, 99)) for number in range(3)),
    )
    for version in ("0.4", "0.5"):
        options = OmeZarrOptions(version=version, pyramid=PyramidOptions(n_levels=2))
        write_ome_zarr({"": image}, WORK / f"{version}.zarr", options)
    stores = []
    for number in range(n_stores):
        store = WORK / f"{number}.zarr"
        shutil.copytree(WORK / ("0.4.zarr" if number % 2 else "0.5.zarr"), store)
        stores.append(store)
    return stores


def measure(run: Callable[[], None]) -> float:
    """Median seconds, after one run to warm up."""
    run()
    seconds = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[len(seconds) // 2]


def run_vitrina(vitrina: str, stores: Sequence[Path], *options: str) -> None:
    """One command; every store must come out valid."""
    command = [vitrina, "check", *map(str, stores), "--json-lines", *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    if sum(json.loads(line)["valid"] for line in done.stdout.splitlines()) != len(stores):
        raise AssertionError("not all stores were valid")


def run_models(stores: Sequence[Path]) -> None:
    """ome-zarr-models in a loop."""
    import ome_zarr_models
    import zarr

    for store in stores:
        ome_zarr_models.open_ome_zarr(zarr.open_group(store, mode="r"))


def run_ngff_zarr(stores: Sequence[Path]) -> None:
    """ngff-zarr in a loop."""
    import ngff_zarr

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for store in stores:
            ngff_zarr.from_ngff_zarr(str(store), validate=True)


if __name__ == "__main__":
    main()
