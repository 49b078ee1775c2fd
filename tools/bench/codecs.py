"""Measure codecs on real images: how small, how fast to write and to read. The basis of docs/decisions/codecs.md.

    python tools/bench/codecs.py FOLDER

reads every image below a folder of samples that Vitrina's readers know, cuts the finest level into chunks of 512 x 512
pixels as a conversion does, and prints a table. One thread; CPU time, the median of three turns.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vitrina.convert.open_images import list_rasters
from vitrina.convert.zarr.codecs import Codec
from vitrina.errors import VitrinaError
from vitrina.model.content import ImageElement
from vitrina.readers.elements import open_pixels
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

SIDE_PX = 512
MAX_CHUNKS = 48
"""Per image, so that one large image does not speak for all."""

MIN_SIDE_PX = 100
"""Thumbnails and tiny test images are left out."""

REPEATS = 3

CODECS = {
    "blosc zstd 1 shuffle": Codec(level=1),
    "blosc zstd 1 bitshuffle": Codec(level=1, shuffle="bitshuffle"),
    "blosc zstd 3 shuffle": Codec(level=3),
    "blosc zstd 3 bitshuffle": Codec(level=3, shuffle="bitshuffle"),
    "blosc zstd 5 shuffle": Codec(level=5),
    "blosc lz4 5 shuffle": Codec(inner="lz4", level=5),
    "blosc lz4 5 bitshuffle": Codec(inner="lz4", level=5, shuffle="bitshuffle"),
    "zstd 1": Codec(name="zstd", level=1),
    "zstd 3": Codec(name="zstd", level=3),
    "gzip 5": Codec(name="gzip", level=5),
}


def main() -> None:
    """Measure and print."""
    folder = Path(sys.argv[1])
    chunks: dict[str, list[list[npt.NDArray[np.generic]]]] = {"images": [], "labels": []}
    for path in find_sources(folder):
        for kind, image in read_chunks(path):
            chunks[kind].append(image)
            size = sum(chunk.nbytes for chunk in image)
            print(f"{kind}: {path.relative_to(folder)}, {image[0].dtype}, {size / 1e6:.1f} MB", file=sys.stderr)
    for kind, images in chunks.items():
        print(f"\n{len(images)} {kind}, {sum(c.nbytes for image in images for c in image) / 1e6:.0f} MB\n")
        print("| codec | times smaller | write MB per CPU s | read MB per CPU s |\n|---|---|---|---|")
        for name, codec in CODECS.items():
            ratio, write, read = measure(codec, images)
            print(f"| {name} | {ratio:.2f} | {write:,.0f} | {read:,.0f} |")


def find_sources(folder: Path) -> Iterator[Path]:
    """Files and Zarr folders."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.suffix != ".zarr":
            yield from find_sources(path)
        elif path.suffix in {".tif", ".tiff", ".svs", ".zarr"}:
            yield path


def read_chunks(path: Path) -> Iterator[tuple[str, list[npt.NDArray[np.generic]]]]:
    """The chunks of every image of a source."""
    source = open_source(path)
    try:
        reader = find_reader(source)
        content = None if reader is None else reader.read_content(source)
    except VitrinaError:
        return
    for element in [] if content is None else list_rasters(content):
        pixels = open_pixels(source, content, element)
        n_t, n_c, n_z, height, width = pixels.shape_tczyx
        if min(height, width) < MIN_SIDE_PX:
            pixels.close()
            continue
        joint = pixels.n_joint_channels
        found: list[npt.NDArray[np.generic]] = []
        for t, c, z in np.ndindex(n_t, n_c // joint, n_z):
            for y in range(0, height, SIDE_PX):
                for x in range(0, width, SIDE_PX):
                    window = np.zeros((joint, 1, min(SIDE_PX, height - y), min(SIDE_PX, width - x)), pixels.dtype)
                    if len(found) < MAX_CHUNKS:
                        pixels.read_into((t, c * joint, z, y, x), window)
                        found.extend(np.ascontiguousarray(plane) for plane in window)
        pixels.close()
        if any(chunk.any() for chunk in found):
            yield "images" if isinstance(element, ImageElement) else "labels", found


def measure(codec: Codec, images: list[list[npt.NDArray[np.generic]]]) -> tuple[float, float, float]:
    """How many times smaller (geometric mean over images), and MB per CPU second of writing and reading."""
    ratios, encode_seconds, decode_seconds = [], [], []
    for image in images:
        encoded = [codec.encode(chunk) for chunk in image]
        ratios.append(sum(chunk.nbytes for chunk in image) / sum(map(len, encoded)))
    for _ in range(REPEATS):
        started = time.process_time()
        for image in images:
            encoded = [codec.encode(chunk) for chunk in image]
        encode_seconds.append(time.process_time() - started)
        seconds = 0.0
        for image in images:
            encoded = [codec.encode(chunk) for chunk in image]
            started = time.process_time()
            for data, chunk in zip(encoded, image, strict=True):
                codec.decode(data, chunk.nbytes)
            seconds += time.process_time() - started
        decode_seconds.append(seconds)
    megabytes = sum(chunk.nbytes for image in images for chunk in image) / 1e6
    return (
        statistics.geometric_mean(ratios),
        megabytes / statistics.median(encode_seconds),
        megabytes / statistics.median(decode_seconds),
    )


if __name__ == "__main__":
    main()
