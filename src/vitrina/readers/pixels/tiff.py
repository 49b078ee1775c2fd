"""Pixels of one level of an image in a TIFF file."""

from __future__ import annotations

import math
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.stored_chunks import StoredChunks
from vitrina.readers.damage import reading
from vitrina.readers.pixels.axes import plan_axes, plan_joint_channels
from vitrina.readers.pixels.decoded_cache import DEFAULT_CACHE_BYTES, DecodedCache
from vitrina.readers.pixels.dtype import check_dtype
from vitrina.readers.pixels.file_bytes import FileBytes
from vitrina.readers.pixels.inverted import InvertedPixels
from vitrina.readers.pixels.tiff_planes import build_planes
from vitrina.readers.pixels.tiff_tiles import find_tiles
from vitrina.readers.pixels.zarr_array import ZarrArrayPixels
from vitrina.readers.tiff_file import open_tiff_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tifffile import TiffFile, TiffPageSeries

    from vitrina.model.content import Axis, ImageElement, LabelsElement
    from vitrina.readers.pixels.axes import AxisPlan, Pixels, ShapeTczyx
    from vitrina.readers.source import Source

_DAMAGE = "tiff-damaged", "TIFF"
_WHITE_IS_ZERO = 0


def open_tiff_pixels(
    source: Source, element: ImageElement | LabelsElement, level: int = 0, *, cache_bytes: int = DEFAULT_CACHE_BYTES
) -> TiffPixels | ZarrArrayPixels | InvertedPixels:
    """Open one level of an image; the caller closes it.

    Args:
        source: The file.
        element: What its reader found; its path is the number of the series.
        level: Number of the level.
        cache_bytes: How many bytes of decoded strips or tiles are kept at most.

    Raises:
        UnreadableError: The file is damaged, or not what its reader found any more.
        UnsupportedError: The image has axes or values that are no pixels.
    """
    file: TiffFile = open_tiff_file(source)
    try:
        with reading(source, *_DAMAGE):
            series = _find_series(source, file, element, level)
            return open_series(source, series, level, element.axes, cache_bytes=cache_bytes, close=file.close)
    except BaseException:
        file.close()
        raise


def open_series(
    source: Source,
    series: TiffPageSeries,
    level: int,
    axes: Sequence[Axis],
    *,
    close: Callable[[], object],
    cache_bytes: int = DEFAULT_CACHE_BYTES,
) -> TiffPixels | ZarrArrayPixels | InvertedPixels:
    """One level of a series of an opened file.

    Args:
        source: The file.
        series: The series.
        level: Number of the level.
        axes: One per dimension.
        close: Called when the pixels are closed, or dropped.
        cache_bytes: How many bytes of decoded strips or tiles are kept at most.

    Raises:
        UnsupportedError: The image has axes or values that are no pixels.
    """
    own = series.levels[level]
    plan = plan_axes(axes, tuple(int(size) for size in own.shape), str(source.path))
    pixels: TiffPixels | ZarrArrayPixels
    if is_regular(own, plan):
        pixels = TiffPixels(source, close, own, plan, cache_bytes)
    else:
        import zarr

        array = zarr.open_array(series.aszarr(level=level), mode="r")
        pixels = ZarrArrayPixels(source, array, axes, _DAMAGE, close)
    maximum = find_white(series)
    return pixels if maximum is None else InvertedPixels(pixels, maximum)


def find_white(series: TiffPageSeries) -> int | None:
    """The value that is black where a file says that 0 is white, None for any other.

    Masks that tifffile wrote count as others: it says so of every array of bool, and means its own values.

    Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, page 37, PhotometricInterpretation
    """
    keyframe = series.keyframe
    is_mask = series.dtype.kind == "b" and str(keyframe.software).startswith("tifffile")
    if int(keyframe.photometric) != _WHITE_IS_ZERO or series.dtype.kind not in "bu" or is_mask:
        return None
    return int(2 ** min(int(keyframe.bitspersample), series.dtype.itemsize * 8) - 1)


