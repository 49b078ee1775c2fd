"""A reference document: keys of a Zarr 2 hierarchy, each with its value or with where that lies.

Source: https://fsspec.github.io/kerchunk/spec.html, version 1.
"""

from __future__ import annotations

import base64
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vitrina.convert.reference.options import MAX_INLINE_BYTES, MAX_REFERENCES
from vitrina.errors import UnreadableError, UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    type Reference = str | list[str | int]

SOURCE = "{{source}}"
"""What stands for the source in every reference; the document's one template says what it is."""

_CHUNK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencedArray:
    """The metadata of an array.

    Attributes:
        shape: Size per dimension.
        chunk_shape: Of a chunk.
        dtype: As it lies in the file, with its order of bytes; None for text.
        compressor: Configuration of a numcodecs codec, None for none.
        filters: Configurations of numcodecs codecs, in the order in which they were applied.
        fill_value: Of chunks that are not there.
        attrs: Attributes.
    """

    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...]
    dtype: np.dtype[Any] | None
    compressor: Mapping[str, Any] | None = None
    filters: Sequence[Mapping[str, Any]] = ()
    fill_value: Any = 0
    attrs: Mapping[str, Any] = field(default_factory=dict)


class Document:
    """A document that grows.

    Args:
        where: The source, for errors.
        size_bytes: Its size; a reference that reaches further is refused.
    """

    def __init__(self, where: str, size_bytes: int) -> None:
        self.where = where
        self._size_bytes = size_bytes
        self._n_inline = 0
        self.refs: dict[str, Reference] = {}

    def add_group(self, path: str, attrs: Mapping[str, Any]) -> None:
        """A group with its attributes."""
        self._add_json(_join(path, ".zgroup"), {"zarr_format": 2})
        self._add_json(_join(path, ".zattrs"), attrs)

    def add_array(self, path: str, array: ReferencedArray) -> None:
        """An array, without its chunks."""
        document = {
            "zarr_format": 2,
            "shape": list(array.shape),
            "chunks": [max(size, 1) for size in array.chunk_shape],
            "dtype": "|O" if array.dtype is None else array.dtype.str,
            "compressor": array.compressor,
            "filters": list(array.filters) or None,
            "fill_value": array.fill_value,
            "order": "C",
        }
        self._add_json(_join(path, ".zarray"), document)
        self._add_json(_join(path, ".zattrs"), array.attrs)

    def add_chunk(self, path: str, index: Sequence[int], offset: int, size_bytes: int) -> None:
        """A chunk that lies in the source.

        Raises:
            UnsupportedError: There are too many.
            UnreadableError: It would lie outside the source.
        """
        if offset < 0 or offset + size_bytes > self._size_bytes:
            raise UnreadableError(
                "reference-outside-file",
                f"{self.where} has {self._size_bytes:,} bytes, but a chunk of {path} ends at {offset + size_bytes:,}.",
                hint="The file is truncated: copy or download it again.",
                where=self.where,
            )
        if len(self.refs) >= MAX_REFERENCES:
            raise UnsupportedError(
                "reference-too-many",
                f"{self.where} has more than {MAX_REFERENCES:,} chunks, too many for one reference document.",
                hint="Convert it instead: vitrina convert SRC DST.ome.zarr.",
                where=self.where,
            )
        self.refs[_join(path, _build_index(index))] = [SOURCE, int(offset), int(size_bytes)]

    def add_inline(self, path: str, index: Sequence[int], value: bytes) -> None:
        """A chunk whose bytes stand in the document itself.

        Raises:
            UnsupportedError: All of them together are too large.
        """
        self._n_inline += len(value)
        if self._n_inline > MAX_INLINE_BYTES:
            raise UnsupportedError(
                "reference-inline-too-large",
                f"{self.where} has more than {MAX_INLINE_BYTES:,} bytes of text and other values that cannot be read "
                "where they lie.",
                hint="Convert it instead: vitrina convert SRC DST.zarr.",
                where=self.where,
            )
        self.refs[_join(path, _build_index(index))] = "base64:" + base64.b64encode(value).decode()

    def build(self, source: str) -> dict[str, Any]:
        """The document as JSON values, for a source at this path or address."""
        return {"version": 1, "templates": {"source": source}, "refs": self.refs}

    def _add_json(self, key: str, value: object) -> None:
        self.refs[key] = json.dumps(value)


def plan_rows(n_rows: int, row_bytes: int) -> int:
    """How many rows of uncompressed pixels that follow each other make a chunk: a divisor of all rows, of a few MB.

    >>> plan_rows(1000, 1_000_000)
    4
    """
    wanted = max(1, min(n_rows, _CHUNK_BYTES // max(row_bytes, 1)))
    small = [rows for rows in range(1, math.isqrt(n_rows) + 1) if n_rows % rows == 0]
    return max((rows for pair in small for rows in (pair, n_rows // pair) if rows <= wanted), default=1)


def _join(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _build_index(index: Sequence[int]) -> str:
    return ".".join(str(int(number)) for number in index) or "0"
