"""How a TIFF page is cut into strips or tiles.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, StripOffsets (page 40) and TileOffsets (page 68).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_GROUP_ROWS = 64
_MAX_GROUP_BYTES = 4 * 2**20


class Part(NamedTuple):
    """What a window and a segment have in common.

    Attributes:
        number: Of the segment in its page.
        z: Plane inside the segment.
        y: First row inside the segment.
        x: First column inside the segment.
        to_y: First row inside the window.
        to_x: First column inside the window.
        height: In pixels.
        width: In pixels.
        is_whole: Whether the window holds all of the segment that lies inside the image.
    """

    number: int
    z: int
    y: int
    x: int
    to_y: int
    to_x: int
    height: int
    width: int
    is_whole: bool


class PlaneWindow(NamedTuple):
    """A part of a plane, the same in every page.

    Attributes:
        plane: Which sample, where they are stored apart.
        z: Plane inside the page.
        start_yx: First pixel.
        first_sample: Which interleaved sample is the first channel.
        parts: The segments that it needs; empty where pages are not read by segments.
    """

    plane: int
    z: int
    start_yx: tuple[int, int]
    first_sample: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentGrid:
    """The segments of every page of a series.

    Attributes:
        n_planes: Samples of a pixel that are stored apart.
        shape_zyx: Of a page; its depth is nearly always 1.
        segment_zyx: Of a tile, or of a group of strips, which is as wide as the image.
        strip_height: Of each strip of a group; None for tiles.
    """

    n_planes: int
    shape_zyx: tuple[int, int, int]
    segment_zyx: tuple[int, int, int]
    strip_height: int | None = None

    @property
    def counts_zyx(self) -> tuple[int, int, int]:
        """Segments of one plane of samples along each axis."""
        depth, height, width = (-(-a // b) for a, b in zip(self.shape_zyx, self.segment_zyx, strict=True))
        return depth, height, width

    def list_stored(self, number: int) -> range:
        """The numbers in the file of a tile, or of the strips of a group."""
        if self.strip_height is None:
            return range(number, number + 1)
        n_groups, n_strips = self.counts_zyx[1], -(-self.shape_zyx[1] // self.strip_height)
        plane, group = divmod(number, n_groups)
        per_group = self.segment_zyx[1] // self.strip_height
        first = group * per_group
        return range(plane * n_strips + first, plane * n_strips + min(first + per_group, n_strips))

    def find_parts(self, plane: int, z: int, start_yx: tuple[int, int], shape_yx: tuple[int, int]) -> Iterator[Part]:
        """The tiles or groups of strips that a window of one plane needs, row by row."""
        n_z, n_y, n_x = self.counts_zyx
        size_z, size_y, size_x = self.segment_zyx
        _, height, width = self.shape_zyx
        (top, left), (bottom, right) = start_yx, (start_yx[0] + shape_yx[0], start_yx[1] + shape_yx[1])
        first = (plane * n_z + z // size_z) * n_y
        for row in range(top // size_y, -(-bottom // size_y)):
            y = row * size_y
            y0, y1 = max(top, y), min(bottom, y + size_y)
            is_high = y0 == y and y1 == min(y + size_y, height) and size_z == 1
            for column in range(left // size_x, -(-right // size_x)):
                x = column * size_x
                x0, x1 = max(left, x), min(right, x + size_x)
                is_whole = is_high and x0 == x and x1 == min(x + size_x, width)
                number = (first + row) * n_x + column
                yield Part(number, z % size_z, y0 - y, x0 - x, y0 - top, x0 - left, y1 - y0, x1 - x0, is_whole)


def plan_strip_group(strip_height: int, height: int, row_bytes: int) -> int:
    """How many rows to decode and keep together: so many strips that handling each alone would cost much more."""
    height_px = min(strip_height, height)
    rows = min(_MAX_GROUP_ROWS, max(1, _MAX_GROUP_BYTES // row_bytes))
    return height_px * max(1, min(rows, height) // height_px)
