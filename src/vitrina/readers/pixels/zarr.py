"""Pixels of one array in a Zarr hierarchy."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, UnsupportedError, VitrinaError
from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.pixels.axes import plan_axes, plan_joint_channels
from vitrina.readers.pixels.chunk_files import ChunkFiles
from vitrina.readers.pixels.chunk_grid import find_chunk_parts
from vitrina.readers.pixels.chunk_layout import parse_layout
from vitrina.readers.pixels.decoded_cache import DEFAULT_CACHE_BYTES, DecodedCache
from vitrina.readers.pixels.dtype import check_dtype
from vitrina.readers.pixels.tree_files import TreeFiles
from vitrina.readers.pixels.zarr_array import ZarrArrayPixels
from vitrina.readers.source import FolderTree
from vitrina.readers.zarr_tree import MAX_CHUNK_BYTES, get_zarr_tree

if TYPE_CHECKING:
    import numpy as np

    from vitrina.model.content import ImageElement, LabelsElement, Level
    from vitrina.readers.pixels.axes import AxisPlan, Pixels, ShapeTczyx
    from vitrina.readers.pixels.chunk_grid import ChunkPart
    from vitrina.readers.pixels.chunk_layout import ChunkLayout
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

_TREE = "zarr-tree"


def open_zarr_pixels(
    source: Source, element: ImageElement | LabelsElement, level: int = 0, *, cache_bytes: int = DEFAULT_CACHE_BYTES
) -> ZarrPixels | ZarrArrayPixels:
    """Open one level of an image; the caller closes it.

    Chunks in a folder are read straight from their files where their layout and codecs are known here; zip files and
    anything else are read by zarr-python.

    Args:
        source: The folder or zip file.
        element: What its reader found.
        level: Number of the level.
        cache_bytes: How many bytes of decoded chunks are kept at most.

    Raises:
        UnreadableError: The hierarchy is damaged, or not what its reader found any more.
        UnsupportedError: The image has axes or values that are no pixels.
    """
    check_not_empty(source)
    path = element.levels[level].path
    damage = "chunk-damaged", f"Zarr, array {path!r}"
    with reading(source, *damage):
        zarr_tree = _get_tree(source)
        metadata = read_metadata(zarr_tree, path) if isinstance(zarr_tree.tree, FolderTree) else None
        plain = None if metadata is None else _parse_plain(metadata)
        if metadata is None or plain is None:
            return _open_with_zarr(zarr_tree, element, level, damage, cache_bytes)
        _check_shape(source, element.levels[level], plain.shape)
        plan = plan_axes(element.axes, plain.shape, str(source.path))
    return ZarrPixels(
        source, path, plan, plain.layout, fill_value=plain.fill_value, cache_bytes=cache_bytes, metadata=metadata
    )


def _open_with_zarr(
    zarr_tree: ZarrTree, element: ImageElement | LabelsElement, level: int, damage: tuple[str, str], cache_bytes: int
) -> ZarrPixels | ZarrArrayPixels:
    """Of an array whose metadata need zarr-python to be understood, or that lies in a zip file."""
    source, path = zarr_tree.source, element.levels[level].path
    array: Any = replace(zarr_tree).open_array(path)  # in a store of its own, which is closed with the array
    _check_shape(source, element.levels[level], array.shape)
    dtype = check_dtype(array.dtype, f"{source.path}, array {path!r}")
    is_on_disk = isinstance(zarr_tree.tree, FolderTree)
    layout = _find_layout(zarr_tree, path, dtype) if is_on_disk else None
    if layout is None:
        return ZarrArrayPixels(source, array, element.axes, damage, array.store.close)
    plan = plan_axes(element.axes, array.shape, str(source.path))
    fill_value = 0 if array.fill_value is None else array.fill_value
    return ZarrPixels(source, path, plan, layout, fill_value=fill_value, cache_bytes=cache_bytes)


class ZarrPixels:
    """One level of an OME-Zarr or SpatialData image in a folder.

    Args:
        source: The folder.
        path: Of the array inside the folder.
        plan: What its dimensions are.
        layout: How it is stored.
        fill_value: Of chunks that are not stored.
        cache_bytes: How many bytes of decoded chunks are kept at most, of those that a window needs only a part of.
        metadata: The bytes that all of this was read from; None where there is more to it.
    """

    def __init__(
        self,
        source: Source,
        path: str,
        plan: AxisPlan,
        layout: ChunkLayout,
        *,
        fill_value: Any,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        metadata: bytes | None = None,
    ) -> None:
        chunk_shape = layout.codec.chunk_shape
        channels = plan.channel_dim
        self._source = source
        self._path = path
        self._plan = plan
        self._codec = layout.codec
        self._files = ChunkFiles(TreeFiles(source.path), layout)
        self._metadata = metadata
        self._fill_value = fill_value
        self._cache = DecodedCache(cache_bytes)
        self.dtype: np.dtype[Any] = layout.codec.dtype.newbyteorder("=")
        self.shape_tczyx: ShapeTczyx = plan.shape_tczyx
        self.chunk_shape_tczyx: ShapeTczyx = plan.arrange(chunk_shape)
        self.n_joint_channels: int = (
            1 if channels is None else plan_joint_channels(chunk_shape[channels], plan.shape[channels])
        )

    def open_alike(self, path: str) -> ZarrPixels | None:
        """The array at another path, None where it is not stored alike in every respect.

        It shares what is kept of decoded chunks. Of the thousands of fields of a plate each is opened in a moment so.

        Raises:
            UnreadableError: Its metadata cannot be read.
        """
        if self._metadata is None or read_metadata(_get_tree(self._source), path) != self._metadata:
            return None
        alike = copy(self)
        alike._path = path  # noqa: SLF001 of its own class
        return alike

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel.

        What another thread is decoding comes last, so that threads in the same chunks do not wait for each other.
        """
        target = self._plan.view(out_czyx)
        window = self._plan.locate(start_tczyx, out_czyx.shape)
        postponed = []
        for part in find_chunk_parts(self._plan.shape, self._codec.chunk_shape, window):
            if self._cache.is_busy((self._path, part.chunk)):
                postponed.append(part)
            else:
                self._read_part(part, target[part.target])
        for part in postponed:
            self._read_part(part, target[part.target])

    def close(self) -> None:
        """Nothing stays open between two windows."""

    def _read_part(self, part: ChunkPart, target: Pixels) -> None:
        import numpy as np

        try:
            if not part.is_whole:
                pixels = self._cache.get((self._path, part.chunk), lambda: self._decode(part.chunk))
                np.copyto(target, pixels[part.inside])
            elif target.shape == self._codec.chunk_shape:
                self._decode_into(part.chunk, target)
            else:
                np.copyto(target, self._decode(part.chunk)[part.inside])
        except (VitrinaError, MemoryError):
            raise
        except Exception as err:  # codecs raise dozens of types of their own
            raise self._damaged(part.chunk, err) from err

    def _decode(self, chunk: tuple[int, ...]) -> Pixels:
        import numpy as np

        data = self._files.read(self._path, chunk)
        if data is None:
            return np.broadcast_to(np.asarray(self._fill_value, self.dtype), self._codec.chunk_shape)
        return self._codec.decode(data)

    def _decode_into(self, chunk: tuple[int, ...], out: Pixels) -> None:
        data = self._files.read(self._path, chunk)
        if data is None:
            out[...] = self._fill_value
        else:
            self._codec.decode_into(data, out)

    def _damaged(self, chunk: tuple[int, ...], err: Exception) -> UnreadableError:
        reason = str(err).strip().split("\n", 1)[0].rstrip(".") or type(err).__name__
        numbers = ", ".join(str(number) for number in chunk)
        return UnreadableError(
            "chunk-damaged",
            f"The chunk {numbers} of the array {self._path!r} in {self._source.path}, in the file "
            f"{self._files.get_key(chunk)!r}, cannot be read: {reason}.",
            hint="The file is probably truncated or damaged: copy or download it again.",
            where=str(self._source.path),
        )


