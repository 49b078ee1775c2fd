"""How a tile becomes bytes: TIFF's compressions and predictors.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, sections 13 (LZW) and 14 (predictor);
https://www.awaresystems.be/imaging/tiff/tifftags/compression.html for the later codes;
https://chriscox.org/TIFFTN3d1.pdf (floating-point predictor).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vitrina.errors import InputError, UnreadableError, UnsupportedError

if TYPE_CHECKING:
    import numpy.typing as npt

    from vitrina.pyramid.source import Pixels

type CodecName = Literal["none", "deflate", "lzw", "zstd", "jpeg"]

COMPRESSION_CODES: dict[CodecName, int] = {"none": 1, "lzw": 5, "jpeg": 7, "deflate": 8, "zstd": 50_000}

DEFAULT_LEVELS: dict[CodecName, int] = {"deflate": 1, "zstd": 1, "jpeg": 80}
"""Measured on real images: deflate 6 is 1.5% smaller than 1 and takes more than twice the time; zstd 3 is 2% smaller
and takes 1.8 times as long; JPEG 80 keeps 38 dB of a stained section at a seventh of its size."""

_LEVELS: dict[CodecName, range] = {"deflate": range(13), "zstd": range(1, 23), "jpeg": range(1, 101)}

NO_PREDICTOR, HORIZONTAL_PREDICTOR, FLOAT_PREDICTOR = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TileCodec:
    """A compression.

    Attributes:
        name: ``deflate`` is what every reader knows; ``zstd`` is faster, but only newer ones have it; ``jpeg`` loses
            details and takes 8-bit pixels alone.
        level: 0 to 12 for deflate, 1 to 22 for zstd, quality 1 to 100 for jpeg; None for a good default.
        predicts_floats: Whether floating-point tiles are predicted, for files that are a seventh smaller but that
            Bio-Formats cannot read.
    """

    name: CodecName = "deflate"
    level: int | None = None
    predicts_floats: bool = False

    @property
    def code(self) -> int:
        """TIFF's number for the compression."""
        return COMPRESSION_CODES[self.name]

    @property
    def is_lossless(self) -> bool:
        """Whether pixels come back as they were."""
        return self.name != "jpeg"

    def get_predictor(self, dtype: np.dtype[Any]) -> int:
        """TIFF's number for the predictor: none where nothing is compressed, or where it is not widely read."""
        if self.name in ("none", "jpeg"):
            return NO_PREDICTOR
        if dtype.kind in "iu":
            return HORIZONTAL_PREDICTOR
        return FLOAT_PREDICTOR if self.predicts_floats else NO_PREDICTOR

    def get_max_size_bytes(self, raw_size_bytes: int) -> int:
        """What a tile may take at most; every codec makes noise larger than it was."""
        match self.name:
            case "none":
                return raw_size_bytes
            case "lzw" | "jpeg":
                return 2 * raw_size_bytes + 4096
            case "deflate" | "zstd":
                return raw_size_bytes + raw_size_bytes // 64 + 1024


def check_codec(codec: TileCodec, dtype: np.dtype[Any]) -> None:
    """Whether a compression exists and suits the pixels.

    Raises:
        InputError: There is no such compression or level.
        UnsupportedError: JPEG for pixels that are not of 8 bits.
    """
    if codec.name not in COMPRESSION_CODES:
        raise InputError(
            "tiff-compression", f"{codec.name!r} is no compression: it is one of {', '.join(COMPRESSION_CODES)}."
        )
    levels = _LEVELS.get(codec.name)
    if codec.level is not None and (levels is None or codec.level not in levels):
        allowed = f"{levels.start} to {levels.stop - 1}" if levels else "none"
        raise InputError("tiff-compression", f"{codec.name} has no level {codec.level}; it has {allowed}.")
    if codec.name == "jpeg" and dtype.name != "uint8":
        raise UnsupportedError(
            "tiff-jpeg-dtype",
            f"JPEG holds pixels of type uint8, not {dtype.name}.",
            hint="Use deflate or zstd, which lose nothing.",
        )


