"""The tissue before there are cells: its outline and zones, and the fields that cells, fibres and genes follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.simulate.noise import build_noise, enlarge
from vitrina.simulate.structures import draw_aggregates, draw_glands, draw_vessels
from vitrina.simulate.zones import Zone

if TYPE_CHECKING:
    from vitrina.simulate.arrays import Floats, Ints, Mask
    from vitrina.simulate.section import SectionParameters

GRID_UM = 2.0
"""Side of one cell of the grid on which the tissue is laid out."""

TISSUE_SHARE = 0.76
TUMOUR_SHARE = 0.46
NEST_SHARE = 0.62
NECROSIS_SHARE = 0.09
ADIPOSE_SHARE = 0.16
HYPOXIA_REACH_UM = 90.0
INTERFERON_REACH_UM = 110.0
TUMOUR_REACH_UM = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """The layout of a section on a grid of square cells of ``GRID_UM``.

    Attributes:
        zone_yx: Codes of ``Zone``.
        flow_yx: Fibres and spindle cells run along the lines of equal flow; in micrometres across them.
        hypoxia_yx: 1 in necrosis, falling off with the distance from it.
        interferon_yx: 1 in lymphoid aggregates, falling off with the distance from them.
        tumour_yx: 1 in tumour nests, falling off with the distance from them.
    """

    zone_yx: Ints
    flow_yx: Floats
    hypoxia_yx: Floats
    interferon_yx: Floats
    tumour_yx: Floats

    def enlarge(self, field_yx: Floats, parameters: SectionParameters) -> Floats:
        """A field of the layout at the resolution of the images."""
        factor = GRID_UM / parameters.pixel_size_um
        rows, columns = field_yx.shape
        height, width = parameters.shape_yx
        return enlarge(field_yx, (round(rows * factor), round(columns * factor)))[:height, :width]


def build_tissue(parameters: SectionParameters) -> Tissue:
    """Lays out the zones of a section."""
    import numpy as np

    zone_yx = _draw_outline(parameters)
    front_yx = _build_front(parameters)
    if parameters.disease != "normal":
        _draw_tumour(zone_yx, front_yx, parameters)
    _draw_adipose(zone_yx, front_yx, parameters)
    rng = parameters.build_rng("structures")
    scale = parameters.structure_scale / GRID_UM
    draw_aggregates(zone_yx, rng, scale)
    draw_glands(zone_yx, rng, scale)
    draw_vessels(zone_yx, rng, scale)
    _smooth_glass(zone_yx)
    return Tissue(
        zone_yx=zone_yx,
        flow_yx=_build_flow(zone_yx, parameters),
        hypoxia_yx=_build_reach(zone_yx == Zone.NECROSIS, HYPOXIA_REACH_UM * parameters.structure_scale),
        interferon_yx=_build_reach(
            np.isin(zone_yx, (Zone.LYMPHOID, Zone.FOLLICLE)), INTERFERON_REACH_UM * parameters.structure_scale
        ),
        tumour_yx=_build_reach(zone_yx == Zone.TUMOUR, TUMOUR_REACH_UM * parameters.structure_scale),
    )


def get_grid_shape(parameters: SectionParameters) -> tuple[int, int]:
    """Rows and columns of the layout grid; the last ones may stick out of the section."""
    return -int(-parameters.height_um // GRID_UM), -int(-parameters.width_um // GRID_UM)


def _draw_outline(parameters: SectionParameters) -> Ints:
    import numpy as np
    from scipy import ndimage

    rng = parameters.build_rng("outline")
    shape = get_grid_shape(parameters)
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    stretch = rng.uniform(0.88, 1.1)
    distance = ((np.abs(x) * stretch) ** 2.6 + (np.abs(y) / stretch) ** 2.6) ** (1 / 2.6)
    side = min(shape)
    rough = 0.13 * build_noise(rng, shape, side / 7) + 0.028 * build_noise(rng, shape, side / 40)
    rough += 0.008 * build_noise(rng, shape, max(1.5, side / 200))
    field = distance + rough + 2 * np.maximum(np.maximum(np.abs(x), np.abs(y)) - 0.9, 0)
    inside = field < np.quantile(field, TISSUE_SHARE)
    parts, _ = ndimage.label(inside)
    inside = parts == np.argmax(np.bincount(parts.ravel())[1:]) + 1
    return np.where(ndimage.binary_fill_holes(inside), Zone.STROMA, Zone.GLASS).astype(np.uint8)


def _build_front(parameters: SectionParameters) -> Floats:
    """A field that grows toward the tumour's side of the section."""
    import numpy as np

    rng = parameters.build_rng("front")
    shape = get_grid_shape(parameters)
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    angle = rng.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x + np.sin(angle) * y
    return np.asarray(along + 0.3 * build_noise(rng, shape, min(shape) / 9), dtype=np.float32)


