"""What is measured without much load: genes, the first look, memory, and the floor of transcoding."""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import tifffile
from numcodecs import Blosc, blosc
from server_processes import run_wrk, start_vitrina

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_inputs import Inputs
    from server_processes import Process
    from server_table import Side

PLATE = Path(__file__).with_name("plate.py")

BROWSER_CONNECTIONS = 6
"""That a browser opens to one server over HTTP/1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Genes:
    """Columns of a table, one after the other.

    Attributes:
        n: How many.
        wall: Seconds for all.
        p50_ms: That half of them took at most.
        cpu_ms: Of the server, for one.
        kb: That one has as it is sent.
    """

    n: int
    wall: float
    p50_ms: float
    cpu_ms: float
    kb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the server's process had in memory."""

    n_requests: int
    before_mb: float
    after_mb: float


class Floor:
    """The least that a transcoded tile takes: read it, decode it, encode it, with everything kept open.

    Args:
        path: The TIFF file.
    """

    def __init__(self, path: str) -> None:
        self._file = tifffile.TiffFile(path)
        page = self._file.series[0].levels[0].keyframe
        pages = self._file.series[0].levels[0].pages
        self._segments = [
            (number, *segment)
            for one in pages
            for number, segment in enumerate(zip(one.dataoffsets, one.databytecounts, strict=True))
        ]
        self._decode = page.decode
        self._stream = Path(path).open("rb", buffering=0)  # noqa: SIM115 (open as long as this is)
        self._at = 0
        blosc.use_threads = False

    def measure(self, seconds: float) -> float:
        """CPU milliseconds of a tile."""
        codec = Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE)
        n, cpu, deadline = 0, time.process_time(), time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            number, offset, n_bytes = self._segments[self._at % len(self._segments)]
            self._stream.seek(offset)
            pixels, _, _ = self._decode(self._stream.read(n_bytes), number)
            codec.encode(np.ascontiguousarray(pixels))
            self._at += 1
            n += 1
        return (time.process_time() - cpu) / n * 1e3


class Client:
    """One connection that is kept.

    Args:
        port: Of the server.
    """

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> bytes:
        """The body of an answer.

        Raises:
            SystemExit: The answer is another than 200.
        """
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        return body


def measure_genes(process: Process, uid: str, n: int) -> Genes:
    """Genes in random order over one connection, after the first."""
    client = Client(process.port)
    array = json.loads(client.get(f"/zarr/{uid}/X/.zarray"))
    n_chunks = -(-array["shape"][1] // array["chunks"][1])
    client.get(f"/zarr/{uid}/X/0.0")
    walls, n_bytes, cpu = [], 0, process.read_cpu()
    for column in np.random.default_rng(1).integers(0, n_chunks, n):
        started = time.perf_counter()
        n_bytes += len(client.get(f"/zarr/{uid}/X/0.{column}"))
        walls.append(time.perf_counter() - started)
    cpu = process.read_cpu() - cpu
    p50_ms = statistics.median(walls) * 1e3
    return Genes(n=n, wall=sum(walls), p50_ms=p50_ms, cpu_ms=cpu / n * 1e3, kb=n_bytes / n / 1e3)


def measure_plate() -> list[float]:
    """Seconds that the first tile of a plate of 384 wells and 3,456 fields takes, each time in a new process."""
    output = subprocess.run([sys.executable, str(PLATE), "--brief"], check=True, capture_output=True, text=True).stdout
    return [float(line) for line in output.split()]


def measure_first_look(inputs: Inputs, name: str, work: Path, n_starts: int) -> list[float]:
    """Seconds from the first request to a fresh server until it has sent the coarsest level; nothing is kept before."""
    taken = []
    for _ in range(n_starts):
        shutil.rmtree(Path(inputs.root) / ".vitrina" / "cache" / "chunks", ignore_errors=True)
        process = start_vitrina(inputs.root, work, "first-look")
        try:
            taken.append(look(process.port, f"/zarr/{inputs.uids[name]}"))
        finally:
            process.close()
    return taken


def look(port: int, base: str) -> float:
    """Seconds for the metadata, and all chunks of the coarsest level as a browser asks for them."""
    started = time.perf_counter()
    client = Client(port)
    path = find_image(client, base)
    datasets = json.loads(client.get(f"{path}/.zattrs"))["multiscales"][0]["datasets"]
    level = f"{path}/{datasets[-1]['path']}"
    array = json.loads(client.get(f"{level}/.zarray"))
    counts = [-(-size // chunk) for size, chunk in zip(array["shape"], array["chunks"], strict=True)]
    keys = [f"{level}/{'/'.join(map(str, index))}" for index in np.ndindex(*counts)]
    with ThreadPoolExecutor(BROWSER_CONNECTIONS) as pool:
        list(pool.map(lambda key: Client(port).get(key), keys))
    return time.perf_counter() - started


def find_image(client: Client, base: str) -> str:
    """Where the image lies: at the root, or at ``0``."""
    return base if "multiscales" in json.loads(client.get(f"{base}/.zattrs")) else f"{base}/0"


def measure_memory(process: Process, sides: Sequence[Side], work: Path, n_requests: int) -> Memory:
    """Memory before and after many more requests for everything that was asked for before."""
    paths = [path for side in sides for path in side.paths]
    run_wrk(process, paths, work, connections=16, seconds=1)
    before, n = process.read_rss_mb(), 0
    while n < n_requests:
        n += run_wrk(process, paths, work, connections=16, seconds=1).n
    return Memory(n_requests=n, before_mb=before, after_mb=process.read_rss_mb())