def _get_tree(source: Source) -> ZarrTree:
    """The hierarchy, looked for once: of a plate thousands of arrays are opened."""
    if _TREE not in source.found:
        source.found[_TREE] = get_zarr_tree(source)
    found: ZarrTree = source.found[_TREE]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _PlainArray:
    """An array that is understood from its metadata without zarr-python."""

    shape: tuple[int, ...]
    layout: ChunkLayout
    fill_value: bool | int | float


@lru_cache(maxsize=64)
def _parse_plain(data: bytes) -> _PlainArray | None:
    """The array that a ``.zarray`` or ``zarr.json`` describes; the fields of a plate have equal ones."""
    try:
        document = json.loads(data)
        is_v3 = document["zarr_format"] == 3
        dtype, fill_value = document["data_type" if is_v3 else "dtype"], document["fill_value"]
        shape = tuple(document["shape"])
        is_plain = isinstance(dtype, str) and all(type(size) is int and size >= 0 for size in shape)
        if not is_plain or not isinstance(fill_value, bool | int | float | None):
            return None
        layout = parse_layout(document, check_dtype(dtype, ""))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, UnsupportedError):
        return None  # zarr-python says what is wrong
    if layout is None or len(layout.codec.chunk_shape) != len(shape) or min(layout.codec.chunk_shape) < 1:
        return None
    if layout.codec.n_bytes > MAX_CHUNK_BYTES:
        return None
    return _PlainArray(shape=shape, layout=layout, fill_value=0 if fill_value is None else fill_value)


def _find_layout(zarr_tree: ZarrTree, path: str, dtype: np.dtype[Any]) -> ChunkLayout | None:
    data = read_metadata(zarr_tree, path)
    return None if data is None else parse_layout(json.loads(data), dtype)


def read_metadata(zarr_tree: ZarrTree, path: str) -> bytes | None:
    """The bytes of what describes an array, None where there is none."""
    name = "zarr.json" if zarr_tree.format == 3 else ".zarray"
    return zarr_tree.tree.get(f"{path}/{name}" if path else name)


def _check_shape(source: Source, level: Level, found: tuple[int, ...]) -> None:
    if found == level.shape:
        return
    raise UnreadableError(
        "array-changed",
        f"The array {level.path!r} in {source.path} was described with the shape {level.shape}, but has {found}.",
        hint="The dataset has changed since: read its content again.",
        where=str(source.path),
    )
