"""Decide how a file is laid out, before the first tile: classic TIFF or BigTIFF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vitrina.convert.tiff.directory import Layout, align
from vitrina.convert.tiff.image import TiffImage, check_image
from vitrina.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitrina.convert.tiff.codecs import TileCodec
    from vitrina.convert.tiff.image import ShapeYx

MAX_CLASSIC_BYTES = 2**32 - 2**25
"""Offsets of classic TIFF have 32 bits; the rest is slack for what the bound does not count."""

TILE_ALIGNMENT_BYTES = 16

_DIRECTORY_BYTES = 1024
"""More than a directory takes without its tiles' offsets and sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffPlan:
    """The layout of a file.

    Attributes:
        images: In the order in which the file lists them.
        layout: Which TIFF.
    """

    images: tuple[TiffImage, ...]
    layout: Layout


def plan_tiff(
    images: Sequence[TiffImage],
    *,
    tile_shape_yx: ShapeYx | None = None,
    codec: TileCodec | None = None,
    is_big: bool | None = None,
) -> TiffPlan:
    """Plan a file.

    Args:
        images: At least one; a colour image best comes last, since Viv does not find those behind it.
        tile_shape_yx: Height and width of the tiles of all images; None for those that each asks for.
        codec: Compression of all images; None for those that each asks for.
        is_big: Whether to write BigTIFF; by default where the file could pass 4 GiB.

    Raises:
        InputError: The images, their tiles or compression make no sense.
        UnsupportedError: OME-TIFF cannot hold them.
    """
    if not images:
        raise InputError("tiff-no-image", "A TIFF file needs at least one image.")
    planned = tuple(
        replace(image, tile_shape_yx=tile_shape_yx or image.tile_shape_yx, codec=codec or image.codec)
        for image in images
    )
    for image in planned:
        check_image(image)
    if is_big is None:
        is_big = bound_size_bytes(planned) > MAX_CLASSIC_BYTES
    return TiffPlan(images=planned, layout=Layout(is_big=is_big))


def bound_size_bytes(images: Sequence[TiffImage]) -> int:
    """What the file takes at most, were its pixels noise."""
    size_bytes = 0
    for image in images:
        raw_size_bytes = image.tile_shape_yx[0] * image.tile_shape_yx[1] * image.n_samples * image.dtype.itemsize
        tile_bytes = align(image.codec.get_max_size_bytes(raw_size_bytes), TILE_ALIGNMENT_BYTES) + 64
        for level in range(len(image.level_shapes_tczyx)):
            rows, columns = image.get_grid_yx(level)
            size_bytes += image.n_planes * (rows * columns * tile_bytes + _DIRECTORY_BYTES)
    return size_bytes
