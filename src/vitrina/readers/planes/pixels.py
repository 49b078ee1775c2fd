"""Pixels of an image whose planes lie in many TIFF files."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any

from vitrina.errors import NotFoundError, UnreadableError, UnsupportedError
from vitrina.model.content import Axis, ImageElement, Level
from vitrina.readers.damage import reading
from vitrina.readers.pixels.dtype import check_dtype
from vitrina.readers.pixels.tiff import open_tiff_pixels
from vitrina.readers.source import Source
from vitrina.readers.tiff_file import open_tiff_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np

    from vitrina.pyramid.source import Pixels, PixelSource, ShapeTczyx
    from vitrina.readers.planes.stack import PlaneIndex

MAX_OPEN = 32
"""Files that stay open: neighbouring blocks read the same planes."""

CACHE_BYTES = 32 * 2**20
"""Decoded pixels that are kept per open file."""

_DAMAGE = "tiff-damaged", "TIFF"


def measure_plane(path: Path) -> tuple[int, int, int, np.dtype[Any]]:
    """Planes, rows, columns and type of the pixels of a file.

    Raises:
        UnreadableError: The file is damaged.
        UnsupportedError: It holds more than planes.
    """
    source = Source(path)
    with open_tiff_file(source) as file, reading(source, *_DAMAGE):
        series = file.series[0]
        shape = tuple(int(size) for size in series.shape)
        if not series.axes.endswith("YX") or not 2 <= len(shape) <= 3 or 0 in shape:
            raise UnsupportedError(
                "plane-axes",
                f"{path} has the axes {series.axes} and the shape {shape}, where one plane, or a stack of planes, is "
                "expected.",
                hint="Convert the file on its own.",
                where=str(path),
            )
        return (1, *shape, series.dtype)[-4:]  # type: ignore[return-value]  # 4 entries whichever of 2 or 3 axes


class PlaneFilesPixels:
    """Planes of many files as one image; planes without a file are black.

    Args:
        root: The folder.
        files: Path below the folder of each plane.
        shape_tczyx: Of the image.
        dtype: Of all planes.
        has_stacks: Whether a file holds all planes of a stack; ``files`` then tells that of depth 0 only.
    """

    n_joint_channels = 1

    def __init__(
        self,
        root: Path,
        files: Mapping[PlaneIndex, str],
        shape_tczyx: ShapeTczyx,
        dtype: str,
        *,
        has_stacks: bool = False,
    ) -> None:
        self.shape_tczyx = shape_tczyx
        self.dtype = check_dtype(dtype, str(root))
        self.chunk_shape_tczyx: ShapeTczyx = (1, 1, 1, *_find_chunk(root, files, shape_tczyx, self.dtype))
        self._root = root
        self._files = files
        self._has_stacks = has_stacks
        self._open: OrderedDict[str, PixelSource] = OrderedDict()
        self._lock = Lock()

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        t, c, z, y, x = start_tczyx
        for k in range(out_czyx.shape[1]):
            plane = out_czyx[:, k : k + 1]
            path = self._files.get((t, c, 0 if self._has_stacks else z + k))
            if path is None:
                plane[...] = 0
            else:
                self._get(path).read_into((0, 0, z + k if self._has_stacks else 0, y, x), plane)

    def close(self) -> None:
        """Close all files; nothing is read afterwards."""
        with self._lock:
            opened = list(self._open.values())
            self._open.clear()
        for one in opened:
            one.close()

    def _get(self, path: str) -> PixelSource:
        """The file, opened now unless it is; the one that was used longest ago is closed when no thread reads it."""
        with self._lock:
            found = self._open.get(path)
            if found is not None:
                self._open.move_to_end(path)
                return found
        opened = _open_plane(self._root / path, self.shape_tczyx, self.dtype, has_stacks=self._has_stacks)
        with self._lock:
            kept = self._open.setdefault(path, opened)
            while len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)  # closed when it is collected, since another thread may read it now
        return kept


def _open_plane(path: Path, shape_tczyx: ShapeTczyx, dtype: np.dtype[np.generic], *, has_stacks: bool) -> PixelSource:
    n_z, height, width = shape_tczyx[2:]
    n_own_z = n_z if has_stacks else 1
    try:
        source = Source(path)
        found = measure_plane(path)
    except FileNotFoundError as err:
        raise NotFoundError(
            "plane-missing", f"{path} was there when the folder was read, but is not any more.", where=str(path)
        ) from err
    has_fitting_dtype = check_dtype(found[3], str(path)) == dtype
    if found[:3] != (n_own_z, height, width) or not has_fitting_dtype:
        wanted = f"{n_own_z} x {height} x {width} {dtype.name}"
        raise UnreadableError(
            "planes-differ",
            f"{path} is {found[0]} x {found[1]} x {found[2]} {found[3].name}, where {wanted} is expected as in the "
            "other files.",
            hint="Move it out of the folder, or convert it on its own.",
            where=str(path),
        )
    shape = found[:3] if found[0] > 1 else found[1:3]
    names = "zyx"[-len(shape) :]
    ones = (1.0,) * len(shape)
    level = Level(path="0", shape=shape, chunk_shape=None, scale=ones, translation=ones)
    element = ImageElement(
        name=path.name,
        path="0",
        axes=tuple(Axis(name=name, type="space") for name in names),
        dtype=dtype.name,
        levels=(level,),
        channels=(),
    )
    return open_tiff_pixels(source, element, 0, cache_bytes=CACHE_BYTES)


def _find_chunk(
    root: Path, files: Mapping[PlaneIndex, str], shape_tczyx: ShapeTczyx, dtype: np.dtype[np.generic]
) -> tuple[int, int]:
    """Height and width of what is decoded at once, as the first file has it."""
    path = next(iter(files.values()), None)
    if path is None:
        return shape_tczyx[3], shape_tczyx[4]
    source = Source(root / path)
    with open_tiff_file(source) as file, reading(source, *_DAMAGE):
        page = file.series[0].keyframe
        if page.is_memmappable:
            return 1, 1
        height, width = (int(size) for size in page.chunks[-2:]) if len(page.chunks) >= 2 else (1, dtype.itemsize)
        return min(height, shape_tczyx[3]), min(width, shape_tczyx[4])
