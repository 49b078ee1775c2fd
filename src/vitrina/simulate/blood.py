"""Red blood cells in the vessels. They have no nucleus, so that they are no cells of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.labels import build_discs, draw_labels
from vitrina.simulate.tissue import GRID_UM
from vitrina.simulate.zones import Zone

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats
    from vitrina.simulate.specimen import Specimen

RADIUS_UM = 3.3
PITCH_UM = 7.0
SHAKE_UM = 0.2
MIDDLE_SHARE = 0.5
SHARE_PRESENT = 0.8


def draw_erythrocytes(rng: np.random.Generator, specimen: Specimen) -> Floats:
    """Thickness of red blood cells at each pixel: discs with a thinner middle."""
    import numpy as np

    parameters = specimen.parameters
    centre_xy = _place(rng, specimen)
    radius = np.asarray(RADIUS_UM * rng.uniform(0.85, 0.98, centre_xy.shape[0]))
    whole, middle = (
        draw_labels(build_discs(centre_xy, share * radius), parameters.shape_yx, parameters.pixel_size_um) > 0
        for share in (1.0, MIDDLE_SHARE)
    )
    return np.asarray(whole - np.float32(0.35) * middle)


def _place(rng: np.random.Generator, specimen: Specimen) -> Floats:
    """Centres of discs that do not overlap: a shaken hexagonal grid with gaps."""
    import numpy as np

    parameters, zone_yx = specimen.parameters, specimen.tissue.zone_yx
    reach = max(parameters.width_um, parameters.height_um)
    steps = np.arange(-reach, reach, PITCH_UM)
    u, v = np.meshgrid(steps, steps * np.sqrt(0.75), indexing="ij")
    u[:, 1::2] += PITCH_UM / 2
    angle = rng.uniform(0, np.pi)
    x = np.cos(angle) * u - np.sin(angle) * v + parameters.width_um / 2
    y = np.sin(angle) * u + np.cos(angle) * v + parameters.height_um / 2
    inside = (x > RADIUS_UM) & (x < parameters.width_um - RADIUS_UM)
    inside &= (y > RADIUS_UM) & (y < parameters.height_um - RADIUS_UM)
    xy = np.column_stack((x[inside], y[inside]))
    column, row = (xy / GRID_UM).astype(np.int64).T
    xy = xy[(zone_yx[row, column] == Zone.BLOOD) & (rng.random(row.size) < SHARE_PRESENT)]
    return np.asarray(xy + rng.uniform(-SHAKE_UM, SHAKE_UM, xy.shape))