def encode_tile(codec: TileCodec, pixels_yxs: Pixels) -> bytes:
    """Compress a tile.

    Args:
        codec: The compression.
        pixels_yxs: Height x width, or height x width x samples; contiguous and little-endian.
    """
    import imagecodecs

    level = DEFAULT_LEVELS.get(codec.name) if codec.level is None else codec.level
    predicted = _predict(codec, pixels_yxs)
    match codec.name:
        case "none":
            return pixels_yxs.tobytes()
        case "deflate":
            return bytes(imagecodecs.deflate_encode(predicted, level))
        case "lzw":
            return bytes(imagecodecs.lzw_encode(predicted))
        case "zstd":
            return bytes(imagecodecs.zstd_encode(predicted, level))
        case "jpeg":
            return bytes(imagecodecs.jpeg8_encode(pixels_yxs, level, outcolorspace=_get_color_space(pixels_yxs)))


def decode_tile(codec: TileCodec, encoded: bytes, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Pixels:
    """Decompress a tile.

    Args:
        codec: The compression.
        encoded: The tile as it was stored.
        shape: Height x width x samples.
        dtype: Of its pixels, little-endian.

    Raises:
        UnreadableError: The bytes are not such a tile.
    """
    size_bytes = int(np.prod(shape)) * dtype.itemsize
    try:
        pixels = _decompress(codec, encoded, size_bytes)
    except (RuntimeError, ValueError) as err:
        raise UnreadableError("tile-damaged", f"A tile of the file cannot be decompressed: {err}.") from err
    if pixels.nbytes != size_bytes:
        raise UnreadableError("tile-damaged", f"A tile of the file has {pixels.nbytes} bytes, not {size_bytes}.")
    return _unpredict(codec, pixels.view(dtype).reshape(shape))


def _get_color_space(pixels_yxs: Pixels) -> str:
    """How JPEG stores colours: as they are.

    YCbCr with whole chroma, which TIFF allows too, is converted twice by Bio-Formats 7; with halved chroma it keeps
    several decibels less. At equal size RGB keeps as much of a stained section as YCbCr with whole chroma.
    """
    return "rgb" if pixels_yxs.ndim > len("yx") else "gray"


def _decompress(codec: TileCodec, encoded: bytes, size_bytes: int) -> npt.NDArray[np.uint8]:
    import imagecodecs

    decoded: bytes | bytearray | memoryview
    match codec.name:
        case "none":
            decoded = encoded
        case "deflate":
            decoded = imagecodecs.deflate_decode(encoded, out=size_bytes)
        case "lzw":
            decoded = imagecodecs.lzw_decode(encoded, out=size_bytes)
        case "zstd":
            decoded = imagecodecs.zstd_decode(encoded, out=size_bytes)
        case "jpeg":
            return np.ravel(np.asarray(imagecodecs.jpeg8_decode(encoded), np.uint8))
    return np.frombuffer(decoded, np.uint8)


def _predict(codec: TileCodec, pixels_yxs: Pixels) -> Pixels:
    """Differences along x, in place of the pixels."""
    import imagecodecs

    predictor = codec.get_predictor(pixels_yxs.dtype)
    if predictor == NO_PREDICTOR:
        return pixels_yxs
    encode = imagecodecs.delta_encode if predictor == HORIZONTAL_PREDICTOR else imagecodecs.floatpred_encode
    return np.ascontiguousarray(encode(pixels_yxs, axis=1))


def _unpredict(codec: TileCodec, pixels_yxs: Pixels) -> Pixels:
    import imagecodecs

    predictor = codec.get_predictor(pixels_yxs.dtype)
    if predictor == NO_PREDICTOR:
        return pixels_yxs
    decode = imagecodecs.delta_decode if predictor == HORIZONTAL_PREDICTOR else imagecodecs.floatpred_decode
    return np.asarray(decode(pixels_yxs, axis=1))
