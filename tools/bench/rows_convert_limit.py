"""What the machine allows: ``rows_convert_limit.py WORKLOAD``; the lines that it reads name what is measured.

The name of a codec: compress every chunk of every level, padded at the edges as they are stored, from memory, in as
many threads as there are cores, and nothing else. ``decode``: decode every tile of the OME-TIFF, from memory, with what
reads it everywhere (tifffile, imagecodecs); it takes part in the limit where tiles are compressed. ``deflate``: encode
every tile of the OME-TIFF's levels, with the horizontal predictor.
"""

from __future__ import annotations

import sys
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import tifffile
import zarr
from numcodecs import blosc, zstd
from worker import serve
from workloads import CODECS, DEFLATE_LEVEL, N_LEVELS, N_THREADS, TILE, WORKLOADS, Codec, Workload, get_tiny

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SHUFFLES = {"noshuffle": 0, "shuffle": 1, "bitshuffle": 2}
blosc.use_threads = False


class Limit:
    """A workload in memory.

    Args:
        workload: Made before.
    """

    def __init__(self, workload: Workload) -> None:
        levels = [zarr.open_array(workload.zarr, path=str(level), mode="r")[...] for level in range(N_LEVELS)]
        self._chunks = [chunk for level in levels for chunk in list_padded(level, workload.get_chunk())]
        levels = levels[: workload.n_tiff_levels]
        tile = (*(1 for _ in workload.get_chunk()[:-2]), TILE, TILE)
        if workload.is_rgb:
            levels, tile = [np.moveaxis(level, 0, -1) for level in levels], (TILE, TILE, 3)
        self._tiles = [part for level in levels for part in list_padded(level, tile)]
        self._axis = -2 if workload.is_rgb else -1
        self._coded: list[tuple[int, bytes]] = []
        with tifffile.TiffFile(workload.source) as file:
            page = file.series[0].pages[0].aspage()
            self._decode_tile = page.decode  # made while the file is open, which it reads from
            for number, offset in enumerate(page.dataoffsets) if workload.is_rgb else ():
                file.filehandle.seek(offset)
                self._coded.append((number, file.filehandle.read(page.databytecounts[number])))

    def run(self, name: str) -> None:
        """Do what is measured once."""
        if name == "decode":
            for_all(self._coded, self._decode)
        elif name == "deflate":
            for_all(self._tiles, self._deflate)
        else:
            codec = CODECS[name]
            for_all(self._chunks, lambda chunk: compress(codec, chunk))

    def _decode(self, numbered: tuple[int, bytes]) -> None:
        number, data = numbered
        self._decode_tile(data, number)  # each tile brings its own JPEG tables

    def _deflate(self, tile: np.ndarray) -> None:
        imagecodecs.deflate_encode(imagecodecs.delta_encode(tile, axis=self._axis), level=DEFLATE_LEVEL)


def compress(codec: Codec, chunk: np.ndarray) -> bytes:
    """A chunk as it is stored."""
    if codec.name == "zstd":
        return zstd.compress(chunk, codec.level)
    return blosc.compress(chunk, b"zstd", codec.level, SHUFFLES[codec.shuffle])


def list_padded(level: np.ndarray, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
    """Chunks of a level, each whole and contiguous, with zeros beyond the edge."""
    for number in np.ndindex(*(-(-side // step) for side, step in zip(level.shape, shape, strict=True))):
        index = tuple(slice(i * step, (i + 1) * step) for i, step in zip(number, shape, strict=True))
        part = level[index]
        chunk = np.zeros(shape, level.dtype)
        chunk[tuple(slice(side) for side in part.shape)] = part
        yield chunk


def for_all(things: Iterable[object], function: Callable[..., object]) -> None:
    """Call a function with each thing, in as many threads as there are cores."""
    waiting = iter(things)
    lock = threading.Lock()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            while True:
                with lock:
                    thing = next(waiting, None)
                if thing is None:
                    return
                function(thing)
        except Exception as err:  # noqa: BLE001 (raised below, in the thread that waits)
            errors.append(err)

    threads = [threading.Thread(target=work) for _ in range(N_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def main() -> None:
    """Serve."""
    workload = WORKLOADS[sys.argv[1]]
    limit, tiny = Limit(workload), Limit(get_tiny(workload))

    def warm_up() -> None:
        for name in (*CODECS, "decode", "deflate"):
            tiny.run(name)

    serve(limit.run, warm_up, f"numcodecs {version('numcodecs')}, imagecodecs {version('imagecodecs')}")


if __name__ == "__main__":
    main()
