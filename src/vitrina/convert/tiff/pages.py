"""The directories of a plane: one for its finest level, which points to those of the coarser ones.

Source: https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html#sub-resolutions and
https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, sections 8 and 15, for the fields.
"""

from __future__ import annotations

from enum import IntEnum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from vitrina.convert.tiff.codecs import NO_PREDICTOR
from vitrina.convert.tiff.directory import Field, FieldType, build_directory, build_field, measure_directory
from vitrina.convert.tiff.units import find_length_um

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from vitrina.convert.tiff.directory import Layout
    from vitrina.convert.tiff.image import TiffImage
    from vitrina.convert.tiff.plan import TiffPlan

UM_PER_CM = 10_000.0


class Tag(IntEnum):
    """The fields that are written."""

    NEW_SUBFILE_TYPE = 254
    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    PHOTOMETRIC_INTERPRETATION = 262
    IMAGE_DESCRIPTION = 270
    SAMPLES_PER_PIXEL = 277
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANAR_CONFIGURATION = 284
    RESOLUTION_UNIT = 296
    SOFTWARE = 305
    PREDICTOR = 317
    TILE_WIDTH = 322
    TILE_LENGTH = 323
    TILE_OFFSETS = 324
    TILE_BYTE_COUNTS = 325
    SUB_IFDS = 330
    SAMPLE_FORMAT = 339


_BLACK_IS_ZERO, _RGB = 1, 2
_INTERLEAVED, _APART = 1, 2
_NO_UNIT, _CENTIMETER = 1, 3
_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}


def build_plane(
    plan: TiffPlan,
    i: int,
    tiles: Sequence[tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]],
    position: int,
    *,
    description: bytes | None,
    is_last: bool,
) -> bytes:
    """All directories of one plane, the finest level first.

    Args:
        plan: The file's layout.
        i: Which image the plane belongs to.
        tiles: Offsets and sizes in bytes of the plane's tiles, for each level, sample by sample and row by row.
        position: Where in the file the directories will lie.
        description: Text for the first directory of the file.
        is_last: Whether no other plane follows; it would lie right behind.
    """
    image, layout = plan.images[i], plan.layout
    levels = [_build_fields(layout, image, level, *found) for level, found in enumerate(tiles)]
    if description is not None:
        levels[0].append(build_field(Tag.IMAGE_DESCRIPTION, FieldType.ASCII, description))
    if len(levels) > 1:
        place = build_field(Tag.SUB_IFDS, layout.offset_type, [0] * (len(levels) - 1))
        starts = np.cumsum([measure_directory(fields, layout) for fields in [[*levels[0], place], *levels[1:]]])
        sub_positions = [position + int(start) for start in starts]
        levels[0].append(build_field(Tag.SUB_IFDS, layout.offset_type, sub_positions[:-1]))
        positions = [position, *sub_positions]
    else:
        positions = [position, position + measure_directory(levels[0], layout)]
    directories = []
    for level, fields in enumerate(levels):
        following = positions[-1] if level == 0 and not is_last else 0
        directories.append(build_directory(fields, positions[level], following, layout))
    return b"".join(directories)


def build_resolution(size_um: float | None) -> tuple[int, int] | None:
    """Pixels per centimeter as a ratio of two 32-bit numbers; None where there is no such ratio.

    >>> build_resolution(0.5)
    (20000, 1)
    """
    if size_um is None or not 0 < size_um < float("inf"):
        return None
    per_cm = UM_PER_CM / size_um
    if not per_cm < 2**31:
        return None
    ratio = Fraction(per_cm).limit_denominator(max(1, min(1_000_000, int(2**31 / max(per_cm, 1)))))
    return (ratio.numerator, ratio.denominator) if ratio else None


def _build_fields(
    layout: Layout,
    image: TiffImage,
    level: int,
    offsets: npt.NDArray[np.uint64],
    sizes_bytes: npt.NDArray[np.uint64],
) -> list[Field]:
    *_, height, width = image.level_shapes_tczyx[level]
    tile_height, tile_width = image.tile_shape_yx
    predictor = image.codec.get_predictor(image.dtype)
    shorts = {
        Tag.BITS_PER_SAMPLE: [8 * image.dtype.itemsize] * image.n_samples,
        Tag.COMPRESSION: [image.codec.code],
        Tag.PHOTOMETRIC_INTERPRETATION: [_RGB if image.is_rgb else _BLACK_IS_ZERO],
        Tag.SAMPLES_PER_PIXEL: [image.n_samples],
        Tag.PLANAR_CONFIGURATION: [_INTERLEAVED if image.n_interleaved == image.n_samples else _APART],
        Tag.SAMPLE_FORMAT: [_SAMPLE_FORMATS[image.dtype.kind]] * image.n_samples,
    }
    if predictor != NO_PREDICTOR:
        shorts[Tag.PREDICTOR] = [predictor]
    longs: dict[Tag, Sequence[int] | npt.NDArray[np.uint64]] = {
        Tag.NEW_SUBFILE_TYPE: [1 if level else 0],
        Tag.IMAGE_WIDTH: [width],
        Tag.IMAGE_LENGTH: [height],
        Tag.TILE_WIDTH: [tile_width],
        Tag.TILE_LENGTH: [tile_height],
        Tag.TILE_BYTE_COUNTS: sizes_bytes,
    }
    return [
        *(build_field(tag, FieldType.SHORT, values) for tag, values in shorts.items()),
        *(build_field(tag, FieldType.LONG, values) for tag, values in longs.items()),
        build_field(Tag.TILE_OFFSETS, layout.offset_type, offsets),
        build_field(Tag.SOFTWARE, FieldType.ASCII, b"Vitrina"),
        *_build_resolution_fields(image, level),
    ]


def _build_resolution_fields(image: TiffImage, level: int) -> list[Field]:
    found = {}
    for axis, tag, position in (("y", Tag.Y_RESOLUTION, 3), ("x", Tag.X_RESOLUTION, 4)):
        size, unit = image.pixel_sizes.get(axis, (0.0, None))
        unit_um = find_length_um(unit)
        ratio = image.shape_tczyx[position] / image.level_shapes_tczyx[level][position]
        found[tag] = build_resolution(None if unit_um is None else size * unit_um * ratio)
    is_known = None not in found.values()
    return [
        *(
            build_field(tag, FieldType.RATIONAL, (ratio if is_known else None) or (1, 1))
            for tag, ratio in found.items()
        ),
        build_field(Tag.RESOLUTION_UNIT, FieldType.SHORT, [_CENTIMETER if is_known else _NO_UNIT]),
    ]
