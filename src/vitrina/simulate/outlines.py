"""The polygons of cells and nuclei.

Each outline is star-shaped around its cell: one radius per direction. Toward every neighbour it stays on its own side
of a line between the two, and no cell crosses such a line, so outlines never overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.simulate.cell_types import CELL_TYPES

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.section import SectionParameters

N_VERTICES = 24
N_NUCLEUS_VERTICES = 20
SHARPNESS = 9.0
"""How sharp the corners between neighbours are: the norm by which the limits on a radius are joined."""
MEMBRANE = 0.97
"""Share of the way to the neighbour that a cell fills."""
NUCLEUS_LIMIT = 0.9
"""Share of the way to the cell's outline that the nucleus never exceeds."""
PAIRS_PER_BATCH = 400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """Polygons of all cells.

    Attributes:
        cell_nkxy: cells x vertices x (x, y) in micrometres, in the order of increasing angle, not closed.
        nucleus_nkxy: The same for the nuclei; each lies inside its cell.
        cell_centre_nxy: A place in each cell from which its whole outline is seen.
        nucleus_centre_nxy: The same for the nuclei.
    """

    cell_nkxy: Floats
    nucleus_nkxy: Floats
    cell_centre_nxy: Floats
    nucleus_centre_nxy: Floats


def build_outlines(parameters: SectionParameters, cells: Cells) -> Outlines:
    """Outlines of all cells and nuclei."""
    import numpy as np

    theta = np.arange(N_VERTICES) * (2 * np.pi / N_VERTICES)
    free_nk = _build_free_radii(parameters, cells, theta)
    radius_nk = _limit_by_neighbours(cells, free_nk, theta)
    radius_nk = np.minimum(radius_nk, _measure_to_border(parameters, cells, theta))
    cell_nkxy = cells.centre_xy[:, None, :] + radius_nk[:, :, None] * _build_directions(theta)
    nucleus_centre_nxy, nucleus_nkxy = _build_nuclei(parameters, cells, cell_nkxy)
    return Outlines(
        cell_nkxy=cell_nkxy,
        nucleus_nkxy=nucleus_nkxy,
        cell_centre_nxy=cells.centre_xy,
        nucleus_centre_nxy=nucleus_centre_nxy,
    )


def measure_areas(polygons_nkxy: Floats) -> Floats:
    """Areas of polygons by the shoelace formula."""
    import numpy as np

    x, y = polygons_nkxy[..., 0], polygons_nkxy[..., 1]
    doubled = x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y
    return np.asarray(np.abs(doubled.sum(axis=1)) / 2)


def _build_directions(theta: Floats) -> Floats:
    import numpy as np

    return np.stack((np.cos(theta), np.sin(theta)), axis=-1)


def _measure_ellipse(radius: Floats, aspect: Floats, from_long_axis: Floats) -> Floats:
    """Radius of ellipses with half axes ``radius`` and ``radius / aspect`` in a direction."""
    import numpy as np

    return np.asarray(radius / np.hypot(np.cos(from_long_axis), aspect * np.sin(from_long_axis)))


def _build_free_radii(parameters: SectionParameters, cells: Cells, theta: Floats) -> Floats:
    """What each cell would look like alone: an ellipse with a slightly uneven edge."""
    import numpy as np

    rng = parameters.build_rng("outlines")
    n = cells.type_code.size
    size = np.array([cell_type.radius_um for cell_type in CELL_TYPES])[cells.type_code] * rng.lognormal(0, 0.1, n)
    aspect = np.array([cell_type.aspect for cell_type in CELL_TYPES])[cells.type_code] * rng.lognormal(0, 0.1, n)
    radius_nk = _measure_ellipse(size[:, None], aspect[:, None], theta - cells.angle[:, None])
    for waves, amount in ((2, 0.05), (3, 0.045), (5, 0.02)):
        phase = rng.uniform(0, 2 * np.pi, (n, 1))
        radius_nk *= 1 + amount * np.sin(waves * theta + phase)
    return radius_nk


def _limit_by_neighbours(cells: Cells, free_nk: Floats, theta: Floats) -> Floats:
    """Radii joined by a p-norm from the free radius and the distance to the line toward each neighbour."""
    import numpy as np

    limits = free_nk**-SHARPNESS
    of, beside = _find_neighbours(cells.centre_xy, free_nk.max(axis=1))
    for start in range(0, of.size, PAIRS_PER_BATCH):
        one, other = of[start : start + PAIRS_PER_BATCH], beside[start : start + PAIRS_PER_BATCH]
        step_xy = cells.centre_xy[other] - cells.centre_xy[one]
        bearing = np.arctan2(step_xy[:, 1], step_xy[:, 0])
        own = _pick(free_nk, one, bearing)
        to_line = MEMBRANE * np.hypot(*step_xy.T) * own / (own + _pick(free_nk, other, bearing + np.pi))
        closeness = np.maximum(np.cos(theta - bearing[:, None]), 0) / to_line[:, None]
        first = np.flatnonzero(np.diff(one, prepend=-1))
        limits[one[first]] += np.add.reduceat(closeness**SHARPNESS, first)
    return np.asarray(limits ** (-1 / SHARPNESS))


