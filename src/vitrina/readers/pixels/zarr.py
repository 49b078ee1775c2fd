"""Pixels of one array in a Zarr hierarchy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError
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
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    import numpy as np

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.readers.pixels.axes import AxisPlan, Pixels, ShapeTczyx
    from vitrina.readers.pixels.chunk_grid import ChunkPart
    from vitrina.readers.pixels.chunk_layout import ChunkLayout
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree


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
        zarr_tree = get_zarr_tree(source)
        array: Any = zarr_tree.open_array(path)
        if array.shape != element.levels[level].shape:
            raise _changed(source, path, element.levels[level].shape, array.shape)
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
    ) -> None:
        chunk_shape = layout.codec.chunk_shape
        channels = plan.channel_dim
        self._source = source
        self._path = path
        self._plan = plan
        self._codec = layout.codec
        self._files = ChunkFiles(TreeFiles(source.path, path), layout)
        self._fill_value = fill_value
        self._cache = DecodedCache(cache_bytes)
        self.dtype: np.dtype[Any] = layout.codec.dtype.newbyteorder("=")
        self.shape_tczyx: ShapeTczyx = plan.shape_tczyx
        self.chunk_shape_tczyx: ShapeTczyx = plan.arrange(chunk_shape)
        self.n_joint_channels: int = (
            1 if channels is None else plan_joint_channels(chunk_shape[channels], plan.shape[channels])
        )

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel.

        What another thread is decoding comes last, so that threads in the same chunks do not wait for each other.
        """
        target = self._plan.view(out_czyx)
        window = self._plan.locate(start_tczyx, out_czyx.shape)
        postponed = []
        for part in find_chunk_parts(self._plan.shape, self._codec.chunk_shape, window):
            if self._cache.is_busy(part.chunk):
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
                pixels = self._cache.get(part.chunk, lambda: self._decode(part.chunk))
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

        data = self._files.read(chunk)
        if data is None:
            return np.broadcast_to(np.asarray(self._fill_value, self.dtype), self._codec.chunk_shape)
        return self._codec.decode(data)

    def _decode_into(self, chunk: tuple[int, ...], out: Pixels) -> None:
        data = self._files.read(chunk)
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


def _find_layout(zarr_tree: ZarrTree, path: str, dtype: np.dtype[Any]) -> ChunkLayout | None:
    name = "zarr.json" if zarr_tree.format == 3 else ".zarray"
    data = zarr_tree.tree.get(f"{path}/{name}" if path else name)
    return None if data is None else parse_layout(json.loads(data), dtype)


def _changed(source: Source, path: str, described: tuple[int, ...], found: tuple[int, ...]) -> UnreadableError:
    return UnreadableError(
        "array-changed",
        f"The array {path!r} in {source.path} was described with the shape {described}, but has {found}.",
        hint="The dataset has changed since: read its content again.",
        where=str(source.path),
    )
