"""Kills conversions at many moments and has them go on; run by ``test_convert_killed.py`` in a process of its own.

Usage: kill_conversions.py SOURCE FOLDER KIND N_MOMENTS SEED. Prints what happened as JSON. The process has one thread,
so that a child that it forks is as good as a fresh one; each conversion runs in such a child.

Half of the moments are a number of blocks, and a millisecond or so more; the others are a part of the time that an
uninterrupted conversion takes.
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

    def __init__(self, source, folder, kind):
        name, options = KINDS[kind]
        assert threading.active_count() == len(list(Path("/proc/self/task").iterdir())) == 1
        self.told, tell = os.pipe()
        self.seen = b""
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.told)
            self._run(source, folder / name, options, tell)
        os.close(tell)

    def _run(self, source, target, options, tell):
        n_reads, n_blocks, loaded = [], [], set(sys.modules)
        read_into = TiffPixels.read_into

        def count(pixels, *arguments):
            n_reads.append(1)
            read_into(pixels, *arguments)

        def progress(_, n_all):
            n_blocks[:] = [n_all]
            os.write(tell, b".")

        TiffPixels.read_into = count
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
        told = self.seen
        while data := os.read(self.told, 2**16):
            told += data
        os.close(self.told)
        status = os.waitpid(self.pid, 0)[1]
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return None
        assert status == 0, "a conversion failed"
        return json.loads(told.lstrip(b"."))

    def kill(self, chance, whole):
        """Kill it at a moment, unless it ends before."""
        if chance.random() < 0.5:
            for _ in range(chance.randrange(whole["n_blocks"])):
                self.seen = os.read(self.told, 1)
                if self.seen != b".":  # it has ended
                    break
            time.sleep(chance.random() * 0.003)
        else:
            time.sleep(chance.random() * whole["seconds"])
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


def interrupt(source, folder, kind, chance, whole):
    """Start a conversion and kill it; whether it was killed, and whether something was stored by then."""
    name = KINDS[kind][0]
    child = Child(source, folder, kind)
    child.kill(chance, whole)
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
        kills = []
        for _ in range(1 + (chance.random() < 0.3)):
            kills.append(interrupt(source, own, kind, chance, whole))
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