def _pick(free_nk: Floats, cell: Ints, bearing: Floats) -> Floats:
    """The free radius of each cell in the direction nearest to a bearing."""
    import numpy as np

    direction = np.rint(bearing * (N_VERTICES / (2 * np.pi))).astype(np.int64) % N_VERTICES
    return np.asarray(free_nk[cell, direction])


def _find_neighbours(centre_xy: Floats, reach: Floats) -> tuple[Ints, Ints]:
    """All ordered pairs of cells whose free outlines could touch, sorted by the first."""
    import numpy as np
    from scipy.spatial import cKDTree

    large = reach > 2 * np.median(reach)
    small = np.flatnonzero(~large)
    widest = float(reach[small].max())
    pairs = small[cKDTree(centre_xy[small]).query_pairs(2 * widest, output_type="ndarray")]
    if large.any():
        giants = np.flatnonzero(large)
        around = cKDTree(centre_xy).query_ball_point(centre_xy[giants], reach[giants] + reach.max())
        of = np.repeat(giants, [len(found) for found in around])
        beside = np.concatenate([np.asarray(found, dtype=np.int64) for found in around])
        once = ~large[beside] | (of < beside)
        pairs = np.concatenate((pairs, np.column_stack((of, beside))[once & (of != beside)]))
    apart = np.hypot(*(centre_xy[pairs[:, 0]] - centre_xy[pairs[:, 1]]).T)
    pairs = pairs[apart < reach[pairs[:, 0]] + reach[pairs[:, 1]]]
    both = np.concatenate((pairs, pairs[:, ::-1]))
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return both[:, 0], both[:, 1]


def _measure_to_border(parameters: SectionParameters, cells: Cells, theta: Floats) -> Floats:
    """Distance from each cell to the border of the section in each direction."""
    import numpy as np

    distances = np.full((cells.type_code.size, theta.size), np.inf)
    for axis, extent in enumerate((parameters.width_um, parameters.height_um)):
        step = _build_directions(theta)[:, axis]
        at = cells.centre_xy[:, axis, None]
        room = np.where(step > 0, extent - at, at)
        distances = np.minimum(distances, room / np.maximum(np.abs(step), 1e-9))
    return distances


def _build_nuclei(parameters: SectionParameters, cells: Cells, cell_nkxy: Floats) -> tuple[Floats, Floats]:
    """Centres and outlines: ellipses, uneven and off centre by type, pressed into their cells."""
    import numpy as np

    rng = parameters.build_rng("nuclei")
    n = cells.type_code.size
    theta = np.arange(N_NUCLEUS_VERTICES) * (2 * np.pi / N_NUCLEUS_VERTICES)
    mean, aspect, offset = (
        np.array([getattr(cell_type, name) for cell_type in CELL_TYPES])[cells.type_code]
        for name in ("nucleus_radius_um", "nucleus_aspect", "nucleus_offset")
    )
    mean, aspect = mean * _draw_sizes(rng, cells), aspect * rng.lognormal(0, 0.08, n)
    bearing = rng.uniform(0, 2 * np.pi, n)
    at_edge = offset > 0.5
    angle = np.where(at_edge, bearing + np.pi / 2, cells.angle + rng.normal(0, 0.15, n))
    uneven = 1 + 0.05 * np.sin(3 * theta + rng.uniform(0, 2 * np.pi, (n, 1)))
    radius = _measure_ellipse((mean * np.sqrt(aspect))[:, None], aspect[:, None], theta - angle[:, None]) * uneven
    toward = _build_directions(bearing)
    away = offset * _measure_room(cell_nkxy, cells.centre_xy, toward[:, None])[:, 0]
    middle_xy = cells.centre_xy + away[:, None] * toward
    directions = _build_directions(theta)
    room = _measure_room(cell_nkxy, middle_xy, np.broadcast_to(directions, (n, *directions.shape)))
    radius = np.minimum(radius, NUCLEUS_LIMIT * room)
    return middle_xy, middle_xy[:, None] + radius[:, :, None] * directions


def _draw_sizes(rng: np.random.Generator, cells: Cells) -> Floats:
    """Relative size of each nucleus: tumour nuclei vary most."""
    import numpy as np

    spread = np.array([0.17 if cell_type.nucleoli else 0.07 for cell_type in CELL_TYPES])[cells.type_code]
    return np.asarray(rng.lognormal(0, spread))


def _measure_room(cell_nkxy: Floats, start_nxy: Floats, direction_nmxy: Floats) -> Floats:
    """How far one can go from a place in each cell before crossing the line through any of the cell's edges.

    Places that can be reached see the whole cell, so whatever is spanned between them lies inside.
    """
    import numpy as np

    edge = np.roll(cell_nkxy, -1, axis=1) - cell_nkxy
    outward = np.stack((edge[..., 1], -edge[..., 0]), axis=-1)
    room = ((cell_nkxy - start_nxy[:, None]) * outward).sum(axis=-1)
    speed = direction_nmxy @ outward.swapaxes(1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(speed > 0, room[:, None, :] / speed, np.inf)
    return np.asarray(reach.min(axis=-1))
