"""Bytes of a Zarr chunk to pixels, for the codecs that images are stored with.

Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#codecs, and
https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#arrays for the compressors of version 2.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from vitrina.readers.pixels.axes import Pixels

_NUMCODECS = {"blosc": "Blosc", "zstd": "Zstd", "gzip": "GZip", "zlib": "Zlib", "lz4": "LZ4"}
_CRC32C = "crc32c"
_CRC32C_BYTES = 4
_BLOSC_HEADER_BYTES = 16
_WINDOW_BITS = {"zlib": 15, "gzip": 31}
_ROOM_BYTES = 2**16
"""What a compressor may add to bytes that it cannot compress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkCodec:
    """How the pixels of a chunk are stored: in the order of their dimensions, then compressed.

    Attributes:
        chunk_shape: Per dimension of the array.
        dtype: In the byte order of the file.
        steps: Names of the steps from pixels to bytes: compressors and checksums.
    """

    chunk_shape: tuple[int, ...]
    dtype: np.dtype[Any]
    steps: tuple[str, ...]

    @property
    def n_bytes(self) -> int:
        """Of a chunk that is not compressed."""
        return math.prod(self.chunk_shape) * self.dtype.itemsize

    def decode(self, data: bytes | memoryview) -> Pixels:
        """The pixels of a chunk; not necessarily writable.

        Raises:
            Exception: Whatever a codec raises for damaged bytes.
        """
        import numpy as np

        for number in reversed(range(len(self.steps))):
            data = _undo(self.steps[number], data, self.n_bytes, is_last=number == 0)
        if len(data) != self.n_bytes:
            raise ValueError(f"{self.n_bytes:,} bytes were expected, {len(data):,} found")
        return np.frombuffer(data, self.dtype).reshape(self.chunk_shape)

    def decode_into(self, data: bytes, out: Pixels) -> None:
        """Fill an array that has the shape of the chunk; without a copy in between where that is possible."""
        import numpy as np

        is_direct = self.steps == ("blosc",) and out.dtype == self.dtype and out.flags.c_contiguous
        if is_direct:
            from numcodecs import blosc

            check_blosc(data, self.n_bytes)
            blosc.decompress(data, out)
        else:
            np.copyto(out, self.decode(data))


def find_steps(names: Sequence[str]) -> tuple[str, ...] | None:
    """The names without the library's prefix; None when one is not known here."""
    steps = tuple(name.removeprefix("numcodecs.") for name in names)
    return steps if set(steps) <= {*_NUMCODECS, _CRC32C} else None


def strip_checksum(data: bytes | memoryview) -> memoryview:
    """The bytes before their CRC-32C.

    Raises:
        ValueError: It does not fit.

    Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/crc32c/index.html
    """
    import google_crc32c

    body = memoryview(data)[:-_CRC32C_BYTES]
    stored = int.from_bytes(data[-_CRC32C_BYTES:], "little")
    if len(data) < _CRC32C_BYTES or google_crc32c.value(bytes(body)) != stored:
        raise ValueError("the checksum does not fit")
    return body


def check_blosc(data: bytes | memoryview, n_bytes: int | None = None) -> None:
    """Whether a Blosc buffer has the sizes that its header states.

    Raises:
        ValueError: It is truncated, or holds another number of bytes than expected.

    Source: https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst
    """
    if len(data) < _BLOSC_HEADER_BYTES:
        raise ValueError(f"it has {len(data)} bytes, too few for Blosc")
    whole, stored = (int.from_bytes(data[start : start + 4], "little") for start in (4, 12))
    if stored != len(data):
        raise ValueError(f"it has {len(data):,} bytes, but states {stored:,}")
    if n_bytes is not None and whole != n_bytes:
        raise ValueError(f"{n_bytes:,} bytes were expected, {whole:,} found")


def _undo(step: str, data: bytes | memoryview, n_bytes: int, *, is_last: bool) -> bytes | memoryview:
    """The bytes before a step, which never become more than the chunk has, or little more between two steps.

    Raises:
        Exception: They would become more, or whatever a codec raises for damaged bytes.
    """
    import numcodecs

    if step == _CRC32C:
        return strip_checksum(data)
    limit = n_bytes if is_last else 2 * n_bytes + _ROOM_BYTES
    if step in _WINDOW_BITS:
        return _inflate(data, limit, _WINDOW_BITS[step])
    if step == "zstd":
        return _decode_zstd(data, limit)
    if step == "blosc":
        check_blosc(data, n_bytes if is_last else None)
    stated = int.from_bytes(data[4:8] if step == "blosc" else data[:4], "little")
    if stated > limit:
        raise ValueError(f"{limit:,} bytes were expected, {stated:,} stated")
    decoded: bytes = getattr(numcodecs, _NUMCODECS[step])().decode(data)
    return decoded


def _inflate(data: bytes | memoryview, limit: int, window_bits: int) -> bytes:
    """The bytes of a stream of zlib, or of those of gzip that follow each other.

    Source: https://docs.python.org/3/library/zlib.html#zlib.decompress (window bits)
    """
    parts: list[bytes] = []
    rest: bytes | memoryview = data
    while len(rest):
        inflater = zlib.decompressobj(window_bits)
        left = limit - sum(map(len, parts))
        parts.append(inflater.decompress(rest, left + 1))
        if len(parts[-1]) > left:
            raise ValueError(f"{limit:,} bytes were expected, more found")
        if not inflater.eof:
            raise EOFError("the compressed bytes end too early")
        rest = inflater.unused_data.lstrip(b"\0") if window_bits == _WINDOW_BITS["gzip"] else b""
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _decode_zstd(data: bytes | memoryview, limit: int) -> bytes:
    import imagecodecs

    decoded: Any = imagecodecs.zstd_decode(bytes(data), out=limit)
    return bytes(decoded)
