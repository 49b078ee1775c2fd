"""Measure conversion: ours, what the codec alone takes, and other tools, in one run and one table.

    python tools/bench/convert.py [--quick] [--peers PYTHON] [--workloads W ...] [--sides SIDE ...] [--repeats N]

The images are made once and kept in ``build/bench/convert``. Each side of a workload is a process of its own that has
warmed up; the sides take turns, so that what else goes on meets all of them. What turns are too coarse for is measured
on its own afterwards: our sides with a goal beside the limit, see ``rows_convert_beside.py``, and the start of a
process, see ``measure_start``. Without any option but ``--peers`` the table also goes to ``docs/benchmarks.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rows_convert_vitrina as ours
from convert_table import Measured, print_tables, write_tables
from machine import describe_machine
from worker import FailedError, Taken, Worker, run_command
from workloads import AGAIN, CODECS, COMMON, GOAL_SIDES, ROOT, WORK, WORKLOADS, Workload, get_middle, get_tiny

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
SCRATCH = WORK / "scratch"
LARGE, SMALL = ("w1", "w2", "w3"), ("w1s", "w2s", "w3s")
PEERS = (
    "ome-zarr-default",
    "ome-zarr",
    "ngff-zarr",
    "spatialdata",
    "spatialdata-default",
    "bioio",
    "tensorstore",
    "zarr",
    "acquire",
    "vips",
    "vips-alike",
)
QUICK_SIDES = ("limit", "sharded", "tiff", "tensorstore", "vips")
"""Of the second and third of the small images, so that a quick run is quick."""

FURTHER_SIDES = ("limit", "cli", *ours.SIDES, "ome-zarr", "tensorstore", "vips", "vips-alike")
"""Of the second and third of the large images: each tool has been met on the first, some of them at minutes a turn."""

N_STARTS = 3
"""How often the processes that measure our sides beside the limit are started."""

N_PAIRS = 9
"""How often a whole process and one that has warmed up take turns, to measure the start."""

TIFF_SIDES = {"tiff", "vips", "vips-alike"}
BLOCK_BYTES = 1 << 24


@dataclass(slots=True)
class Side:
    """A side while it is measured.

    Attributes:
        name: In its file.
        kind: See ``Measured``.
        worker: Its process; None for the command line.
        measured: What the table tells.
        target: What it writes; None for the limit.
    """

    name: str
    kind: str
    worker: Worker | None
    measured: Measured
    target: Path | None = None
    taken: list[Taken] = field(default_factory=list)
    sizes: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_failed(self) -> bool:
        """Whether it is not measured any more."""
        return self.measured.missing is not None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure conversion.")
    parser.add_argument("--quick", action="store_true", help="small images: about two minutes")
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="Python of an environment with the other tools")
    parser.add_argument("--workloads", nargs="*", choices=[*LARGE, *SMALL], help="only these")
    parser.add_argument("--sides", nargs="*", choices=["limit", "cli", *ours.SIDES, *PEERS], help="only these")
    parser.add_argument("--repeats", type=int, default=3, help="conversions that each side makes")
    options = parser.parse_args()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    peers = options.peers.absolute() if options.peers and options.peers.exists() else None
    measured: list[Measured] = []
    for name in options.workloads or (SMALL if options.quick else LARGE):
        only = options.sides or choose_sides(name, has_all=bool(options.workloads))
        n_starts = 1 if options.quick else N_STARTS
        measured += measure_workload(WORKLOADS[name], peers, only, max(1, options.repeats), n_starts)
    shutil.rmtree(SCRATCH)
    machine = describe_machine(WORK)
    print_tables(measured, machine=machine)
    is_whole = not (options.quick or options.workloads or options.sides) and options.repeats >= 3 and peers is not None
    if is_whole:
        write_tables(ROOT / "docs" / "benchmarks.md", measured, machine=machine)
        print("written to docs/benchmarks.md")


def choose_sides(workload: str, *, has_all: bool) -> tuple[str, ...]:
    """The sides that a workload is measured on."""
    if has_all or workload in {SMALL[0], LARGE[0]}:
        return ("limit", "cli", *ours.SIDES, *PEERS)
    return QUICK_SIDES if workload in SMALL else FURTHER_SIDES


def measure_workload(
    workload: Workload, peers: Path | None, only: Sequence[str], repeats: int, n_starts: int
) -> list[Measured]:
    """All sides of a workload."""
    for needed in (get_tiny(workload), get_middle(workload), workload):
        tell(f"making {needed.name}")
        subprocess.run([sys.executable, str(HERE / "make_workload.py"), needed.name], check=True)
    scratch = SCRATCH / workload.name
    scratch.mkdir(parents=True)
    sides = start_sides(workload, peers, only, scratch)
    take_turns(workload, sides, repeats)
    sides += measure_beside(workload, only, repeats, n_starts, scratch)
    check_targets(workload, [side for side in sides if side.target is not None and not side.is_failed])
    measured = [side.measured for side in sides]
    if {"cli", "default"} <= set(only):
        measured.append(measure_start(workload, N_PAIRS if n_starts > 1 else repeats, scratch))
    empty(scratch)
    return measured


def take_turns(workload: Workload, sides: Sequence[Side], repeats: int) -> None:
    """Measure all sides one after the other, several times, each time beginning with another; ends their processes."""
    for side in sides:
        if side.worker is not None:
            attempt(side, lambda side=side: setattr(side.measured, "uses", side.worker.wait_ready()))
    for number in range(repeats):
        order = [side for side in sides if not side.is_failed]
        shift = number * len(order) // repeats
        for side in order[shift:] + order[:shift]:
            tell(f"{workload.name}: {side.kind} {side.name}, {number + 1} of {repeats}")
            attempt(side, lambda side=side: measure_once(workload, side))
    for side in sides:
        if side.worker is not None and side.target is not None:
            side.measured.rss_bytes = side.worker.close()
        side.measured.taken = tuple(side.taken)
    if sides and sides[0].kind == "limit":
        sides[0].worker.close()  # all limits are measured in one process


def measure_beside(workload: Workload, only: Sequence[str], repeats: int, n_starts: int, scratch: Path) -> list[Side]:
    """Our sides with a goal, in processes that tell how long they are within the codec."""
    names = [name for name in GOAL_SIDES if name in only and "limit" in only]
    sides = [
        Side(name, "beside", None, Measured(workload, "beside", name), scratch / f"beside-{name}.ome.zarr")
        for name in names
    ]
    for number in range(n_starts):
        for side in sides:
            tell(f"{workload.name}: {side.name} beside the limit, start {number + 1} of {n_starts}")
            if not side.is_failed:
                attempt(side, lambda side=side: convert_beside(workload, side, repeats, scratch))
    for side in sides:
        side.measured.taken = tuple(side.taken)
    return sides


def convert_beside(workload: Workload, side: Side, repeats: int, scratch: Path) -> None:
    """Some conversions in a new process, after one that tells whether what is around the codec slows it down."""
    worker = side.worker = start_worker(workload, side, Path(sys.executable), scratch)
    try:
        worker.wait_ready()
        prepare(workload, side)
        called_again = worker.convert(f"{AGAIN}{side.target}")
        slowdown = called_again.codec / called_again.again
        side.measured.slowdowns += (slowdown,)
        for _ in range(repeats):
            measure_once(workload, side)
            side.measured.ratios += (slowdown * side.taken[-1].wall / side.taken[-1].codec,)
    finally:
        worker.close()


def measure_start(workload: Workload, n_pairs: int, scratch: Path) -> Measured:
    """How much longer a whole process takes than one that has warmed up, one right after the other, several times."""
    image, name = get_middle(workload), "default"
    warm, whole = (
        Side(name, kind, None, Measured(image, kind, name), scratch / f"start-{kind}.ome.zarr")
        for kind in ("vitrina", "cli")
    )
    start = Side(name, "start", None, Measured(workload, "start", name, uses=image.title))
    warm.worker = start_worker(image, warm, Path(sys.executable), scratch)

    def measure_pairs() -> None:
        warm.worker.wait_ready()
        for number in range(n_pairs):
            tell(f"{image.name}: start, {number + 1} of {n_pairs}")
            measure_once(image, warm)
            measure_once(image, whole)
            start.measured.starts_s += (whole.taken[-1].wall - warm.taken[-1].wall,)

    attempt(start, measure_pairs)
    warm.worker.close()
    return start.measured


def start_sides(workload: Workload, peers: Path | None, only: Sequence[str], scratch: Path) -> list[Side]:
    """All processes at once, since they warm up before anything is measured."""
    codecs = CODECS if set(only) - {"limit", *GOAL_SIDES} else (str(COMMON),)
    limits = [*codecs, *(("decode",) if workload.is_rgb else ()), *(("deflate",) if "tiff" in only else ())]
    kinds = ("vitrina", "cli") if "cli" in only else ("vitrina",)
    asked = [("limit", name) for name in limits] if "limit" in only else []
    asked += [(kind, name) for name in ours.SIDES if name in only for kind in kinds]
    asked += [("peers", name) for name in PEERS if name in only]
    sides: list[Side] = []
    for kind, name in asked:
        suffix = ".ome.tif" if name in TIFF_SIDES else ".ome.zarr"
        target = None if kind == "limit" else scratch / f"{kind}-{name}{suffix}"
        side = Side(name, kind, None, Measured(workload, kind, name), target)
        sides.append(side)
        if kind == "peers" and peers is None:
            side.measured.missing = "not installed (make convert-peers-env)"
        elif kind == "limit" and sides[0].worker is not None:
            side.worker = sides[0].worker
        elif kind != "cli":
            python = peers if kind == "peers" else Path(sys.executable)
            side.worker = start_worker(workload, side, python, scratch)
    return sides


def start_worker(workload: Workload, side: Side, python: Path, scratch: Path) -> Worker:
    """A process that measures a side."""
    command = [str(python), str(HERE / f"rows_convert_{side.kind}.py"), workload.name]
    if side.target is not None:
        command += [side.name, str(side.target.with_name(f"warm-{side.target.name}"))]
    return Worker(command, scratch / f"{side.kind}-{side.name}.log", build_environment(scratch))


def attempt(side: Side, do: Any) -> None:
    """Do something with a side; when it fails, tell why and measure it no more."""
    try:
        do()
    except (FailedError, OSError) as err:
        side.measured.missing = " ".join(str(err).split())
        tell(f"{side.kind} {side.name} is missing: {side.measured.missing}")


def measure_once(workload: Workload, side: Side) -> None:
    """One conversion, or one time the limit: from a source in the page cache to a target that is not there."""
    if side.target is None:
        side.taken.append(side.worker.convert(side.name))
        return
    prepare(workload, side)
    if side.worker is not None:
        side.taken.append(side.worker.convert(str(side.target)))
    else:
        log = side.target.with_suffix(".log")
        command = ours.build_command(workload, side.name, str(side.target))
        taken, rss_bytes = run_command(command, log, build_environment(side.target.parent))
        side.taken.append(taken)
        side.measured.rss_bytes = max(side.measured.rss_bytes, rss_bytes)
    side.sizes.append(count_files(side.target))


def prepare(workload: Workload, side: Side) -> None:
    """Have the source in the page cache, no target, and nothing that waits to be written."""
    retire(side.target)
    read_all(find_source(workload, side.name))
    os.sync()


def find_source(workload: Workload, name: str) -> Path:
    """What a side reads."""
    if name not in TIFF_SIDES:
        return workload.source
    return workload.zarr if name == "tiff" else workload.raw


def check_targets(workload: Workload, sides: Sequence[Side]) -> None:
    """Check what each side wrote last, and that it wrote as much the times before."""
    tell(f"{workload.name}: checking every pixel")
    command = [sys.executable, str(HERE / "check_levels.py"), workload.name, *(str(side.target) for side in sides)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    for side, line in zip(sides, done.stdout.splitlines(), strict=True):
        checked = json.loads(line)
        if "unreadable" in checked:
            side.measured.missing = f"unreadable: {checked['unreadable']}"
            continue
        side.measured.checked = checked
        side.measured.is_steady = len(set(side.sizes)) == 1


def read_all(path: Path) -> None:
    """Read all files, so that they lie in the page cache."""
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb", buffering=0) as stream:
                while stream.read(BLOCK_BYTES):
                    pass


def count_files(path: Path) -> tuple[int, int]:
    """Files and bytes."""
    files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
    return len(files), sum(file.stat().st_size for file in files)


def retire(path: Path) -> None:
    """Put what an earlier conversion wrote aside, without its bytes.

    It is not removed: a file system may look at every file that was removed in the last minutes whenever a new one is
    made, and who converts an image has not just removed thousands of files.

    Source: ``recently_deleted`` in https://github.com/torvalds/linux/blob/master/fs/ext4/ialloc.c
    """
    if path.exists():
        retired = path.parent / "retired" / f"{path.name}-{time.monotonic_ns()}"
        retired.parent.mkdir(exist_ok=True)
        path.rename(retired)
        empty(retired)


def empty(path: Path) -> None:
    """Give back the space of a file, or of all files in a folder."""
    for file in path.rglob("*") if path.is_dir() else (path,):
        if file.is_file() and not file.is_symlink():
            os.truncate(file, 0)


def build_environment(scratch: Path) -> dict[str, str]:
    """The environment without the user's own instance; caches and state lie with the benchmark."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("VITRINA_")}
    return own | {"XDG_STATE_HOME": str(scratch / "state"), "XDG_CACHE_HOME": str(WORK / "cache")}


def tell(text: str) -> None:
    """Say what goes on."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
