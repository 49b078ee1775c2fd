"""Glands, vessels and lymphoid aggregates, drawn into the zones of the tissue.

Lengths are in micrometres of an ordinary section; ``scale`` turns them into grid cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.noise import build_noise
from vitrina.simulate.zones import Zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints, Mask

N_AGGREGATES = 5
N_DUCTS = 5
N_LOBULES = 6
N_VESSELS = 34
BASAL_UM = 4.5
LUMINAL_UM = 10.0
ENDOTHELIUM_UM = 3.5


def draw_aggregates(zone_yx: Ints, rng: np.random.Generator, scale: float) -> None:
    """Lymphoid aggregates in the stroma, most of them beside the tumour, the larger ones with a B cell follicle."""
    import numpy as np
    from scipy import ndimage

    stroma = zone_yx == Zone.STROMA
    tumour = zone_yx == Zone.TUMOUR
    inner = ndimage.distance_transform_edt(zone_yx != Zone.GLASS) > 70 * scale
    beside = ndimage.distance_transform_edt(~tumour) < 60 * scale if tumour.any() else np.ones_like(stroma)
    centres = _place(rng, stroma & inner & beside, N_AGGREGATES, 260 * scale)
    rough = build_noise(rng, zone_yx.shape, 14 * scale)
    for centre in centres:
        radius = rng.uniform(55, 115) * scale
        window, centre_in_window = _cut_window(zone_yx.shape, centre, 2 * radius)
        zone = zone_yx[window]
        around = _measure_from(zone.shape, centre_in_window, stretch=rng.uniform(1, 1.5), angle=rng.uniform(0, np.pi))
        around += 9 * scale * rough[window]
        free = np.isin(zone, (Zone.STROMA, Zone.ADIPOSE))
        zone[free & (around < radius)] = Zone.LYMPHOID
        zone[(zone == Zone.LYMPHOID) & (around < 0.5 * radius)] = Zone.FOLLICLE


def draw_glands(zone_yx: Ints, rng: np.random.Generator, scale: float) -> None:
    """Ducts and lobules: a lumen, one layer of luminal cells, one of basal cells, and stroma around them."""
    import numpy as np
    from scipy import ndimage

    keep_away = np.isin(zone_yx, (Zone.TUMOUR, Zone.NECROSIS, Zone.LYMPHOID, Zone.FOLLICLE, Zone.GLASS))
    room = ndimage.distance_transform_edt(~keep_away)
    ducts = [(*centre, rng.uniform(32, 75)) for centre in _place(rng, room > 85 * scale, N_DUCTS, 240 * scale)]
    lobules = _place(rng, room > 110 * scale, N_LOBULES, 250 * scale)
    acini = [
        (y + 95 * scale * r * np.sin(a), x + 95 * scale * r * np.cos(a), rng.uniform(17, 27))
        for y, x in lobules
        for r, a in zip(np.sqrt(rng.uniform(0, 1, 17)), rng.uniform(0, 2 * np.pi, 17), strict=True)
    ]
    depth = _measure_depth(zone_yx.shape, rng, _spread(acini, scale) + ducts, scale)
    depth[keep_away] = -1e6
    sleeve = (depth > -16 * scale) & (zone_yx == Zone.ADIPOSE)
    zone_yx[sleeve] = Zone.STROMA
    zone_yx[depth > 0] = Zone.BASAL
    zone_yx[depth > BASAL_UM * scale] = Zone.LUMINAL
    zone_yx[depth > (BASAL_UM + LUMINAL_UM) * scale] = Zone.LUMEN


def draw_vessels(zone_yx: Ints, rng: np.random.Generator, scale: float) -> None:
    """Vessels in the stroma: blood, endothelium, and in the larger ones a wall of muscle."""
    import numpy as np
    from scipy import ndimage

    stroma = np.isin(zone_yx, (Zone.STROMA, Zone.ADIPOSE))
    room = ndimage.distance_transform_edt(stroma) * (zone_yx == Zone.STROMA)
    for centre in _place(rng, room > 12 * scale, N_VESSELS, 70 * scale):
        space = float(room[int(centre[0]), int(centre[1])])
        is_artery = space > 40 * scale and rng.random() < 0.5
        wall = scale * (rng.uniform(9, 18) if is_artery else rng.uniform(0, 4))
        widest = max(space - wall - ENDOTHELIUM_UM * scale, 5 * scale)
        radius = min(scale * rng.choice([rng.uniform(5, 11), rng.uniform(14, 34)], p=[0.65, 0.35]), widest)
        stretch = rng.uniform(1, 1.25) if is_artery else rng.uniform(1, 2.2)
        inner = radius + ENDOTHELIUM_UM * scale
        window, centre_in_window = _cut_window(zone_yx.shape, centre, 2 * (inner + wall))
        zone = zone_yx[window]
        around = _measure_from(zone.shape, centre_in_window, stretch=stretch, angle=rng.uniform(0, np.pi))
        free = np.isin(zone, (Zone.STROMA, Zone.ADIPOSE))
        zone[free & (around < inner + wall)] = Zone.VESSEL_WALL
        zone[free & (around < inner)] = Zone.ENDOTHELIUM
        zone[free & (around < radius)] = Zone.BLOOD


def _place(rng: np.random.Generator, allowed: Mask, n_wanted: int, apart: float) -> list[tuple[float, float]]:
    """Up to ``n_wanted`` places (y, x) in the mask that keep a distance from each other."""
    import numpy as np

    free = np.flatnonzero(allowed)
    if free.size == 0:
        return []
    tried = rng.choice(free, size=min(free.size, 40 * n_wanted), replace=False)
    places: list[tuple[float, float]] = []
    for y, x in zip(*np.unravel_index(tried, allowed.shape), strict=True):
        if all((y - other_y) ** 2 + (x - other_x) ** 2 > apart**2 for other_y, other_x in places):
            places.append((float(y), float(x)))
        if len(places) == n_wanted:
            break
    return places


def _spread(acini: Sequence[tuple[float, float, float]], scale: float) -> list[tuple[float, float, float]]:
    """Those acini that do not lie upon an earlier one."""
    kept: list[tuple[float, float, float]] = []
    for y, x, radius in acini:
        if all((y - b) ** 2 + (x - a) ** 2 > (0.92 * scale * (radius + r)) ** 2 for b, a, r in kept):
            kept.append((y, x, radius))
    return kept


def _measure_depth(
    shape_yx: tuple[int, ...], rng: np.random.Generator, glands: Sequence[tuple[float, float, float]], scale: float
) -> Floats:
    """Depth below the outer surface of the nearest gland (y, x, radius), negative outside of it."""
    import numpy as np

    rows, columns = shape_yx
    depth = np.full((rows, columns), -1e6, dtype=np.float32)
    rough = build_noise(rng, (rows, columns), 11 * scale)
    for y, x, radius in glands:
        window, centre = _cut_window(shape_yx, (y, x), (2.2 * radius + 30) * scale)
        around = _measure_from(rough[window].shape, centre, stretch=rng.uniform(1, 1.5), angle=rng.uniform(0, np.pi))
        around += (0.09 * radius + 0.8) * scale * rough[window]
        depth[window] = np.maximum(depth[window], radius * scale - around)
    return depth


def _cut_window(
    shape_yx: tuple[int, ...], centre_yx: tuple[float, float], reach: float
) -> tuple[tuple[slice, slice], tuple[float, float]]:
    """The part of the grid within ``reach`` of a place (y, x), and that place inside the part."""
    first_yx = [max(0, int(at - reach)) for at in centre_yx]
    last_yx = [min(side, int(at + reach) + 2) for at, side in zip(centre_yx, shape_yx, strict=True)]
    window = (slice(first_yx[0], last_yx[0]), slice(first_yx[1], last_yx[1]))
    return window, (centre_yx[0] - first_yx[0], centre_yx[1] - first_yx[1])


def _measure_from(shape_yx: tuple[int, ...], centre_yx: tuple[float, float], *, stretch: float, angle: float) -> Floats:
    """Distance from a place in grid cells, where an ellipse of equal distance is ``stretch`` times as long as wide."""
    import numpy as np

    y = np.arange(shape_yx[0])[:, None] - centre_yx[0]
    x = np.arange(shape_yx[1])[None, :] - centre_yx[1]
    along = np.cos(angle) * x + np.sin(angle) * y
    across = np.cos(angle) * y - np.sin(angle) * x
    return np.asarray(np.hypot(along / np.sqrt(stretch), across * np.sqrt(stretch)))
