"""Windows of pixels out of a TIFF: by tiles where it has them, else by whole planes that are kept for a while."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from tifffile import TiffFile, TiffPageSeries

    type Pixels = npt.NDArray[np.generic]

MAX_CACHED_BYTES = 256 * 2**20
_MAX_SAMPLES = 4


class TiffPixels:
    """One image of an open TIFF file, its stored levels finest first. Safe to use from several threads.

    Args:
        path: The file; other files that its metadata names are never opened.
        index: Which series of the file.

    Attributes:
        axes: Letters of tifffile, such as ``TZCYX`` or ``YXS``.
    """

    def __init__(self, path: Path, index: int = 0) -> None:
        self._path = path
        self._lock = RLock()
        self._planes: OrderedDict[tuple[int, tuple[int, ...]], Pixels] = OrderedDict()
        file = _open_tiff(path)
        weakref.finalize(self, file.close)  # the file stays open for as long as anybody may still read
        series = file.series
        if index >= len(series):
            raise UnreadableError("tiff-image-missing", f"{path.name} has no image {index}.", where=str(path))
        self._series: TiffPageSeries = series[index]
        self._levels = list(self._series.levels)
        self.axes: str = self._series.axes
        self.shapes: list[tuple[int, ...]] = [tuple(map(int, level.shape)) for level in self._levels]
        self.dtype: np.dtype[Any] = self._series.dtype
        self._stores: dict[int, Any] = {}

    def read(self, level: int, leading: tuple[int, ...], rows: slice, columns: slice) -> Pixels:
        """A window of a stored level, rows x columns, with samples last where the image has them.

        Args:
            level: Number of the stored level.
            leading: Index along every axis before Y.
            rows: Of the level's own pixels.
            columns: Of the level's own pixels.

        Raises:
            UnreadableError: The file is damaged there.
        """
        with self._lock, _reading(self._path):
            if self._is_tiled(level):
                window: Pixels = self._get_store(level)[(*leading, rows, columns)]
                return window
            return self._get_plane(level, leading)[rows, columns]

    def _is_tiled(self, level: int) -> bool:
        return bool(self._levels[level].keyframe.is_tiled)

    def _get_store(self, level: int) -> Any:
        import zarr

        if level not in self._stores:
            self._stores[level] = zarr.open_array(self._series.aszarr(level=level), mode="r")
        return self._stores[level]

    def _get_plane(self, level: int, leading: tuple[int, ...]) -> Pixels:
        key = (level, leading)
        plane = self._planes.pop(key, None)
        if plane is None:
            plane = self._get_store(level)[leading] if leading else self._get_store(level)[...]
            while self._planes and sum(p.nbytes for p in self._planes.values()) + plane.nbytes > MAX_CACHED_BYTES:
                self._planes.popitem(last=False)
        self._planes[key] = plane
        return plane


def shrink(pixels: Pixels, factor: int, *, is_labels: bool = False) -> Pixels:
    """Every ``factor`` x ``factor`` pixels become one of the same type: the mean of at most 16, or the first label."""
    import numpy as np

    if factor == 1 or is_labels:
        return pixels[::factor, ::factor]
    height, width = -(-pixels.shape[0] // factor), -(-pixels.shape[1] // factor)
    step = max(factor // _MAX_SAMPLES, 1)
    total = np.zeros((height, width, *pixels.shape[2:]), np.float64 if pixels.dtype.kind == "f" else np.int64)
    count = np.zeros((height, width) + (1,) * (pixels.ndim - 2), np.int64)
    for y, x in _iterate_offsets(factor, step):
        part = pixels[y::factor, x::factor]
        total[: part.shape[0], : part.shape[1]] += part
        count[: part.shape[0], : part.shape[1]] += 1
    mean: Pixels = total / count if pixels.dtype.kind == "f" else total // count
    return mean.astype(pixels.dtype)


def _iterate_offsets(factor: int, step: int) -> Iterator[tuple[int, int]]:
    return ((y, x) for y in range(0, factor, step) for x in range(0, factor, step))


def _open_tiff(path: Path) -> TiffFile:
    import tifffile

    with _reading(path):
        return tifffile.TiffFile(path, _multifile=False)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn what tifffile and its codecs say about damaged files into our error."""
    try:
        yield
    except VitrinaError:
        raise
    except Exception as err:  # codecs raise dozens of types of their own
        raise UnreadableError(
            "tiff-damaged",
            f"{path.name} cannot be read as TIFF: {err}.",
            hint="The file is probably truncated: copy or download it again.",
            where=str(path),
        ) from err
