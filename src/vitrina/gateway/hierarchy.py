"""A Zarr 2 hierarchy described in memory: groups, and arrays whose chunks are computed when asked for.

Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html
"""

from __future__ import annotations

import asyncio
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import UnsupportedError
from vitrina.gateway.tree import MAX_VALUE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    type Window = tuple[slice, ...]
    type Values = npt.NDArray[np.generic] | Sequence[str]

TEXT = "text"
_CHUNK_INDEX = re.compile(r"(0|[1-9]\d{0,8})([./](0|[1-9]\d{0,8}))*")
_COMPRESSOR: Mapping[str, object] = {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualArray:
    """An array without bytes of its own.

    Attributes:
        shape: Size per dimension.
        chunk_shape: Size of a chunk per dimension.
        dtype: NumPy name, or ``text`` for variable-length text.
        read: Gives the values inside a window, which never reaches beyond the shape; None for a hole.
        attrs: Attributes.
        separator: Between the indices of a chunk key.
    """

    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...]
    dtype: str
    read: Callable[[Window], Values | None]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    separator: Literal[".", "/"] = "."


class Hierarchy:
    """A VirtualTree of groups and VirtualArrays.

    Args:
        etag: See VirtualTree.
        groups: Attributes by path, ``""`` for the root.
        arrays: By path.
    """

    def __init__(
        self, *, etag: str, groups: Mapping[str, Mapping[str, Any]], arrays: Mapping[str, VirtualArray]
    ) -> None:
        self.etag = etag
        self._arrays = dict(arrays)
        self._metadata = _build_metadata(groups, arrays)

    async def get(self, key: str) -> bytes | None:
        metadata = self._metadata.get(key)
        if metadata is not None:
            return metadata
        found = self._find_chunk(key)
        return None if found is None else await asyncio.to_thread(_read_chunk, *found)

    def _find_chunk(self, key: str) -> tuple[VirtualArray, Window] | None:
        """The array and window that a chunk key names: the longest path that is an array, then its chunk index."""
        path = key
        while "/" in path:
            path = path.rpartition("/")[0]
            array = self._arrays.get(path)
            if array is not None:
                window = _parse_chunk_index(array, key[len(path) + 1 :])
                return None if window is None else (array, window)
        return None


def _build_metadata(groups: Mapping[str, Mapping[str, Any]], arrays: Mapping[str, VirtualArray]) -> dict[str, bytes]:
    documents: dict[str, object] = {}
    for path, attrs in groups.items():
        prefix = f"{path}/" if path else ""
        documents[f"{prefix}.zgroup"] = {"zarr_format": 2}
        documents[f"{prefix}.zattrs"] = attrs
    for path, array in arrays.items():
        documents[f"{path}/.zarray"] = _describe_array(array)
        documents[f"{path}/.zattrs"] = array.attrs
    return {key: json.dumps(document).encode() for key, document in documents.items()}


def _describe_array(array: VirtualArray) -> dict[str, object]:
    import numpy as np

    is_text = array.dtype == TEXT
    return {
        "zarr_format": 2,
        "shape": list(array.shape),
        "chunks": [max(size, 1) for size in array.chunk_shape],
        "dtype": "|O" if is_text else np.dtype(array.dtype).newbyteorder("<").str,
        "compressor": None if is_text else dict(_COMPRESSOR),
        "fill_value": "" if is_text else 0,
        "filters": [{"id": "vlen-utf8"}] if is_text else None,
        "order": "C",
        "dimension_separator": array.separator,
    }


def _parse_chunk_index(array: VirtualArray, text: str) -> Window | None:
    if _CHUNK_INDEX.fullmatch(text) is None:
        return None
    indices = [int(part) for part in text.split(array.separator) if part.isdigit()]
    if len(indices) != len(array.shape) or array.separator.join(map(str, indices)) != text:
        return None
    starts = [index * max(size, 1) for index, size in zip(indices, array.chunk_shape, strict=True)]
    if any(start >= size for start, size in zip(starts, array.shape, strict=True)):
        return None
    bounds = zip(starts, array.chunk_shape, array.shape, strict=True)
    return tuple(slice(start, min(start + max(size, 1), length)) for start, size, length in bounds)


def _read_chunk(array: VirtualArray, window: Window) -> bytes | None:
    import numpy as np
    from numcodecs import Blosc
    from numcodecs.vlen import VLenUTF8

    if array.dtype == TEXT:
        texts = array.read(window)
        return None if texts is None else bytes(VLenUTF8().encode(_pad_text(array, texts)))
    dtype = np.dtype(array.dtype).newbyteorder("<")
    size_bytes = math.prod(array.chunk_shape) * dtype.itemsize
    if size_bytes > MAX_VALUE_BYTES:
        raise UnsupportedError(
            "chunk-too-large",
            f"A chunk of shape {array.chunk_shape} and type {dtype} would take {size_bytes:,} bytes, "
            f"more than the {MAX_VALUE_BYTES:,} that are served at once.",
        )
    values = array.read(window)
    if values is None:
        return None
    chunk = np.zeros(array.chunk_shape, dtype)
    chunk[tuple(slice(0, part.stop - part.start) for part in window)] = values
    return bytes(Blosc(cname="lz4", clevel=5, shuffle=Blosc.SHUFFLE).encode(chunk))


def _pad_text(array: VirtualArray, texts: Values) -> npt.NDArray[np.object_]:
    import numpy as np

    padded = np.full(array.chunk_shape, "", dtype=object)
    padded[: len(texts)] = texts
    return padded
