"""Names of numbers in TIFF tags, as people know them.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, and for later ones
https://www.awaresystems.be/imaging/tiff/tifftags/compression.html
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPRESSION_NAMES: Mapping[int, str] = MappingProxyType({
    6: "old-style JPEG", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000",
    34887: "LERC",
    34925: "LZMA", 34933: "PNG", 34934: "JPEG XR", 50000: "Zstandard", 50002: "JPEG XL", 52546: "JPEG XL",
})  # fmt: skip

PHOTOMETRIC_NAMES: Mapping[int, str] = MappingProxyType({
    0: "WhiteIsZero", 1: "BlackIsZero", 2: "RGB", 3: "Palette", 4: "TransparencyMask", 5: "CMYK", 6: "YCbCr",
    8: "CIELab", 32803: "colour filter array",
})  # fmt: skip
