"""Fields of TIFF and how their values are stored.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2 and appendix A
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBFILE_TYPE: Final = 254
WIDTH: Final = 256
LENGTH: Final = 257
BITS: Final = 258
COMPRESSION: Final = 259
PHOTOMETRIC: Final = 262
DESCRIPTION: Final = 270
STRIP_OFFSETS: Final = 273
SAMPLES: Final = 277
ROWS_PER_STRIP: Final = 278
STRIP_SIZES: Final = 279
PLANAR: Final = 284
TILE_WIDTH: Final = 322
TILE_LENGTH: Final = 323
TILE_OFFSETS: Final = 324
TILE_SIZES: Final = 325
SUB_DIRECTORIES: Final = 330
SAMPLE_FORMAT: Final = 339
YCBCR_SUBSAMPLING: Final = 530

NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        SUBFILE_TYPE: "NewSubfileType", WIDTH: "ImageWidth", LENGTH: "ImageLength", BITS: "BitsPerSample",
        COMPRESSION: "Compression", PHOTOMETRIC: "PhotometricInterpretation", DESCRIPTION: "ImageDescription",
        STRIP_OFFSETS: "StripOffsets", SAMPLES: "SamplesPerPixel", ROWS_PER_STRIP: "RowsPerStrip",
        STRIP_SIZES: "StripByteCounts", PLANAR: "PlanarConfiguration", TILE_WIDTH: "TileWidth",
        TILE_LENGTH: "TileLength", TILE_OFFSETS: "TileOffsets", TILE_SIZES: "TileByteCounts",
        SUB_DIRECTORIES: "SubIFDs", SAMPLE_FORMAT: "SampleFormat", 282: "XResolution", 283: "YResolution",
        296: "ResolutionUnit", 305: "Software", 306: "DateTime", 317: "Predictor", 320: "ColorMap",
        338: "ExtraSamples", 347: "JPEGTables",
    }
)  # fmt: skip

TYPE_SIZES: Final[Mapping[int, int]] = MappingProxyType(
    {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
)
"""Bytes of a value of each type."""

NUMPY_TYPES: Final[Mapping[int, str]] = MappingProxyType(
    {1: "u1", 3: "u2", 4: "u4", 6: "i1", 8: "i2", 9: "i4", 13: "u4", 16: "u8", 17: "i8", 18: "u8"}
)
"""Types of whole numbers."""
