"""Compressed tiles of TIFF files, decoded to where their pixels are wanted: no array in between is filled and copied.

That is done for what most microscopes write: lossless tiles of whole numbers in the byte order of this machine, one
sample per pixel, with the horizontal predictor or none.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 14 (the predictor takes differences
within a row), and https://www.awaresystems.be/imaging/tiff/tifftags/compression.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from vitrina.readers.pixels.axes import Pixels

_LOSSLESS = (5, 8, 32946, 34926, 50000)
"""LZW, two names of deflate, and two of Zstandard."""

_WITHOUT_PREDICTOR, _HORIZONTAL = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectDecoder:
    """Decodes the bytes of whole tiles.

    Attributes:
        shape_yx: Of a tile.
        decompress: Of imagecodecs; fills the array ``out``, and returns as much of it as there was.
        sum_up: Of imagecodecs; undoes the predictor in place. None where there is none.
    """

    shape_yx: tuple[int, int]
    decompress: Callable[..., Any]
    sum_up: Callable[..., Any] | None

    def decode(self, data: bytes | bytearray, out_yx: Pixels) -> bool:
        """Fill an array; False where it is not a whole tile without gaps, or the tile holds fewer bytes.

        Raises:
            Exception: Whatever imagecodecs raises for damaged bytes.
        """
        if out_yx.shape != self.shape_yx or not out_yx.flags.c_contiguous:
            return False
        flat = out_yx.reshape(-1).view("u1")
        if len(self.decompress(data, out=flat)) != len(flat):
            return False
        if self.sum_up is not None:
            self.sum_up(out_yx, axis=-1, out=out_yx)
        return True


def find_direct(
    keyframe: Any, stored: np.dtype[Any], segment_zyx: tuple[int, int, int], n_samples: int
) -> DirectDecoder | None:
    """The decoder of a level, None where its tiles are of another kind.

    Args:
        keyframe: Of the level, as tifffile has it.
        stored: Type of the pixels in the file, with its byte order.
        segment_zyx: Depth, height and width of a tile.
        n_samples: Interleaved samples per pixel.
    """
    is_simple = (
        keyframe.is_tiled
        and keyframe.compression in _LOSSLESS
        and keyframe.predictor in (_WITHOUT_PREDICTOR, _HORIZONTAL)
        and segment_zyx[0] == n_samples == 1
        and stored.kind in "iu"
        and stored.isnative
        and keyframe.bitspersample == stored.itemsize * 8
        and keyframe.fillorder == 1
        and keyframe.sampleformat != 5
        and not keyframe.is_subsampled
    )
    if not is_simple:
        return None
    from tifffile import TIFF

    return DirectDecoder(
        shape_yx=segment_zyx[1:],
        decompress=TIFF.DECOMPRESSORS[keyframe.compression],
        sum_up=TIFF.UNPREDICTORS[_HORIZONTAL] if keyframe.predictor == _HORIZONTAL else None,
    )
