"""Decide how a file is laid out, before the first tile: tile grids, and classic TIFF or BigTIFF."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.convert.tiff.codecs import TileCodec, check_codec
from vitrina.convert.tiff.directory import Layout, align
from vitrina.convert.tiff.image import TiffImage, check_image
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

type ShapeYx = tuple[int, int]

TILE_MULTIPLE = 16
"""Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 15, TileWidth"""

MAX_CLASSIC_BYTES = 2**32 - 2**25
"""Offsets of classic TIFF have 32 bits; the rest is slack for what the bound does not count."""

TILE_ALIGNMENT_BYTES = 16

DEFAULT_TILE_SHAPE_YX = (512, 512)
"""A power of two, as Viv wants it; a screen needs about eight."""

_DIRECTORY_BYTES = 1024
"""More than a directory takes without its tiles' offsets and sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffPlan:
    """The layout of a file.

    Attributes:
        images: In the order in which the file lists them.
        tile_shape_yx: Of all tiles of all images.
        codec: Compression of all tiles.
        layout: Which TIFF.
    """

    images: tuple[TiffImage, ...]
    tile_shape_yx: ShapeYx
    codec: TileCodec
    layout: Layout

    def get_grid_yx(self, image: int, level: int) -> ShapeYx:
        """Rows and columns of tiles."""
        return measure_grid(self.images[image].level_shapes_tczyx[level][3:], self.tile_shape_yx)


def plan_tiff(
    images: Sequence[TiffImage],
    *,
    tile_shape_yx: ShapeYx = DEFAULT_TILE_SHAPE_YX,
    codec: TileCodec | None = None,
    is_big: bool | None = None,
) -> TiffPlan:
    """Plan a file.

    Args:
        images: At least one.
        tile_shape_yx: Height and width of a tile in pixels, multiples of 16; powers of two for viewers on the web.
        codec: Compression; deflate by default.
        is_big: Whether to write BigTIFF; by default where the file could pass 4 GiB.

    Raises:
        InputError: The images, tiles or compression make no sense.
        UnsupportedError: OME-TIFF cannot hold them.
    """
    codec = codec or TileCodec()
    if not images:
        raise InputError("tiff-no-image", "A TIFF file needs at least one image.")
    if any(side < TILE_MULTIPLE or side % TILE_MULTIPLE for side in tile_shape_yx):
        raise InputError(
            "tiff-tile-shape",
            f"The sides of a tile are multiples of {TILE_MULTIPLE}, not {tile_shape_yx[0]} x {tile_shape_yx[1]}.",
        )
    for image in images:
        check_image(image)
        check_codec(codec, image.dtype)
    if is_big is None:
        is_big = bound_size_bytes(images, tile_shape_yx, codec) > MAX_CLASSIC_BYTES
    return TiffPlan(images=tuple(images), tile_shape_yx=tile_shape_yx, codec=codec, layout=Layout(is_big=is_big))


def measure_grid(shape_yx: ShapeYx, tile_shape_yx: ShapeYx) -> ShapeYx:
    """Rows and columns of the tiles that cover a plane.

    >>> measure_grid((513, 512), (512, 512))
    (2, 1)
    """
    return -(-shape_yx[0] // tile_shape_yx[0]), -(-shape_yx[1] // tile_shape_yx[1])


def bound_size_bytes(images: Sequence[TiffImage], tile_shape_yx: ShapeYx, codec: TileCodec) -> int:
    """What the file takes at most, were its pixels noise."""
    size_bytes = 0
    for image in images:
        raw_size_bytes = tile_shape_yx[0] * tile_shape_yx[1] * image.n_samples * image.dtype.itemsize
        tile_bytes = align(codec.get_max_size_bytes(raw_size_bytes), TILE_ALIGNMENT_BYTES) + 16
        for shape in image.level_shapes_tczyx:
            rows, columns = measure_grid(shape[3:], tile_shape_yx)
            size_bytes += image.n_planes * (rows * columns * tile_bytes + _DIRECTORY_BYTES)
    return size_bytes
