"""Measure the first look at a large plate: how long its parts take, and how many files are read for it.

    python tools/bench/plate.py [--work DIR] [--rows N] [--columns N] [--fields N] [--side PX] [--levels N]
                                [--profile | --brief]

The plate is OME-Zarr of 16-bit pixels in Zarr 2, made once and kept in ``build/bench/plate``. Each look begins with
nothing open, in a process of its own; files are in the memory of the system from the second look on.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import math
import pstats
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
N_LOOKS = 3


def main() -> None:
    """Make the plate unless it is there, and look at it."""
    parser = argparse.ArgumentParser(description="Measure the first look at a large plate.")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench" / "plate")
    parser.add_argument("--rows", type=int, default=16)
    parser.add_argument("--columns", type=int, default=24)
    parser.add_argument("--fields", type=int, default=9, help="in each well")
    parser.add_argument("--side", type=int, default=256, help="height and width of a field in pixels")
    parser.add_argument("--levels", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="show what takes the time")
    parser.add_argument("--brief", action="store_true", help="print the seconds of each first tile, and nothing else")
    parser.add_argument("--look", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look is not None:
        look(options.look, profiles=options.profile, is_brief=options.brief)
        return
    name = f"{options.rows}x{options.columns}x{options.fields}-{options.side}-{options.levels}.zarr"
    path = make_plate(options.work / name, options)
    for number in range(N_LOOKS):
        if not options.brief:
            print(f"look {number + 1}", flush=True)
        flags = ["--profile"] if options.profile and number + 1 == N_LOOKS else []
        flags += ["--brief"] if options.brief else []
        subprocess.run([sys.executable, __file__, "--look", str(path), *flags], check=True)


def make_plate(path: Path, options: argparse.Namespace) -> Path:
    """The plate, made unless it is there."""
    if not path.exists():
        sys.path.insert(0, str(ROOT / "tests"))
        from zarr_plates import write_zarr_plate

        draft = path.with_suffix(".unfinished")
        write_zarr_plate(
            draft,
            n_rows=options.rows,
            n_columns=options.columns,
            n_fields=options.fields,
            shape_cyx=(1, options.side, options.side),
            n_levels=options.levels,
        )
        draft.rename(path)
    return path


def look(path: Path, *, profiles: bool, is_brief: bool) -> None:
    """Open the plate as the server does, and ask for its coarsest level, then for a tile of the finest."""
    from vitrina.gateway.open import open_tree
    from vitrina.readers.registry import find_reader
    from vitrina.readers.source import open_source

    reader = find_reader(open_source(path))
    if reader is None:
        raise SystemExit(f"{path} is no plate")
    content = reader.read_content(open_source(path))
    profile = cProfile.Profile()
    if profiles:
        profile.enable()
    start = take_times()
    tree = open_tree(open_source(path), content, etag="e")
    attrs = json.loads(asyncio.run(tree.get("mosaic/.zattrs")) or b"{}")
    opened = take_times()
    levels = [dataset["path"] for dataset in attrs["multiscales"][0]["datasets"]]
    array = json.loads(asyncio.run(tree.get(f"mosaic/{levels[-1]}/.zarray")) or b"{}")
    first = asyncio.run(tree.get(f"mosaic/{levels[-1]}/0/0/0"))
    drawn = take_times()
    if is_brief:
        print(drawn[0] - opened[0])
        return
    n_chunks = [math.ceil(size / 512) for size in array["shape"][1:]]
    for y in range(n_chunks[0]):
        for x in range(n_chunks[1]):
            asyncio.run(tree.get(f"mosaic/{levels[-1]}/0/{y}/{x}"))
    whole = take_times()
    asyncio.run(tree.get(f"mosaic/{levels[0]}/0/3/3"))
    fine = take_times()
    profile.disable()
    print(f"  {len(levels)} levels, the coarsest {array['shape'][1]} x {array['shape'][2]}")
    tell("opened and described", start, opened)
    tell(f"first coarsest tile, {len(first or b''):,} bytes", opened, drawn)
    tell("first look in all", start, drawn)
    tell("rest of the coarsest level", drawn, whole)
    tell("a tile of the finest level", whole, fine)
    if profiles:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


def take_times() -> tuple[float, float]:
    """Seconds that have gone by, and seconds that this process has computed."""
    return time.perf_counter(), time.process_time()


def tell(what: str, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Print how long something took, which other processes make longer, and how long it computed, which they do not."""
    taken, computed = (1000 * (last - first) for first, last in zip(begin, end, strict=True))
    print(f"  {what:<40} {taken:8.1f} ms, of which {computed:8.1f} ms of CPU")


if __name__ == "__main__":
    main()
