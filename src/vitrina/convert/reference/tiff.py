"""References into TIFF: tiles and strips as chunks, for as long as plain numcodecs can decode them."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

from vitrina.convert.reference.document import Document, ReferencedArray, plan_rows
from vitrina.errors import UnsupportedError
from vitrina.model.finding import Finding
from vitrina.ngff.v04.image import build_image
from vitrina.readers.ngff_image import describe_image
from vitrina.readers.tiff_file import open_tiff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tifffile import TiffPageSeries

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.readers.source import Source

    type Raster = ImageElement | LabelsElement

_CODECS: dict[int, dict[str, Any] | None] = {1: None, 8: {"id": "zlib"}, 32946: {"id": "zlib"}, 50000: {"id": "zstd"}}
"""By the number of the compression. Source: https://www.loc.gov/preservation/digital/formats/content/tiff_tags.shtml"""

_MISSING = {
    2: "CCITT",
    5: "LZW (imagecodecs_lzw)",
    6: "old JPEG",
    7: "JPEG (imagecodecs_jpeg)",
    32773: "PackBits (imagecodecs_packbits)",
    33003: "JPEG 2000 (imagecodecs_jpeg2k)",
    33005: "JPEG 2000 (imagecodecs_jpeg2k)",
    34712: "JPEG 2000 (imagecodecs_jpeg2k)",
    34887: "LERC (imagecodecs_lerc)",
    34892: "JPEG (imagecodecs_jpeg)",
    34925: "LZMA",
    50001: "WebP (imagecodecs_webp)",
    50002: "JPEG XL (imagecodecs_jpegxl)",
    52546: "JPEG XL (imagecodecs_jpegxl)",
}
"""Codecs that TIFF has and numcodecs lacks."""


def reference_tiff(source: Source, rasters: list[Raster], document: Document) -> list[Finding]:
    """Add the images of a TIFF to a document, as OME-Zarr 0.4.

    Args:
        source: The file.
        rasters: Those of its images that are wanted, as their reader found them.
        document: Grows.

    Raises:
        UnreadableError: The file is damaged.
        UnsupportedError: Plain Zarr readers could not decode its pixels.
    """
    findings: list[Finding] = []
    if any(element.path for element in rasters):
        document.add_group("", {"bioformats2raw.layout": 3})
        document.add_group("OME", {"series": [element.path for element in rasters]})
    with open_tiff(source) as tiff:
        for element in rasters:
            series = tiff.series[int(element.path) if element.path.isdecimal() else 0]
            levels = tuple(replace(level, path=str(number)) for number, level in enumerate(element.levels))
            document.add_group(element.path, build_image(describe_image(replace(element, path="", levels=levels))))
            for number, level in enumerate(series.levels[: len(levels)]):
                path = f"{element.path}/{number}" if element.path else str(number)
                _add_level(str(source.path), document, path, level)
            findings += _check_axes(element)
    return findings


def _add_level(where: str, document: Document, path: str, series: TiffPageSeries) -> None:
    import numpy as np

    keyframe = series.keyframe
    _check_decodable(where, keyframe)
    shape = tuple(int(size) for size in series.shape)
    dtype = np.dtype(keyframe.dtype).newbyteorder(keyframe.parent.byteorder)
    y = series.axes.index("Y")
    if series.axes[y : y + 2] != "YX" or series.axes[y + 2 :] not in {"", "S"}:
        raise _refuse(where, f"its axes are {series.axes}, expected rows and columns last")
    inner = shape[y + 2 :]  # interleaved samples
    array = ReferencedArray(
        shape=shape,
        chunk_shape=(),
        dtype=dtype,
        compressor=_CODECS[int(keyframe.compression)],
        fill_value=_get_fill(keyframe.nodata),
    )
    if series.dataoffset is not None:
        _add_contiguous(document, path, array, y, int(series.dataoffset))
        return
    if keyframe.is_tiled and int(keyframe.tiledepth or 1) == 1:
        height, width = int(keyframe.tilelength), int(keyframe.tilewidth)
    elif not keyframe.is_tiled:
        height, width = min(int(keyframe.rowsperstrip), shape[y]), shape[y + 1]
        if shape[y] % height:
            _add_plain_strips(document, path, array, y, series)
            return
    else:
        raise _refuse(where, "its tiles are deeper than one plane")
    grid = (math.ceil(shape[y] / height), math.ceil(shape[y + 1] / width))
    array = replace(array, chunk_shape=(1,) * y + (height, width, *inner))
    document.add_array(path, array)
    for outer, row, column, offset, size in _list_segments(where, series, shape[:y], grid):
        if size:  # what is absent has the fill value
            document.add_chunk(path, (*outer, row, column, *(0 for _ in inner)), offset, size)


