"""A Zarr hierarchy described in memory: groups, and arrays whose chunks are computed when asked for."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import UnsupportedError
from vitrina.gateway.tree import MAX_VALUE_BYTES
from vitrina.gateway.zarr import attributes, v2, v3
from vitrina.gateway.zarr.keys import find_served_keys
from vitrina.gateway.zarr.node import TEXT, ArrayNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    type Window = tuple[slice, ...]
    type Values = npt.NDArray[np.generic] | Sequence[str]

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
        groups: Attributes by path, ``""`` for the root; those of NGFF as of 0.4.
        arrays: By path.
        zarr_format: In which it is served.
    """

    def __init__(
        self,
        *,
        etag: str,
        groups: Mapping[str, Mapping[str, Any]],
        arrays: Mapping[str, VirtualArray],
        zarr_format: Literal[2, 3] = 2,
    ) -> None:
        self.etag = etag if zarr_format == 2 else f"{etag}-{zarr_format}"
        self._format: Literal[2, 3] = zarr_format
        self._arrays = dict(arrays)
        self._nodes = {path: _describe_array(array) for path, array in arrays.items()}
        build = _build_v3 if zarr_format == 3 else _build_v2
        self._metadata = {key: json.dumps(document).encode() for key, document in build(groups, self._nodes)}

    async def get(self, key: str) -> bytes | None:
        metadata = self._metadata.get(key)
        if metadata is not None:
            return metadata
        found = self._find_chunk(key)
        return None if found is None else await asyncio.to_thread(_read_chunk, *found)

    def _find_chunk(self, key: str) -> tuple[VirtualArray, Window] | None:
        """The array and window that a chunk key names: the longest path that is an array, then its chunk."""
        path = key
        while "/" in path:
            path = path.rpartition("/")[0]
            node = self._nodes.get(path)
            if node is not None:
                index = find_served_keys(node, self._format).parse(key[len(path) + 1 :], node)
                return None if index is None else (self._arrays[path], _get_window(node, index))
        return None


def _build_v2(
    groups: Mapping[str, Mapping[str, Any]], nodes: Mapping[str, ArrayNode]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, attrs in groups.items():
        prefix = f"{path}/" if path else ""
        yield f"{prefix}.zgroup", {"zarr_format": 2}
        yield f"{prefix}.zattrs", attrs
    for path, node in nodes.items():
        yield f"{path}/.zarray", v2.build_array(node)
        yield f"{path}/.zattrs", node.attrs


def _build_v3(
    groups: Mapping[str, Mapping[str, Any]], nodes: Mapping[str, ArrayNode]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, attrs in groups.items():
        document = {"zarr_format": 3, "node_type": "group", "attributes": attributes.to_v3(attrs)}
        yield f"{path}/zarr.json" if path else "zarr.json", document
    for path, node in nodes.items():
        yield f"{path}/zarr.json", v3.build_array(node)


def _describe_array(array: VirtualArray) -> ArrayNode:
    import numpy as np

    is_text = array.dtype == TEXT
    return ArrayNode(
        shape=array.shape,
        chunk_shape=tuple(max(size, 1) for size in array.chunk_shape),
        dtype=TEXT if is_text else np.dtype(array.dtype).newbyteorder("<").str,
        compressor=None if is_text else _COMPRESSOR,
        fill_value="" if is_text else 0,
        separator=array.separator,
        attrs=array.attrs,
    )


def _get_window(node: ArrayNode, index: tuple[int, ...]) -> Window:
    sizes = zip(index, node.chunk_shape, node.shape, strict=True)
    return tuple(slice(number * size, min((number + 1) * size, length)) for number, size, length in sizes)


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
