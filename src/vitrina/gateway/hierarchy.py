"""A Zarr hierarchy described in memory: groups, and arrays whose chunks are computed when asked for."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import UnsupportedError
from vitrina.gateway.tree import MAX_READ_AT_ONCE, MAX_VALUE_BYTES, VirtualTree
from vitrina.gateway.zarr import attributes, v2, v3
from vitrina.gateway.zarr.consolidated import MAX_NODES, V2_KEY, V3_KEY, consolidate, join
from vitrina.gateway.zarr.keys import find_served_keys
from vitrina.gateway.zarr.node import TEXT, ArrayNode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt
    from numcodecs import Blosc

    from vitrina.gateway.chunk_cache import ChunkCache
    from vitrina.gateway.tree import Found
    from vitrina.gateway.zarr.consolidated import Documents

    type Window = tuple[slice, ...]
    type Values = npt.NDArray[np.generic] | Sequence[str]

_COMPRESSOR: Mapping[str, object] = {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedChunks:
    """Chunks that are passed on as they are stored.

    Attributes:
        compressor: As numcodecs describes it; None for values as they are.
        read: Gives the bytes of a chunk by its index; None for a hole.
    """

    compressor: Mapping[str, object] | None
    read: Callable[[tuple[int, ...]], bytes | None]


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
        dimension_names: Names of the dimensions, which format 3 tells; None where they have none.
        passed: Chunks that need not be made; None where all must.
        is_kept: Whether a chunk takes so long to make that it is worth keeping on disk.
    """

    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...]
    dtype: str
    read: Callable[[Window], Values | None]
    attrs: Mapping[str, Any] = field(default_factory=dict)
    separator: Literal[".", "/"] = "."
    dimension_names: tuple[str, ...] | None = None
    passed: PassedChunks | None = None
    is_kept: bool = False


class Hierarchy(VirtualTree):
    """A VirtualTree of groups and VirtualArrays.

    Args:
        etag: See VirtualTree.
        groups: Attributes by path, ``""`` for the root; those of NGFF as of 0.4.
        arrays: By path.
        zarr_format: In which it is served.
        cache: For chunks that are kept; no other hierarchy with the same etag may use it.
    """

    def __init__(
        self,
        *,
        etag: str,
        groups: Mapping[str, Mapping[str, Any]],
        arrays: Mapping[str, VirtualArray],
        zarr_format: Literal[2, 3] = 2,
        cache: ChunkCache | None = None,
    ) -> None:
        self.etag = etag if zarr_format == 2 else f"{etag}-{zarr_format}"
        self._format: Literal[2, 3] = zarr_format
        self._arrays = dict(arrays)
        self._nodes = {path: _describe_array(array, zarr_format) for path, array in arrays.items()}
        self._cache = cache
        self._kept_below = etag  # the chunks are the same in both formats
        build = _build_v3 if zarr_format == 3 else _build_v2
        self._documents = build(_add_parents(groups, arrays), self._nodes)
        self._metadata = {
            join(path, name): json.dumps(document).encode()
            for path, documents in self._documents.items()
            for name, document in documents.items()
        }
        self._listing = V3_KEY if zarr_format == 3 else V2_KEY
        self._listed: dict[str, bytes | None] = {}

    def find(self, key: str) -> Found:
        path, _, name = key.rpartition("/")
        if name == self._listing and path in self._documents and path not in self._nodes:
            return self._listed[path] if path in self._listed else partial(self._list, path, key)
        metadata = self._metadata.get(key)
        if metadata is not None:
            return metadata
        found = self._find_chunk(key)
        return None if found is None else self._find_value(*found)

    def _find_value(self, path: str, index: tuple[int, ...]) -> Found:
        """The bytes of a chunk, or what makes them."""
        array, node = self._arrays[path], self._nodes[path]
        passed = _choose_passed(array, self._format)
        if passed is not None:
            is_small = math.prod(node.chunk_shape) * int(node.dtype[2:]) <= MAX_READ_AT_ONCE
            return passed.read(index) if is_small else partial(passed.read, index)
        window = _get_window(node, index)
        if self._cache is None or not array.is_kept:
            return partial(_read_chunk, array, window)
        kept_as = f"{self._kept_below}/{path}/{'.'.join(map(str, index))}"
        kept = self._cache.read(kept_as)
        return partial(_make_chunk, array, window, self._cache, kept_as) if kept is None else kept

    def _list(self, path: str, key: str) -> bytes | None:
        """The document of a group with all below it, or without where that is too much; None where it then has none."""
        copied = self._consolidate(path)
        self._listed[path] = self._metadata.get(key) if copied is None else copied
        return self._listed[path]

    def _consolidate(self, path: str) -> bytes | None:
        """The document of a group that repeats all below it; None where there is no group, or too much below it."""
        if path not in self._documents:
            return None
        prefix = f"{path}/" if path else ""
        nodes = {inner[len(prefix) :]: each for inner, each in self._documents.items() if inner.startswith(prefix)}
        if len(nodes) >= MAX_NODES:
            return None
        return json.dumps(consolidate({**nodes, "": self._documents[path]}, self._format)).encode()

    def _find_chunk(self, key: str) -> tuple[str, tuple[int, ...]] | None:
        """The array and chunk that a key names: the longest path that is an array, then its chunk."""
        path = key
        while "/" in path:
            path = path.rpartition("/")[0]
            node = self._nodes.get(path)
            if node is not None:
                index = find_served_keys(node, self._format).parse(key[len(path) + 1 :], node)
                return None if index is None else (path, index)
        return None