def _list_segments(
    where: str, series: TiffPageSeries, outer_shape: tuple[int, ...], grid: tuple[int, int]
) -> Iterator[tuple[tuple[int, ...], int, int, int, int]]:
    """Index along the outer dimensions, row and column of each segment, with offset and size."""
    n_outer, per_plane = math.prod(outer_shape), grid[0] * grid[1]
    positions = product(*(range(size) for size in outer_shape))
    n_seen = 0
    for page in series.pages:
        if page is None:
            raise _refuse(where, "some of its pages are missing")
        offsets, sizes = page.dataoffsets, page.databytecounts
        for first in range(0, len(offsets), per_plane):
            outer = next(positions, None)
            if outer is None or first + per_plane > len(offsets):
                raise _refuse(where, "its tiles or strips do not fit its shape")
            n_seen += 1
            for number in range(per_plane):
                yield outer, *divmod(number, grid[1]), int(offsets[first + number]), int(sizes[first + number])
    if n_seen != n_outer:
        raise _refuse(where, f"it has {n_seen} planes, and its shape says {n_outer}")


def _add_contiguous(document: Document, path: str, array: ReferencedArray, y: int, start: int) -> None:
    """All pixels of a level follow each other: bands of rows become chunks."""
    shape = array.shape
    assert array.dtype is not None  # noqa: S101 pixels are no text
    row_bytes = math.prod(shape[y + 1 :]) * array.dtype.itemsize
    rows = plan_rows(shape[y], row_bytes)
    document.add_array(path, replace(array, chunk_shape=(1,) * y + (rows, *shape[y + 1 :])))
    band = rows * row_bytes
    indices = product(*(range(size) for size in shape[:y]), range(shape[y] // rows))
    for number, index in enumerate(indices):
        document.add_chunk(path, (*index, *(0 for _ in shape[y + 1 :])), start + number * band, band)


def _add_plain_strips(document: Document, path: str, array: ReferencedArray, y: int, series: TiffPageSeries) -> None:
    """Strips of which the last is shorter: only uncompressed ones can be cut anew, where they follow each other."""
    shape, where = array.shape, document.where
    assert array.dtype is not None  # noqa: S101 pixels are no text
    row_bytes = math.prod(shape[y + 1 :]) * array.dtype.itemsize
    plane_bytes = shape[y] * row_bytes
    if array.compressor is not None:
        raise _refuse(where, "its last strip is shorter than the others and compressed, which Zarr has no chunks for")
    n_strips = math.ceil(shape[y] / int(series.keyframe.rowsperstrip))
    planes = []
    for outer, row, _, offset, size in _list_segments(where, series, shape[:y], (n_strips, 1)):
        if row == 0:
            planes.append((outer, offset, offset))
        start, end = planes[-1][1:]
        if offset != end:
            raise _refuse(where, "its last strip is shorter than the others, and strips do not follow each other")
        planes[-1] = (outer, start, offset + size)
    if any(end - start != plane_bytes for _, start, end in planes):
        raise _refuse(where, "its strips do not hold as many bytes as its shape says")
    rows = plan_rows(shape[y], row_bytes)
    document.add_array(path, replace(array, chunk_shape=(1,) * y + (rows, *shape[y + 1 :])))
    inner = tuple(0 for _ in shape[y + 1 :])
    for outer, start, _ in planes:
        for band in range(shape[y] // rows):
            document.add_chunk(path, (*outer, band, *inner), start + band * rows * row_bytes, rows * row_bytes)


def _check_decodable(where: str, keyframe: Any) -> None:
    compression = int(keyframe.compression)
    if compression not in _CODECS:
        name = _MISSING.get(compression, f"compression {compression}")
        raise _refuse(where, f"its pixels are compressed with {name}, a codec that numcodecs lacks")
    if int(keyframe.predictor) != 1:
        raise _refuse(where, f"its pixels are stored as differences (predictor {int(keyframe.predictor)})")
    if keyframe.fillorder != 1 or keyframe.is_subsampled or keyframe.bitspersample != keyframe.dtype.itemsize * 8:
        raise _refuse(where, f"its pixels of {keyframe.bitspersample} bits are packed")


def _check_axes(element: Raster) -> list[Finding]:
    names = [axis.name for axis in element.axes]
    if "c" not in names or names.index("c") < names.index("y"):
        return []
    return [
        Finding(
            code="reference-channels-last",
            severity="warning",
            path=f"{element.path}#/multiscales/0/axes",
            message=f"The file has the channels of {element.name} beside each other in every pixel, so its axes are "
            f"{', '.join(names)}; OME-Zarr wants channels before y and x, and viewers may refuse it.",
            fix="Convert it for viewers: vitrina convert SRC DST.ome.zarr.",
        )
    ]


def _get_fill(nodata: Any) -> Any:
    return nodata.item() if hasattr(nodata, "item") else nodata


def _refuse(where: str, why: str) -> UnsupportedError:
    return UnsupportedError(
        "reference-undecodable",
        f"{where} cannot be referenced: {why}.",
        hint="Convert it instead: vitrina convert SRC DST.ome.zarr.",
        where=where,
    )
