"""What the writer is told of an image before its pixels come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.convert.tiff.codecs import TileCodec, check_codec
from vitrina.errors import InputError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from vitrina.model.content import Channel
    from vitrina.pyramid.source import ShapeTczyx

type ShapeYx = tuple[int, int]

RGB_SAMPLES = 3

TILE_MULTIPLE = 16
"""Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 15, TileWidth"""

DEFAULT_TILE_SHAPE_YX = (512, 512)
"""A power of two, as Viv wants it; a screen needs about eight."""

OME_TYPES = {
    "uint8": "uint8", "int8": "int8", "uint16": "uint16", "int16": "int16", "uint32": "uint32", "int32": "int32",
    "float32": "float", "float64": "double",
}  # fmt: skip
"""NumPy's names and OME's.

Source: https://www.openmicroscopy.org/Schemas/Documentation/Generated/OME-2016-06/ome_xsd.html#PixelType; its bit and
complex types are left out, since web viewers read neither.
"""

_CASTS = {"bool": "uint8", "uint64": "uint32", "int64": "int32", "float16": "float32"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffImage:
    """One image of a file.

    Attributes:
        name: Its name, or None.
        dtype: Of its pixels.
        level_shapes_tczyx: Size of each level in pixels, finest first; only y and x differ between levels.
        n_joint_channels: Channels that are handed over together, as by the source.
        is_color: Whether each three channels are red, green and blue of one colour image, of 8 bits each; None where it
            is enough that they are handed over together. Handed over together they are interleaved, one by one they
            are stored apart, and channels that are no colours are planes of their own.
        tile_shape_yx: Height and width of a tile in pixels, multiples of 16; powers of two for viewers on the web.
        codec: Compression of the tiles.
        pixel_sizes: Size of one pixel of the finest level and its unit, per axis ``t``, ``z``, ``y``, ``x``; the unit
            is a UDUNITS-2 name or None. Axes without a size are left out, and so is time in a unit that is no time.
        channels: One per channel, or none at all; not used for colour images.
    """

    name: str | None = None
    dtype: np.dtype[Any]
    level_shapes_tczyx: tuple[ShapeTczyx, ...]
    n_joint_channels: int = 1
    is_color: bool | None = None
    tile_shape_yx: ShapeYx = DEFAULT_TILE_SHAPE_YX
    codec: TileCodec = field(default_factory=TileCodec)
    pixel_sizes: Mapping[str, tuple[float, str | None]] = field(default_factory=dict)
    channels: tuple[Channel, ...] = ()

    @property
    def shape_tczyx(self) -> ShapeTczyx:
        """Size of the finest level."""
        return self.level_shapes_tczyx[0]

    @property
    def is_rgb(self) -> bool:
        """Whether planes hold red, green and blue."""
        if self.is_color is None:
            return self.n_joint_channels == RGB_SAMPLES and self.dtype.name == "uint8"
        return self.is_color

    @property
    def n_samples(self) -> int:
        """Channels per plane."""
        return RGB_SAMPLES if self.is_rgb else 1

    @property
    def n_interleaved(self) -> int:
        """Channels per tile."""
        return self.n_samples if self.n_joint_channels == self.n_samples else 1

    @property
    def n_planes(self) -> int:
        """Planes of each level."""
        n_times, n_channels, depth, _, _ = self.shape_tczyx
        return n_times * (n_channels // self.n_samples) * depth

    @property
    def dimension_order(self) -> str:
        """The order of planes, fastest axis first.

        For colour images time runs before channels: a viewer that counts the three samples of a plane as three
        channels, as Viv does, then still finds the plane of each time and depth.

        Source: https://github.com/hms-dbmi/viv/blob/main/packages/loaders/src/tiff/singlefile-ome-tiff.ts
        """
        return "XYZTC" if self.is_rgb else "XYZCT"

    def get_grid_yx(self, level: int) -> ShapeYx:
        """Rows and columns of the tiles that cover a plane."""
        height, width = self.level_shapes_tczyx[level][3:]
        tile_height, tile_width = self.tile_shape_yx
        return -(-height // tile_height), -(-width // tile_width)

    def get_plane(self, t: int, c: int, z: int) -> int:
        """The number of the plane that holds a channel at a time and depth, by ``dimension_order``."""
        n_times, n_channels, depth, _, _ = self.shape_tczyx
        if self.is_rgb:
            return (c // self.n_samples * n_times + t) * depth + z
        return (t * n_channels + c) * depth + z


def check_image(image: TiffImage) -> None:
    """Whether OME-TIFF can hold an image.

    Raises:
        UnsupportedError: Its type is none of OME's, its levels differ in more than y and x, or its compression does not
            take its type.
        InputError: Its sizes or compression make no sense.
    """
    _check_dtype(image)
    check_codec(image.codec, image.dtype)
    _check_shapes(image)
    _check_channels(image)


def _check_dtype(image: TiffImage) -> None:
    if image.dtype.name not in OME_TYPES:
        cast = _CASTS.get(image.dtype.name)
        raise UnsupportedError(
            "tiff-dtype",
            f"OME-TIFF has no pixels of type {image.dtype.name}.",
            hint=f"Cast the image to {cast} first, if its values fit." if cast else "Cast the image to float32 first.",
        )


def _check_shapes(image: TiffImage) -> None:
    if not image.level_shapes_tczyx or any(min(shape) < 1 for shape in image.level_shapes_tczyx):
        raise InputError("tiff-shape", f"An image needs pixels; its levels are {image.level_shapes_tczyx}.")
    if any(shape[:3] != image.shape_tczyx[:3] for shape in image.level_shapes_tczyx):
        raise UnsupportedError(
            "tiff-levels",
            f"The levels of an OME-TIFF differ only in y and x, not as {image.level_shapes_tczyx}.",
            hint="Make the levels without reducing z, or write OME-Zarr.",
        )
    if any(side < TILE_MULTIPLE or side % TILE_MULTIPLE for side in image.tile_shape_yx):
        raise InputError(
            "tiff-tile-shape",
            f"The sides of a tile are multiples of {TILE_MULTIPLE}, not {' x '.join(map(str, image.tile_shape_yx))}.",
        )


def _check_channels(image: TiffImage) -> None:
    n_channels = image.shape_tczyx[1]
    if image.n_joint_channels < 1 or n_channels % image.n_joint_channels:
        raise InputError(
            "tiff-channels", f"{n_channels} channels cannot be handed over {image.n_joint_channels} at a time."
        )
    if image.channels and not image.is_rgb and len(image.channels) != n_channels:
        raise InputError(
            "tiff-channels", f"{len(image.channels)} channels are described, but the image has {n_channels}."
        )
    if image.is_rgb and (
        image.dtype.name != "uint8" or n_channels % RGB_SAMPLES or image.n_joint_channels not in (1, RGB_SAMPLES)
    ):
        raise InputError(
            "tiff-rgb",
            f"A colour image has three channels of type uint8, handed over together or one by one, not {n_channels} of "
            f"type {image.dtype.name}, {image.n_joint_channels} at a time.",
        )
