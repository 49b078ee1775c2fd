"""Keys of chunks below an array, in both formats.

Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#storage,
https://zarr-specs.readthedocs.io/en/latest/v3/chunk-key-encodings/default/index.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vitrina.gateway.zarr.node import ArrayNode, Json

_NUMBER = re.compile(r"0|[1-9]\d{0,8}")


@dataclass(frozen=True, slots=True)
class ChunkKeys:
    """How the chunks of an array are called.

    Attributes:
        separator: Between the parts of a key.
        prefix: First part; empty in format 2.
    """

    separator: str
    prefix: str = ""

    def build(self, index: tuple[int, ...]) -> str:
        """The key of a chunk."""
        numbers = [str(number) for number in index]
        if self.prefix:
            return self.separator.join([self.prefix, *numbers])
        return self.separator.join(numbers) or "0"

    def parse(self, key: str, node: ArrayNode) -> tuple[int, ...] | None:
        """The chunk that a key names, None when the array has no such chunk."""
        parts = key.split(self.separator)
        if self.prefix and parts.pop(0) != self.prefix:
            return None
        if not node.shape:
            return () if key == self.build(()) else None
        if len(parts) != len(node.shape) or not all(_NUMBER.fullmatch(part) for part in parts):
            return None
        index = tuple(int(part) for part in parts)
        starts = (number * size for number, size in zip(index, node.chunk_shape, strict=True))
        return index if all(start < size for start, size in zip(starts, node.shape, strict=True)) else None


def find_served_keys(node: ArrayNode, zarr_format: int) -> ChunkKeys:
    """How the chunks of an array are called where it is served."""
    return ChunkKeys(node.separator, "c" if zarr_format == 3 else "")


def parse_encoding(document: Json) -> ChunkKeys:
    """How the chunks of a stored array of format 3 are called.

    Raises:
        KeyError: The ``zarr.json`` does not say so.
        ValueError: See ``check_separator``.
    """
    encoding = document["chunk_key_encoding"]
    is_default = encoding["name"] == "default"
    separator = (encoding.get("configuration") or {}).get("separator", "/" if is_default else ".")
    return ChunkKeys(check_separator(separator), "c" if is_default else "")


def check_separator(separator: Any) -> str:
    """What stands between the numbers of a key, as both formats allow it; anything else could name other files.

    Raises:
        ValueError: It is neither ``.`` nor ``/``.
    """
    if separator not in (".", "/"):
        raise ValueError(f"the numbers in the keys of its chunks are separated by {separator!r}")
    return str(separator)
