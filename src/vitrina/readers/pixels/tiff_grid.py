"""How a TIFF page is cut into strips or tiles.

Source: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, StripOffsets (page 40) and TileOffsets (page 68).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator


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


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentGrid:
    """The segments of every page of a series.

    Attributes:
        n_planes: Samples of a pixel that are stored apart.
        shape_zyx: Of a page; its depth is nearly always 1.
        segment_zyx: Of a tile, or of a strip, which is as wide as the image.
    """

    n_planes: int
    shape_zyx: tuple[int, int, int]
    segment_zyx: tuple[int, int, int]

    @property
    def counts_zyx(self) -> tuple[int, int, int]:
        """Segments of one plane of samples along each axis."""
        depth, height, width = (-(-a // b) for a, b in zip(self.shape_zyx, self.segment_zyx, strict=True))
        return depth, height, width

    @property
    def n_segments(self) -> int:
        """Of a page."""
        depth, height, width = self.counts_zyx
        return self.n_planes * depth * height * width

    def find_parts(self, plane: int, z: int, start_yx: tuple[int, int], shape_yx: tuple[int, int]) -> Iterator[Part]:
        """The segments that a window of one plane needs, row by row."""
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
