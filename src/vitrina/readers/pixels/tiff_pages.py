"""Where the segments of each page of a TIFF series lie, looked up once per page."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tifffile import TiffPageSeries

_JPEG_COMPRESSIONS = {6, 7, 33007, 34892}
"""Codes of JPEG, whose segments share tables. Source: https://www.awaresystems.be/imaging/tiff/tifftags/compression.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page.

    Attributes:
        offsets: First byte of each segment; 0 for none.
        sizes_bytes: Of each segment; 0 for none.
        decode_options: Further arguments of tifffile's decoder.
    """

    offsets: Sequence[int]
    sizes_bytes: Sequence[int]
    decode_options: dict[str, Any]

    def is_stored(self, number: int) -> bool:
        """Whether a segment has bytes in the file.

        Raises:
            EOFError: The page does not list so many segments.
        """
        if number >= min(len(self.offsets), len(self.sizes_bytes)):
            raise EOFError(f"it lists {len(self.offsets)} strips or tiles, too few for its size")
        return self.offsets[number] > 0 and self.sizes_bytes[number] > 0


class TiffPages:
    """The pages of one level of a series. Pages are looked up under a lock, since tifffile seeks in its file."""

    def __init__(self, series: TiffPageSeries) -> None:
        self._series = series
        self._lock = Lock()
        self._pages: dict[int, Page | None] = {}
        keyframe = series.keyframe
        self._is_jpeg = keyframe.compression in _JPEG_COMPRESSIONS
        self._header = keyframe.jpegheader

    def get(self, number: int) -> Page | None:
        """A page by its number in the series; None where the series has a gap.

        Raises:
            Exception: Whatever tifffile raises for a damaged page.
        """
        try:
            return self._pages[number]
        except KeyError:
            with self._lock:
                if number not in self._pages:
                    self._pages[number] = self._read(number)
                return self._pages[number]

    def _read(self, number: int) -> Page | None:
        page = self._series[number]
        if page is None:
            return None
        options = {"jpegtables": page.jpegtables, "jpegheader": self._header} if self._is_jpeg else {}
        return Page(
            offsets=page.dataoffsets,
            sizes_bytes=page.databytecounts,
            decode_options=options,
        )
