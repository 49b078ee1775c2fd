"""Polygons as label images, by the rule that a pixel belongs to the polygon that its centre lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.simulate.arrays import Floats, Ints

DISC_VERTICES = 14


def draw_labels(polygons_nkxy: Floats, shape_yx: tuple[int, int], pixel_size_um: float) -> Ints:
    """The label image of polygons that do not overlap: polygon ``i`` has the value ``i + 1``, background is 0.

    Every polygon is cut by the lines of pixel centres; between an odd and the next crossing lies its inside.
    """
    import numpy as np

    polygon, row, column = _find_crossings(polygons_nkxy / pixel_size_um - 0.5, shape_yx[0])
    order = np.lexsort((column, row, polygon))
    polygon, row, column = polygon[order], row[order], column[order]
    first = np.clip(np.ceil(column), 0, shape_yx[1]).astype(np.int64)
    change = np.where(np.arange(first.size) % 2 == 0, polygon + 1, -(polygon + 1))
    marks = np.zeros(shape_yx[0] * (shape_yx[1] + 1), dtype=np.int32)  # one more column: spans may end at the edge
    np.add.at(marks, row * (shape_yx[1] + 1) + first, change.astype(np.int32))
    np.cumsum(marks, out=marks)
    return np.ascontiguousarray(marks.reshape(shape_yx[0], -1)[:, :-1])


def _find_crossings(polygons_nkxy: Floats, n_rows: int) -> tuple[Ints, Ints, Floats]:
    """Polygon, row and column of every crossing of an edge with a row of pixel centres (at whole numbers)."""
    import numpy as np

    n_polygons, n_vertices, _ = polygons_nkxy.shape
    start = polygons_nkxy.reshape(-1, 2)
    end = np.roll(polygons_nkxy, -1, axis=1).reshape(-1, 2)
    top, bottom = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.maximum(np.ceil(top), 0).astype(np.int64)
    n_crossed = np.maximum(np.minimum(np.ceil(bottom), n_rows).astype(np.int64) - first, 0)
    edge = np.repeat(np.arange(start.shape[0]), n_crossed)
    before = np.cumsum(n_crossed) - n_crossed
    row = first[edge] + np.arange(edge.size) - before[edge]
    share = (row - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
    column = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
    return np.repeat(np.arange(n_polygons), n_vertices)[edge], row, column


def build_discs(centre_xy: Floats, radius: Floats) -> Floats:
    """Discs as polygons: n x vertices x (x, y)."""
    import numpy as np

    theta = np.arange(DISC_VERTICES) * (2 * np.pi / DISC_VERTICES)
    edge = np.stack((np.cos(theta), np.sin(theta)), axis=-1)
    return np.asarray(centre_xy[:, None, :] + radius[:, None, None] * edge)