class TiffPixels:
    """One level of an image in a TIFF file whose pages hold rows, columns and perhaps samples, in this order.

    What lies uncompressed in the file is copied from there, any part of it on its own; ``chunk_shape_tczyx`` is then a
    single pixel.

    Args:
        source: The file.
        close: Closes the series's file; called with this.
        series: One level of an image.
        plan: What its dimensions are.
        cache_bytes: How many bytes of decoded segments are kept at most.
    """

    def __init__(
        self, source: Source, close: Callable[[], object], series: TiffPageSeries, plan: AxisPlan, cache_bytes: int
    ) -> None:
        page_shape = _find_page_shape(series, plan)
        n_samples = page_shape[-1]
        self._source = source
        self._plan = plan
        self._page_shape = page_shape[:2]
        self._n_outer = plan.find_dims("y")[0]
        self._z_stride = _find_stride(plan)
        self.dtype = check_dtype(series.dtype, str(source.path))
        self.shape_tczyx: ShapeTczyx = plan.shape_tczyx
        self.n_joint_channels: int = plan_joint_channels(n_samples, n_samples)
        self._file = FileBytes(source.path)
        self._close = weakref.finalize(self, close)
        self._planes, segment_zyx = build_planes(self._file, series, page_shape, DecodedCache(cache_bytes))
        self._tiles = find_tiles(self._file, series.keyframe, self._planes, self.dtype)
        z, y, x = (min(size, whole) for size, whole in zip(segment_zyx, self.shape_tczyx[2:], strict=True))
        self.chunk_shape_tczyx: ShapeTczyx = (1, self.n_joint_channels, z, y, x)

    def read_into(self, start_tczyx: ShapeTczyx, out_czyx: Pixels) -> None:
        """Fill an array with the window that starts at a pixel."""
        outer, first_sample = self._find_plane(start_tczyx[:3])
        _, depth, height, width = out_czyx.shape
        page, window = 0, None
        with self._reading(lambda: page):
            for k in range(depth):
                page, plane, z = self._split(outer + k * self._z_stride)
                if window is None or (window.plane, window.z) != (plane, z):
                    window = self._planes.plan_window(plane, z, start_tczyx[3:], (height, width), first_sample)
                self._planes.read(page, window, out_czyx[:, k])

    def describe_stored(self) -> StoredChunks | None:
        """How the tiles are stored, where they are chunks of a Zarr array as they are."""
        tiles = self._tiles
        return None if tiles is None else StoredChunks(side_px=tiles.side_px, compression=tiles.compression)

    def read_stored(self, index_tczyx: ShapeTczyx) -> bytes | None:
        """The bytes of a tile; None where it is not stored, so that its pixels are 0."""
        if self._tiles is None:
            raise IndexError(index_tczyx)
        t, c, z, row, column = index_tczyx
        outer, _ = self._find_plane((t, c, z))
        page, plane, _ = self._split(outer)
        with self._reading(lambda: page):
            return self._tiles.read(page, plane, row, column)

    def close(self) -> None:
        """Close the file; nothing is read afterwards."""
        self._file.close()
        self._close()

    def _find_plane(self, start_tcz: tuple[int, int, int]) -> tuple[int, int]:
        """The number of the first plane of a window, and that of its first interleaved sample."""
        starts = [own.start for own in self._plan.locate((*start_tcz, 0, 0), (1, 1, 1, 1))]
        outer = 0
        for size, start in zip(self._plan.shape[: self._n_outer], starts, strict=False):
            outer = outer * size + start
        return outer, starts[-1] if self._n_outer + 2 < len(starts) else 0

    def _split(self, outer: int) -> tuple[int, int, int]:
        """Page, separate sample and depth of a plane."""
        n_planes, depth = self._page_shape
        page, rest = divmod(outer, n_planes * depth)
        return page, *divmod(rest, depth)

    @contextmanager
    def _reading(self, find_page: Callable[[], int]) -> Iterator[None]:
        """While pages are read; the one that is read when something fails is named."""
        try:
            yield
        except (VitrinaError, MemoryError):
            raise
        except Exception as err:  # codecs raise dozens of types of their own
            reason = str(err).strip().split("\n", 1)[0].rstrip(".") or type(err).__name__
            raise UnreadableError(
                _DAMAGE[0],
                f"{self._source.path} cannot be read as TIFF, page {find_page()}: {reason}.",
                hint="The file is probably truncated or damaged: copy or download it again.",
                where=str(self._source.path),
            ) from err


def is_regular(series: TiffPageSeries, plan: AxisPlan) -> bool:
    """Whether the dimensions of a series are those of its pages: others, then rows, columns and perhaps channels."""
    y, x = plan.find_dims("y")[0], plan.find_dims("x")[0]
    n_planes, depth, height, width, n_samples = _find_page_shape(series, plan)
    n_outer, per_page = math.prod(plan.shape[:y]), n_planes * depth
    return (
        series.transform is None
        and x == y + 1
        and plan.shape[y : x + 1] == (height, width)
        and plan.shape[x + 1 :] in {(), (n_samples,)}
        and plan.roles[x + 1 :] in {(), ("c",), (None,)}
        and math.prod(plan.shape) == n_outer * height * width * n_samples
        and n_outer % per_page == 0
        and (series.dataoffset is not None or len(series) * per_page == n_outer)
    )


def _find_page_shape(series: TiffPageSeries, plan: AxisPlan) -> tuple[int, int, int, int, int]:
    """Separate samples, depth, rows, columns and interleaved samples of a page.

    Where all pixels follow each other without a gap, every plane counts as a page.
    """
    if series.dataoffset is None:
        n_planes, depth, height, width, n_samples = (int(size) for size in series.keyframe.shaped)
        return n_planes, depth, height, width, n_samples
    y, x = plan.find_dims("y")[0], plan.find_dims("x")[0]
    return 1, 1, plan.shape[y], plan.shape[x], math.prod(plan.shape[x + 1 :])


def _get_index(element: ImageElement | LabelsElement) -> int:
    return int(element.path) if element.path.isdecimal() else 0


def _find_series(source: Source, file: TiffFile, element: ImageElement | LabelsElement, level: int) -> TiffPageSeries:
    index = _get_index(element)
    levels = file.series[index].levels if index < len(file.series) else []
    if level < len(levels) and tuple(levels[level].shape) == element.levels[level].shape:
        return file.series[index]
    found = f"the shape {levels[level].shape}" if level < len(levels) else "no such level"
    raise UnreadableError(
        "tiff-changed",
        f"Level {level} of the image {element.name!r} in {source.path} was described with the shape "
        f"{element.levels[level].shape}, but the file has {found}.",
        hint="The file has changed since: read its content again.",
        where=str(source.path),
    )


def _find_stride(plan: AxisPlan) -> int:
    """How many planes lie between two neighbours along z."""
    dims = plan.find_dims("z")
    return math.prod(plan.shape[dims[0] + 1 : plan.find_dims("y")[0]]) if dims else 1
