"""Kills conversions at many moments and has them go on; run by ``test_convert_killed.py`` in a process of its own.

Usage: kill_conversions.py SOURCE FOLDER KIND N_MOMENTS SEED. Prints what happened as JSON. The process has one thread,
so that a child that it forks is as good as a fresh one; each conversion runs in such a child.

At half of the moments one of two threads stands still after a number of blocks, so that the kill surely hits it, and
the other goes on to the end of its block at most. The others are a part of the time that an uninterrupted conversion
takes, which on a busy machine may come after its end.
"""

import importlib
import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from itertools import count
from pathlib import Path

from vitrina.convert.ome_tiff import OmeTiffOptions
from vitrina.convert.ome_zarr import OmeZarrOptions
from vitrina.convert.options import PyramidOptions
from vitrina.readers.pixels.tiff import TiffPixels
from vitrina.verbs.convert import convert

PYRAMID = PyramidOptions(chunk_zyx=(1, 64, 64), n_levels=4, n_threads=2, max_memory_bytes=200_000)
FILTERED = PyramidOptions(
    chunk_zyx=(1, 64, 64), n_levels=4, n_threads=2, max_memory_bytes=200_000, downsampling="lanczos"
)
KINDS = {
    "zarr-0.5": ("out.ome.zarr", OmeZarrOptions(pyramid=PYRAMID, shard_zyx=(1, 4, 4))),
    "zarr-0.4": ("out.ome.zarr", OmeZarrOptions(version="0.4", pyramid=PYRAMID)),
    "tiff": ("out.ome.tif", OmeTiffOptions(pyramid=PYRAMID)),
    "lanczos": ("out.ome.zarr", OmeZarrOptions(pyramid=FILTERED, shard_zyx=(1, 4, 4))),
}


class Child:
    """A conversion in a process of its own."""

    def __init__(self, source, folder, kind, stands_still_after=None):
        name, options = KINDS[kind]
        assert threading.active_count() == len(list(Path("/proc/self/task").iterdir())) == 1
        self.told, tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.told)
            self._run(source, folder / name, options, tell, stands_still_after)
        os.close(tell)

    def _run(self, source, target, options, tell, stands_still_after):
        n_reads, n_blocks, loaded, calls = [], [], set(sys.modules), count()
        read_into = TiffPixels.read_into

        def read_and_count(pixels, *arguments):
            n_reads.append(1)
            read_into(pixels, *arguments)

        def progress(_, n_all):
            n_blocks[:] = [n_all]
            number = next(calls)
            if stands_still_after is not None and number >= stands_still_after:
                if number == stands_still_after:
                    os.write(tell, b".")
                time.sleep(60)

        TiffPixels.read_into = read_and_count
        try:
            done = convert(source, target, options, progress=progress)
            told = {"n_reads": len(n_reads), "n_blocks": sum(n_blocks), "is_resumed": done.is_resumed}
            told["modules"] = [name for name in sys.modules if name not in loaded]
            os.write(tell, json.dumps(told).encode())
        except BaseException:  # noqa: BLE001 a child never returns
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    def wait(self):
        """What it tells of its end; None when it was killed."""
        told = b""
        while data := os.read(self.told, 2**16):
            told += data
        os.close(self.told)
        status = os.waitpid(self.pid, 0)[1]
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return None
        assert status == 0, "a conversion failed"
        return json.loads(told)

    def kill_standing(self, chance):
        """Kill it a little after it stands still."""
        assert os.read(self.told, 1) == b".", "it ended before it stood still"
        time.sleep(chance.random() * 0.005)
        os.kill(self.pid, signal.SIGKILL)

    def kill_within(self, seconds):
        """Kill it at a time, unless it ends before."""
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGKILL)


def read_tree(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def run_whole(source, folder, kind):
    """An uninterrupted conversion: its result, its reads, its blocks and its time, without the time of imports."""
    for own in (folder.with_name("loading"), folder):
        own.mkdir()
        start = time.monotonic()
        told = Child(source, own, kind).wait()
        for name in told.pop("modules"):
            with suppress(ImportError):  # some exist only in memory
                importlib.import_module(name)
    return read_tree(folder), told | {"seconds": time.monotonic() - start}


def interrupt(source, folder, kind, chance, whole, *, stands_still_after):
    """Start a conversion and kill it; whether it was killed, and whether something was stored by then."""
    name = KINDS[kind][0]
    child = Child(source, folder, kind, stands_still_after)
    if stands_still_after is None:
        child.kill_within(chance.random() * whole["seconds"])
    else:
        child.kill_standing(chance)
    was_killed = child.wait() is None
    journals = list((folder / f".{name}.part").glob("journal-*"))
    return {
        "was_killed": was_killed,
        "had_stored": any(path.stat().st_size for path in journals),
        "is_seen": (folder / name).exists(),
    }


def main(source, folder, kind, n_moments, seed):
    chance = random.Random(seed)  # noqa: S311 any moments will do
    expected, whole = run_whole(source, folder / "whole", kind)
    happened = []
    for number in range(n_moments):
        own = folder / str(number)
        own.mkdir()
        kills, n_kills = [], 1 + (chance.random() < 0.3)
        for _ in range(n_kills):
            # the second conversion of a pair has at least half of the blocks to make
            after = None if number % 2 else chance.randrange(whole["n_blocks"] // (1 if n_kills == 1 else 4))
            kills.append(interrupt(source, own, kind, chance, whole, stands_still_after=after))
            if kills[-1]["is_seen"]:
                break
        told = None if kills[-1]["is_seen"] else Child(source, own, kind).wait()
        if told:
            del told["modules"]
        tree = read_tree(own)
        if told is None:  # it was killed while it tidied up behind the complete result, or after that
            tree = {name: data for name, data in tree.items() if not name.startswith(".")}
        happened.append({"kills": kills, "told": told, "is_equal": tree == expected})
    print(json.dumps({"whole": whole, "happened": happened}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
