"""One array of a Zarr hierarchy: its settings, its metadata, and the keys of its chunks. Pure values."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np

    from vitrina.convert.zarr.codecs import Codec
    from vitrina.pyramid.source import ShapeTczyx
    from vitrina.pyramid.writer import Place

AXES = "tczyx"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArraySpec:
    """An array.

    Attributes:
        path: Below the root of the hierarchy, such as ``0`` or ``labels/cells/2``.
        axes: Which of t, c, z, y, x it has, in that order.
        shape_tczyx: Size in pixels; 1 for axes that it does not have.
        chunk_tczyx: Size of a chunk: one time point and one channel.
        shard_tczyx: Chunks per shard along each axis; None without shards.
        dtype: In the byte order of this machine; stored little endian.
        codec: Compresses the chunks.
        zarr_format: Version of Zarr.
        separator: Between the numbers of a chunk's key.
        fill_value: Value of pixels that are not stored, cast to the type of the pixels.
    """

    path: str
    axes: str
    shape_tczyx: ShapeTczyx
    chunk_tczyx: ShapeTczyx
    shard_tczyx: ShapeTczyx | None
    dtype: np.dtype[Any]
    codec: Codec
    zarr_format: Literal[2, 3]
    separator: Literal["/", "."] = "/"
    fill_value: float = 0

    @property
    def fill(self) -> np.generic:
        """The fill value in the type of the pixels."""
        fill: np.generic = self.dtype.type(self.fill_value)
        return fill

    @property
    def chunk_bytes(self) -> int:
        """Size of a chunk that is not compressed."""
        return math.prod(self.chunk_tczyx) * self.dtype.itemsize

    def get_chunk_index(self, place: Place) -> ShapeTczyx:
        """Where a chunk lies among the chunks of the array."""
        return place.t, place.c, place.z, place.y, place.x

    def get_key(self, index_tczyx: ShapeTczyx) -> str:
        """The key of a chunk, or of a shard by its index among the shards.

        Source: https://zarr-specs.readthedocs.io/en/latest/v3/chunk-key-encodings/default/index.html
        """
        numbers = self.separator.join(str(at) for at in self._pick(index_tczyx))
        prefix = f"c{self.separator}" if self.zarr_format == 3 else ""
        return f"{self.path}/{prefix}{numbers}"

    def count_chunks(self) -> ShapeTczyx:
        """Chunks along each axis."""
        t, c, z, y, x = (-(-size // chunk) for size, chunk in zip(self.shape_tczyx, self.chunk_tczyx, strict=True))
        return t, c, z, y, x

    def build_metadata(self) -> tuple[str, bytes]:
        """Name and content of the metadata document."""
        built = self._build_v2() if self.zarr_format == 2 else self._build_v3()
        return (".zarray" if self.zarr_format == 2 else "zarr.json"), build_json_bytes(built)

    def _build_v2(self) -> dict[str, Any]:
        """Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#metadata."""
        return {
            "zarr_format": 2,
            "shape": self._pick(self.shape_tczyx),
            "chunks": self._pick(self.chunk_tczyx),
            "dtype": self.dtype.newbyteorder("<").str,
            "compressor": self.codec.build_v2(),
            "fill_value": self.fill.item(),
            "order": "C",
            "filters": None,
            "dimension_separator": self.separator,
        }

    def _build_v3(self) -> dict[str, Any]:
        """Source: https://zarr-specs.readthedocs.io/en/latest/v3/core/index.html#array-metadata."""
        chunk = self._pick(self.chunk_tczyx)
        codecs = self.codec.build_v3(self.dtype)
        if self.shard_tczyx is not None:
            codecs = [_build_sharding(chunk, codecs)]
            chunk = [size * n for size, n in zip(chunk, self._pick(self.shard_tczyx), strict=True)]
        return {
            "zarr_format": 3,
            "node_type": "array",
            "shape": self._pick(self.shape_tczyx),
            "data_type": self.dtype.name,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": self.separator}},
            "fill_value": self.fill.item(),
            "codecs": codecs,
            "dimension_names": list(self.axes),
            "attributes": {},
        }

    def _pick(self, values_tczyx: ShapeTczyx) -> list[int]:
        return [value for name, value in zip(AXES, values_tczyx, strict=True) if name in self.axes]


def build_json_bytes(value: Any) -> bytes:
    """A metadata document."""
    return json.dumps(value, indent=2).encode()


def _build_sharding(chunk: list[int], codecs: list[dict[str, Any]]) -> dict[str, Any]:
    """Source: https://zarr-specs.readthedocs.io/en/latest/v3/codecs/sharding-indexed/index.html."""
    return {
        "name": "sharding_indexed",
        "configuration": {
            "chunk_shape": chunk,
            "codecs": codecs,
            "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}],
            "index_location": "end",
        },
    }
