"""Measure the server: stored and made chunks beside nginx, tiled and what decoding alone takes, in one run.

    python tools/bench/server.py [--quick] [--peers PYTHON] [--work DIR]

Everything runs on loopback and ends by itself. What is served is made once and kept in ``build/bench/server``. Sides
take turns, so that what else goes on meets all of them. A run that is not quick is written to ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from machine import describe_machine
from server_inputs import Inputs, make_inputs
from server_processes import Process, build_environment, run_wrk, start_nginx, start_tiled, start_vitrina
from server_single import Floor, measure_first_look, measure_genes, measure_memory, measure_plate
from server_table import Results, Side, print_tables, write_tables
from worker import FailedError

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much is measured."""

    turns: int
    seconds: float
    n_genes: int
    n_starts: int
    n_requests: int


WHOLE = Scale(turns=5, seconds=2, n_genes=200, n_starts=5, n_requests=10_000)
QUICK = Scale(turns=1, seconds=1, n_genes=40, n_starts=1, n_requests=2_000)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the server.")
    parser.add_argument("--quick", action="store_true", help="one short turn: less than a minute")
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="Python of an environment with tiled")
    parser.add_argument("--work", type=Path, default=WORK, help="where everything lies")
    options = parser.parse_args()
    work, scale = options.work.absolute(), QUICK if options.quick else WHOLE
    os.environ.update(build_environment(work))
    inputs = make_inputs(work)
    results = Results(seconds=scale.seconds)
    with ExitStack() as stack:
        sides = start_sides(stack, inputs, work, options.peers)
        results.sides = sides
        measure_loads(results, Floor(inputs.paths["predicted.ome.tif"]), work, scale)
        ours = next(side for side in sides if side.name == "data").process
        tell("genes")
        results.genes = measure_genes(ours, inputs.uids["cells.h5ad"], scale.n_genes)
        tell("memory")
        results.memory = measure_memory(ours, [side for side in sides if side.process is ours], work, scale.n_requests)
    for name in ("flat.tif", "flat-tiled.tif"):
        tell(f"first look at {name}")
        results.first_looks[name] = measure_first_look(inputs, name, work, scale.n_starts)
    tell("plate")
    results.plate = measure_plate()
    machine = describe_machine(work)
    print_tables(results, machine)
    if not options.quick:
        write_tables(ROOT / "docs" / "benchmarks.md", results, machine)
        print("written to docs/benchmarks.md")


def start_sides(stack: ExitStack, inputs: Inputs, work: Path, peers: Path | None) -> list[Side]:
    """All servers, and what each is asked for."""
    ours = start_vitrina(inputs.root, work)
    stack.callback(ours.close)
    uids, stored = inputs.uids, "stored.ome.zarr"
    keys = list_chunks(ours, f"/zarr/{uids[stored]}", "0/.zarray")
    sides = [
        Side("nginx", "nginx: stored chunk", None, [f"/{key}" for key in keys]),
        Side("data", "/data: stored chunk", ours, [f"/data/{uids[stored]}/{stored}/{key}" for key in keys]),
        Side("zarr", "/zarr: stored chunk", ours, [f"/zarr/{uids[stored]}/{key}" for key in keys]),
    ]
    for name, file, title in (
        ("shards", "sharded.ome.zarr", "/zarr: chunk out of a shard"),
        ("tiles", "tiles.ome.tif", "/zarr: zlib tile of a TIFF file"),
        ("transcoded", "predicted.ome.tif", "/zarr: TIFF tile with a predictor, decoded and encoded"),
    ):
        base = f"/zarr/{uids[file]}"
        sides.append(
            Side(name, title, ours, [f"{base}/{key}" for key in list_chunks(ours, base, "0/.zarray", "0/0/.zarray")])
        )
    blocks = [
        f"/api/v1/array/block/noise?block={key[2:].replace('/', ',')}&format=application/octet-stream" for key in keys
    ]
    sides.append(Side("tiled", "tiled: stored chunk", None, blocks))
    for side, start in (
        (sides[0], lambda: start_nginx(inputs.paths[stored], work, f"/{keys[0]}")),
        (sides[-1], lambda: start_tiled(peers, inputs.paths[stored], work)),
    ):
        try:
            side.process = start()
            stack.callback(side.process.close)
        except FailedError as err:
            side.missing = str(err)
    return sides


def list_chunks(process: Process, base: str, *documents: str) -> list[str]:
    """The keys of all chunks of the first of these arrays that is there, from its ``.zarray``."""
    for document in documents:
        try:
            array = json.loads(process.get(f"{base}/{document}"))
        except OSError:
            continue
        counts = [range(-(-size // chunk)) for size, chunk in zip(array["shape"], array["chunks"], strict=True)]
        separator, path = array.get("dimension_separator", "."), document.rpartition("/")[0]
        return [f"{path}/{separator.join(map(str, index))}" for index in product(*counts)]
    raise SystemExit(f"{base} has no array at {' or '.join(documents)}")


def measure_loads(results: Results, floor: Floor, work: Path, scale: Scale) -> None:
    """All sides in turns, with few and with many connections, and the floor between them."""
    for side in results.sides:
        if side.missing is None:
            side.process.get(side.paths[0])  # so that nothing is done for the first time later
    for turn in range(scale.turns):
        for connections in results.connections:
            tell(f"{connections} connections, {turn + 1} of {scale.turns}")
            results.floors_ms.append(floor.measure(scale.seconds / 2))
            for side in results.sides:
                if side.missing is None:
                    attempt(side, connections, work, scale.seconds)


def attempt(side: Side, connections: int, work: Path, seconds: float) -> None:
    """One turn; a side that fails is measured no more."""
    try:
        load = run_wrk(side.process, side.paths, work, connections=connections, seconds=seconds)
        side.loads.setdefault(connections, []).append(load)
    except FailedError as err:
        side.missing = str(err)
        tell(f"{side.title} is missing: {err}")


def tell(text: str) -> None:
    """Say what goes on."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
