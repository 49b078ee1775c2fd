"""Small cohorts of random images in memory, and tiles cut out of them pixel by pixel."""

from __future__ import annotations

import numpy as np

from vitrina.ml.columns import Column
from vitrina.ml.layer import Layer
from vitrina.ml.place import Places, plan_starts
from vitrina.ml.slide import Slide
from vitrina.ml.tiles import Tiles
from vitrina.readers.pixels.array import ArrayPixels

PAD = 7
MARGIN_PX = 256


class Chunked:
    """An array that says that it lies in chunks."""

    def __init__(self, array, chunks):
        self.array, self.chunks = array, chunks
        self.shape, self.dtype = array.shape, array.dtype

    def __getitem__(self, window):
        return self.array[window]


class Raster:
    """Opens an array; counts how often."""

    def __init__(self, array, chunks, axes="cyx"):
        self.array, self.chunks, self.axes = array, chunks, axes

    def open(self):
        return ArrayPixels(Chunked(self.array, self.chunks), self.axes)


def build_tiles(shapes=((1000, 1300, 256), (700, 900, 128), (640, 640, 512)), n=300, size_px=64, masks=False, seed=0):
    """Tiles at random places, some of them over the edge; ``shapes`` are height, width, side of a chunk."""
    rng = np.random.default_rng(seed)
    slides, slide_of, y, x = [], [], [], []
    for number, (height, width, chunk) in enumerate(shapes):
        image = rng.integers(0, 255, (3, height, width)).astype(np.uint8)
        labels = rng.integers(0, 2**20, (height, width)).astype(np.uint32)
        joint = 3 if number % 2 else 1
        slides.append(
            Slide(
                name=f"slide-{number}",
                image=Layer(Raster(image, (joint, chunk, chunk))),
                mask=Layer(Raster(labels, (chunk // 2, chunk), "yx")) if masks else None,
                uid=f"uid-{number}",
                hash=f"hash-{number}",
            )
        )
        slide_of.append(np.full(n, number))
        y.append(rng.uniform(-20, height + 20, n))
        x.append(rng.uniform(-20, width + 20, n))
    total = n * len(shapes)
    return Tiles(
        slides=tuple(slides),
        places=Places(
            slide_of=np.concatenate(slide_of),
            y0=plan_starts(np.concatenate(y), size_px),
            x0=plan_starts(np.concatenate(x), size_px),
            size_px=size_px,
        ),
        rows=np.arange(total),
        instances=np.arange(total),
        channels=("r", "g", "b"),
        dtype=np.dtype("u1"),
        pad_value=PAD,
        columns={"kind": Column(data=rng.integers(0, 3, total), categories=("a", "b", "c"))},
    )


def cut(tiles, number, array, pad):
    """One tile of an array, channels or none before rows and columns, pixel by pixel."""
    places = tiles.places
    y, x = places.y0[number], places.x0[number]
    rows = np.arange(y, y + places.size_px)
    columns = np.arange(x, x + places.size_px)
    is_there = ((rows >= 0) & (rows < array.shape[-2]))[:, None] & (columns >= 0) & (columns < array.shape[-1])
    found = array[..., rows.clip(0, array.shape[-2] - 1), :][..., columns.clip(0, array.shape[-1] - 1)]
    return np.where(is_there, found, pad)


def get_image(tiles, number):
    """The whole image that a tile lies in."""
    return tiles.slides[tiles.places.slide_of[number]].image._raster.array


def get_mask(tiles, number):
    """The whole label image that a tile lies in."""
    return tiles.slides[tiles.places.slide_of[number]].mask._raster.array
