"""Blocks of N5: a header of big-endian numbers, then compressed big-endian pixels, the first dimension fastest.

Source: https://github.com/saalfeldlab/n5#file-system-specification, and for lz4 the streams of
https://github.com/lz4/lz4-java (``LZ4BlockOutputStream``): blocks with a header of 21 bytes.
"""

from __future__ import annotations

import bz2
import lzma
import math
import struct
import zlib
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.n5.tree import MAX_BLOCK_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.pyramid.source import Pixels
    from vitrina.readers.n5.tree import N5Array

KNOWN = ("raw", "gzip", "zstd", "lz4", "blosc", "bzip2", "xz")

_LZ4_MAGIC = b"LZ4Block"
_LZ4_RAW, _LZ4_PACKED = 0x10, 0x20
_MODES = (0, 1)


def check_compression(array: N5Array, root: Path) -> None:
    """Whether blocks can be decoded here.

    Raises:
        UnsupportedError: The compression is not known, or blocks do not fit into memory.
    """
    import numpy as np

    kind = array.compression.get("type")
    n_bytes = math.prod(array.block_shape) * np.dtype(array.dtype).itemsize
    if kind not in KNOWN or n_bytes > MAX_BLOCK_BYTES:
        what = f"compressed as {kind!r}" if kind not in KNOWN else f"in blocks of {n_bytes:,} bytes"
        raise UnsupportedError(
            "n5-blocks-unsupported",
            f"The dataset {array.path!r} in {root} is stored {what}; {', '.join(KNOWN)} are known.",
            where=str(root),
        )


def decode_block(data: bytes, array: N5Array, where: str) -> Pixels:
    """The pixels of a block, slowest dimension first, at most as large as a block of its dataset.

    Args:
        data: The whole file.
        array: Whose block it is.
        where: The file, for errors.

    Raises:
        UnreadableError: It is truncated or damaged.
    """
    import numpy as np

    n_dims = len(array.shape)
    head = struct.calcsize(">HH") + 4 * n_dims
    if len(data) < head:
        raise _damaged(where, f"it has {len(data)} bytes, fewer than its header")
    mode, stated_dims = struct.unpack_from(">HH", data)
    shape = tuple(reversed(struct.unpack_from(f">{n_dims}I", data, 4)))
    if mode not in _MODES or stated_dims != n_dims:
        raise _damaged(where, f"its header says mode {mode} and {stated_dims} dimensions")
    if any(own > most for own, most in zip(shape, array.block_shape, strict=True)):
        raise _damaged(where, f"its header says {shape}, larger than a block of {array.block_shape}")
    dtype = np.dtype(array.dtype).newbyteorder(">")
    n_bytes = math.prod(shape) * dtype.itemsize
    try:
        decoded = _decompress(data[head + (4 if mode else 0) :], array.compression, n_bytes)
    except (UnreadableError, MemoryError):
        raise
    except Exception as err:  # codecs raise types of their own
        raise _damaged(where, str(err).strip() or type(err).__name__) from err
    if len(decoded) != n_bytes:
        raise _damaged(where, f"{len(decoded):,} bytes are in it, where {n_bytes:,} are expected")
    pixels: Pixels = np.frombuffer(decoded, dtype).reshape(shape)
    return pixels.astype(dtype.newbyteorder("="))


def _decompress(data: bytes, compression: dict[str, Any], n_bytes: int) -> bytes:
    """What bytes decompress to, at most one byte more than is expected."""
    kind = compression.get("type")
    if kind == "gzip":
        wbits = zlib.MAX_WBITS if compression.get("useZlib") else zlib.MAX_WBITS | 16
        return zlib.decompressobj(wbits).decompress(data, n_bytes + 1)
    decode = _DECODERS.get(str(kind))
    return data if decode is None else decode(data, n_bytes)


def _decompress_bzip2(data: bytes, n_bytes: int) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, n_bytes + 1)


def _decompress_xz(data: bytes, n_bytes: int) -> bytes:
    return lzma.LZMADecompressor().decompress(data, n_bytes + 1)


def _decompress_zstd(data: bytes, n_bytes: int) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.zstd_decode(data, out=n_bytes))


def _decompress_blosc(data: bytes, n_bytes: int) -> bytes:
    """Source: https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst; bytes 4 to 8 are the decoded size."""
    from numcodecs import blosc

    if len(data) < 16 or struct.unpack_from("<I", data, 4)[0] != n_bytes:
        raise ValueError("its header says another size")
    return bytes(blosc.decompress(data))


def _decompress_lz4(data: bytes, n_bytes: int) -> bytes:
    import imagecodecs

    parts, start, n_decoded = [], 0, 0
    while start + 21 <= len(data):
        if data[start : start + 8] != _LZ4_MAGIC:
            raise ValueError("a part does not begin as one of lz4-java")
        method = data[start + 8] & 0xF0
        n_packed, n_unpacked, _ = struct.unpack_from("<III", data, start + 9)
        start += 21
        if n_unpacked == 0:
            break
        n_decoded += n_unpacked
        if n_decoded > n_bytes or start + n_packed > len(data):
            raise ValueError("a part is longer than what is left")
        packed = data[start : start + n_packed]
        if method not in {_LZ4_RAW, _LZ4_PACKED}:
            raise ValueError(f"a part is stored by the method {method:#x}")
        parts.append(packed if method == _LZ4_RAW else bytes(imagecodecs.lz4_decode(packed, out=n_unpacked)))
        start += n_packed
    return b"".join(parts)


_DECODERS = {
    "bzip2": _decompress_bzip2,
    "xz": _decompress_xz,
    "zstd": _decompress_zstd,
    "blosc": _decompress_blosc,
    "lz4": _decompress_lz4,
}


def _damaged(where: str, reason: str) -> UnreadableError:
    return UnreadableError(
        "chunk-damaged",
        f"The block {where} cannot be decoded: {reason}.",
        hint="The file is probably truncated: copy or download it again.",
        where=where,
    )