def _add_parents(groups: Mapping[str, Mapping[str, Any]], arrays: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The groups, with those that lie between them and the root, which say nothing of their own."""
    complete: dict[str, Mapping[str, Any]] = {"": {}, **groups}
    for path in (*groups, *arrays):
        parent = path.rpartition("/")[0]
        while parent not in complete:
            complete[parent] = {}
            parent = parent.rpartition("/")[0]
    return complete


def _build_v2(groups: Mapping[str, Mapping[str, Any]], nodes: Mapping[str, ArrayNode]) -> dict[str, Documents]:
    described: dict[str, Documents] = {
        path: {".zgroup": {"zarr_format": 2}, ".zattrs": attrs} for path, attrs in groups.items()
    }
    return described | {
        path: {".zarray": v2.build_array(node), ".zattrs": v2.build_attrs(node)} for path, node in nodes.items()
    }


def _build_v3(groups: Mapping[str, Mapping[str, Any]], nodes: Mapping[str, ArrayNode]) -> dict[str, Documents]:
    described: dict[str, Documents] = {
        path: {V3_KEY: {"zarr_format": 3, "node_type": "group", "attributes": attributes.to_v3(attrs)}}
        for path, attrs in groups.items()
    }
    return described | {path: {V3_KEY: v3.build_array(node)} for path, node in nodes.items()}


def _choose_passed(array: VirtualArray, zarr_format: Literal[2, 3]) -> PassedChunks | None:
    """Chunks to pass on; None in format 3 for what is compressed with zlib, which not all clients know by its name."""
    passed = array.passed
    return passed if passed is None or zarr_format == 2 or passed.compressor is None else None


def _describe_array(array: VirtualArray, zarr_format: Literal[2, 3]) -> ArrayNode:
    import numpy as np

    is_text = array.dtype == TEXT
    passed = _choose_passed(array, zarr_format)
    made = None if is_text else _COMPRESSOR
    return ArrayNode(
        shape=array.shape,
        chunk_shape=tuple(max(size, 1) for size in array.chunk_shape),
        dtype=TEXT if is_text else np.dtype(array.dtype).newbyteorder("<").str,
        compressor=made if passed is None else passed.compressor,
        fill_value="" if is_text else 0,
        separator=array.separator,
        dimension_names=array.dimension_names,
        attrs=array.attrs,
    )


def _get_window(node: ArrayNode, index: tuple[int, ...]) -> Window:
    sizes = zip(index, node.chunk_shape, node.shape, strict=True)
    return tuple(slice(number * size, min((number + 1) * size, length)) for number, size, length in sizes)


def _make_chunk(array: VirtualArray, window: Window, cache: ChunkCache, kept_as: str) -> bytes | None:
    """Make a chunk and keep it."""
    chunk = _read_chunk(array, window)
    if chunk is not None:
        cache.write(kept_as, chunk)
    return chunk


def _read_chunk(array: VirtualArray, window: Window) -> bytes | None:
    """The bytes of a chunk; None for a hole."""
    if array.dtype == TEXT:
        return _read_text(array, window)
    import numpy as np

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
    chunk = np.asarray(values)
    if chunk.shape != array.chunk_shape or chunk.dtype != dtype or not chunk.flags.c_contiguous:
        chunk = np.zeros(array.chunk_shape, dtype)
        chunk[tuple(slice(0, part.stop - part.start) for part in window)] = values
    encoded: bytes = _get_compressor().encode(chunk)
    return encoded


@cache
def _get_compressor() -> Blosc:
    """What ``_COMPRESSOR`` names; it has no state of its own, and is the same for all threads."""
    from numcodecs import Blosc

    return Blosc(**{name: value for name, value in _COMPRESSOR.items() if name != "id"})


def _read_text(array: VirtualArray, window: Window) -> bytes | None:
    from numcodecs.vlen import VLenUTF8

    texts = array.read(window)
    return None if texts is None else bytes(VLenUTF8().encode(_pad_text(array, texts)))


def _pad_text(array: VirtualArray, texts: Values) -> npt.NDArray[np.object_]:
    import numpy as np

    padded = np.full(array.chunk_shape, "", dtype=object)
    padded[: len(texts)] = texts
    return padded
