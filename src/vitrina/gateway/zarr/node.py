"""An array of a Zarr hierarchy as both formats can say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TEXT = "text"
"""Stands for variable-length text, where a NumPy type is expected."""

type Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayNode:
    """An array: the chunks are the parts that are asked for and answered, also where shards hold several.

    Attributes:
        shape: Size per dimension.
        chunk_shape: Size of a chunk per dimension; positive.
        dtype: As NumPy writes it with its byte order (``<u2``, ``|b1``), or ``text``.
        compressor: The only one, as numcodecs describes it; None for bytes as they are.
        fill_value: As format 2 writes it.
        separator: Between the numbers of a chunk's key.
        dimension_names: Names of the dimensions; None where they have none.
        attrs: Attributes.
        has_checksum: Whether each chunk ends with a CRC-32C, which format 2 cannot say.
    """

    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...]
    dtype: str
    compressor: Json | None
    fill_value: Any = 0
    separator: str = "/"
    dimension_names: tuple[str | None, ...] | None = None
    attrs: Json = field(default_factory=dict)
    has_checksum: bool = False