def _draw_tumour(zone_yx: Ints, front_yx: Floats, parameters: SectionParameters) -> None:
    import numpy as np
    from scipy import ndimage

    rng = parameters.build_rng("tumour")
    shares = parameters.build_donor_rng("tumour").uniform(0.8, 1.2, 3)
    scale = parameters.structure_scale / GRID_UM
    inside = zone_yx == Zone.STROMA
    edge = np.quantile(front_yx[inside], 1 - TUMOUR_SHARE * shares[0])
    texture = build_noise(rng, zone_yx.shape, 23 * scale) + 0.5 * build_noise(rng, zone_yx.shape, 60 * scale)
    texture += 0.16 * build_noise(rng, zone_yx.shape, 7 * scale)
    texture += 3 * np.clip((front_yx - edge) / 0.25, -2, 0)  # nests thin out beyond the tumour's edge
    nests = inside & (texture > np.quantile(texture[inside], 1 - TUMOUR_SHARE * NEST_SHARE * shares[0] * shares[1]))
    parts, n_parts = ndimage.label(nests)
    large = ndimage.sum_labels(nests, parts, np.arange(n_parts + 1)) > (16 * scale) ** 2
    nests = large[parts] & nests
    zone_yx[nests] = Zone.TUMOUR
    depth = ndimage.gaussian_filter(nests.astype(np.float32), 60 * scale) + 0.05 * build_noise(
        rng, zone_yx.shape, 45 * scale
    )
    core = ndimage.distance_transform_edt(nests) > 13 * scale
    hungry = depth + 0.012 * build_noise(rng, zone_yx.shape, 6 * scale)
    dead = core & (hungry > np.quantile(hungry[core], 1 - NECROSIS_SHARE * shares[2] * nests.sum() / core.sum()))
    zone_yx[dead] = Zone.NECROSIS


def _draw_adipose(zone_yx: Ints, front_yx: Floats, parameters: SectionParameters) -> None:
    import numpy as np
    from scipy import ndimage

    rng = parameters.build_rng("adipose")
    share = ADIPOSE_SHARE * parameters.build_donor_rng("adipose").uniform(0.7, 1.3)
    scale = parameters.structure_scale / GRID_UM
    tissue = zone_yx != Zone.GLASS
    fat = -0.6 * front_yx + 0.4 * build_noise(rng, zone_yx.shape, 110 * scale)
    fat += 0.04 * build_noise(rng, zone_yx.shape, 25 * scale)
    near = ndimage.distance_transform_edt(zone_yx != Zone.TUMOUR) if (zone_yx == Zone.TUMOUR).any() else 1e6
    free = (zone_yx == Zone.STROMA) & (near > 40 * scale)
    zone_yx[free & (fat > np.quantile(fat[tissue], 1 - share))] = Zone.ADIPOSE


def _smooth_glass(zone_yx: Ints) -> None:
    """Puts stroma around everything that would otherwise be open to the glass."""
    import numpy as np
    from scipy import ndimage

    open_zones = np.isin(zone_yx, (Zone.LUMEN, Zone.BLOOD))
    beside_glass = ndimage.binary_dilation(zone_yx == Zone.GLASS, iterations=2)
    zone_yx[open_zones & beside_glass] = Zone.STROMA


def _build_flow(zone_yx: Ints, parameters: SectionParameters) -> Floats:
    """Runs around nests, glands and vessels, and wanders where there are none."""
    import numpy as np
    from scipy import ndimage

    rng = parameters.build_rng("flow")
    scale = parameters.structure_scale / GRID_UM
    solid = np.isin(zone_yx, (Zone.TUMOUR, Zone.NECROSIS, Zone.BASAL, Zone.LUMINAL, Zone.LUMEN))
    solid |= np.isin(zone_yx, (Zone.VESSEL_WALL, Zone.ENDOTHELIUM, Zone.BLOOD))
    reach = 55 * scale
    signed = ndimage.distance_transform_edt(~solid) - ndimage.distance_transform_edt(solid)
    around = ndimage.gaussian_filter(reach * np.tanh(signed / reach), 1.5)
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = np.indices(zone_yx.shape, dtype=np.float32)
    along = 0.75 * GRID_UM * (np.cos(angle) * columns + np.sin(angle) * rows)
    wander = 70 * build_noise(rng, zone_yx.shape, 110 * scale) + 12 * build_noise(rng, zone_yx.shape, 24 * scale)
    return np.asarray(GRID_UM * around + along + wander * parameters.structure_scale, dtype=np.float32)


def _build_reach(mask: Mask, reach_um: float) -> Floats:
    import numpy as np
    from scipy import ndimage

    if not mask.any():
        return np.zeros(mask.shape, dtype=np.float32)
    distance_um = GRID_UM * ndimage.distance_transform_edt(~mask)
    return np.asarray(np.exp(-distance_um / reach_um), dtype=np.float32)
