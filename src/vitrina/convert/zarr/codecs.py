"""How chunks are compressed: which codecs, what they are called in the metadata of Zarr, and how they are run.

Codecs run in the thread that calls them and let other threads run meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import InputError
from vitrina.readers.pixels.chunk_codec import check_blosc

if TYPE_CHECKING:
    import numpy as np

    from vitrina.pyramid.source import Pixels

type CodecName = Literal["blosc", "zstd", "gzip", "none"]
type Shuffle = Literal["noshuffle", "shuffle", "bitshuffle"]
type BloscName = Literal["zstd", "lz4", "lz4hc", "zlib", "blosclz"]

_SHUFFLES: tuple[Shuffle, ...] = ("noshuffle", "shuffle", "bitshuffle")
_BLOSC_NAMES = frozenset({"zstd", "lz4", "lz4hc", "zlib", "blosclz"})
_LEVELS = {"blosc": (0, 9), "zstd": (-7, 22), "gzip": (0, 9), "none": (0, 0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """A codec with its settings.

    Attributes:
        name: ``blosc``, ``zstd``, ``gzip`` or ``none``.
        level: 0 to 9, for zstd -7 to 22; higher is smaller and slower.
        shuffle: Of blosc: which parts of numbers are put side by side before they are compressed.
        inner: Of blosc: what it compresses with.

    Raises:
        InputError: There is no such codec, level, shuffle or inner codec.
    """

    name: CodecName = "blosc"
    level: int = 1
    shuffle: Shuffle = "shuffle"
    inner: BloscName = "zstd"

    def __post_init__(self) -> None:
        if self.name not in _LEVELS:
            raise _refuse(f"{self.name!r} is no codec", f"Choose one of {', '.join(_LEVELS)}.")
        low, high = _LEVELS[self.name]
        if self.name != "none" and not low <= self.level <= high:
            raise _refuse(f"{self.level} is no level of {self.name}", f"Choose {low} to {high}.")
        if self.inner not in _BLOSC_NAMES or self.shuffle not in _SHUFFLES:
            raise _refuse(
                f"blosc has no {self.inner} with {self.shuffle}", f"It has {', '.join(sorted(_BLOSC_NAMES))}."
            )

    def encode(self, pixels: Pixels) -> bytes:
        """The bytes of a contiguous array."""
        match self.name:
            case "blosc":
                from numcodecs import blosc

                return bytes(blosc.compress(pixels, self.inner.encode(), self.level, _SHUFFLES.index(self.shuffle), 0))
            case "zstd":
                from numcodecs import zstd

                return bytes(zstd.compress(pixels, self.level))
            case "gzip":
                import zlib

                compressor = zlib.compressobj(self.level, wbits=16 + zlib.MAX_WBITS)
                return compressor.compress(memoryview(pixels).cast("B")) + compressor.flush()
        return pixels.tobytes()

    def decode(self, data: bytes, size_bytes: int) -> bytes:
        """The bytes of an array out of what ``encode`` made of it.

        Raises:
            ValueError: They are damaged, or of another size.
        """
        try:
            decoded = bytes(self._decode(data, size_bytes))
        except Exception as err:  # each codec has exceptions of its own
            raise ValueError(str(err)) from err
        if len(decoded) != size_bytes:
            raise ValueError(f"{len(decoded)} bytes instead of {size_bytes}")
        return decoded

    def _decode(self, data: bytes, size_bytes: int) -> Any:
        match self.name:
            case "blosc":
                from numcodecs import blosc

                check_blosc(data, size_bytes)  # blosc believes its header, and reads beyond what is there
                return blosc.decompress(data)
            case "zstd":
                from numcodecs import zstd

                return zstd.decompress(data)
            case "gzip":
                import zlib

                decompressor = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
                decoded = decompressor.decompress(data, size_bytes + 1)
                if not decompressor.eof:
                    raise ValueError(f"{len(data)} bytes are no whole stream of gzip")
                return decoded
        return data

    def build_v2(self) -> dict[str, Any] | None:
        """The compressor of ``.zarray``.

        Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#compressors, names of numcodecs.
        """
        match self.name:
            case "blosc":
                shuffle = _SHUFFLES.index(self.shuffle)
                return {"id": "blosc", "cname": self.inner, "clevel": self.level, "shuffle": shuffle, "blocksize": 0}
            case "none":
                return None
        return {"id": self.name, "level": self.level}

    def build_v3(self, dtype: np.dtype[Any]) -> list[dict[str, Any]]:
        """The codecs of a chunk in ``zarr.json``, little endian.

        Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/index.html
        """
        to_bytes: dict[str, Any] = {"name": "bytes"}
        if dtype.itemsize > 1:
            to_bytes["configuration"] = {"endian": "little"}
        if self.name == "none":
            return [to_bytes]
        settings: dict[str, Any] = {"level": self.level}
        if self.name == "zstd":
            settings["checksum"] = False
        if self.name == "blosc":
            settings = {
                "cname": self.inner,
                "clevel": self.level,
                "shuffle": self.shuffle,
                "typesize": dtype.itemsize,
                "blocksize": 0,
            }
        return [to_bytes, {"name": self.name, "configuration": settings}]


def _refuse(what: str, hint: str) -> InputError:
    return InputError("codec-unknown", f"{what}.".capitalize(), hint=hint)
