"""The section in four fluorescence channels: nuclei and three antibodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.cell_types import CELL_TYPES
from vitrina.simulate.texture import find_membranes
from vitrina.simulate.zones import ZONES, Zone

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.specimen import Specimen
    from vitrina.simulate.texture import Texture

CHANNELS = ("DAPI", "PanCK", "CD45", "aSMA")
BRIGHTNESS = (6_000.0, 5_000.0, 4_500.0, 5_200.0)
AUTOFLUORESCENCE = (60.0, 260.0, 220.0, 160.0)
OFFSET = 110.0
"""What the camera counts in the dark."""
COUNTS_PER_PHOTON = 2.0
READ_NOISE = 4.0
POINT_SPREAD_UM = 0.35
SCATTER = 0.06
SCATTER_REACH_UM = 6.0


def build_fluorescence(specimen: Specimen, texture: Texture) -> Ints:
    """The four channels: (4, y, x), 16 bits."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    parameters = specimen.parameters
    rng = parameters.build_rng("fluorescence")
    autofluorescence = _build_autofluorescence(specimen, texture)
    image_cyx = np.empty((len(CHANNELS), *parameters.shape_yx), dtype=np.uint16)
    for channel, name in enumerate(CHANNELS):
        light = _build_signal(rng, name, specimen, texture)
        light += SCATTER * _scatter(light, parameters.pixel_size_um)
        gaussian_filter(light, POINT_SPREAD_UM / parameters.pixel_size_um, truncate=3.0, output=light)
        light *= np.float32(BRIGHTNESS[channel])
        light += np.float32(AUTOFLUORESCENCE[channel]) * autofluorescence
        noise = np.sqrt(COUNTS_PER_PHOTON * np.maximum(light, 0) + np.float32(READ_NOISE**2))
        noise *= np.roll(texture.fine_yx, 257 * channel, axis=(0, 1))
        light += noise + np.float32(OFFSET)
        image_cyx[channel] = np.clip(light, 0, 65_535, out=light)
    return image_cyx


def _build_signal(rng: np.random.Generator, name: str, specimen: Specimen, texture: Texture) -> Floats:
    """Where the dye or antibody of a channel is, 1 in an ordinary positive cell."""
    import numpy as np

    match name:
        case "DAPI":
            return _stain_nuclei(rng, specimen, texture)
        case "PanCK":
            return _stain_cytoplasm(rng, specimen, 0, texture.chromatin_yx)
        case "CD45":
            return _stain_membranes(rng, specimen, 1)
        case _:
            signal = _stain_cytoplasm(rng, specimen, 2, 3 * texture.fibre_yx - 1.5)
            near = np.where(specimen.tissue.zone_yx == Zone.STROMA, specimen.tissue.tumour_yx, 0)
            fibres = np.maximum(specimen.enlarge(near.astype(np.float32)), 0) * np.maximum(texture.fibre_yx - 0.35, 0)
            signal += 0.22 * fibres * (specimen.labels_yx == 0)
            return signal


def _scatter(light: Floats, pixel_size_um: float) -> Floats:
    """Light from out of focus: so widely blurred that a quarter of the resolution is enough."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    haze = gaussian_filter(light[::4, ::4], SCATTER_REACH_UM / pixel_size_um / 4, truncate=2.5)
    return np.asarray(haze.repeat(4, axis=0).repeat(4, axis=1)[: light.shape[0], : light.shape[1]])


def _build_autofluorescence(specimen: Specimen, texture: Texture) -> Floats:
    """Collagen shines most, blood and cells less, glass hardly at all."""
    import numpy as np

    zone_yx = specimen.tissue.zone_yx
    shine = np.array([0.03 + 1.1 * traits.matrix_he[1] for traits in ZONES.values()], dtype=np.float32)
    fibrous = np.array([traits.fibrous for traits in ZONES.values()], dtype=np.float32)
    base = np.maximum(specimen.enlarge(shine[zone_yx]), 0)
    empty = np.array([False] + [CELL_TYPES[code].key == "adipocyte" for code in specimen.cells.type_code])
    base *= np.where(empty[specimen.labels_yx], np.float32(0.15), np.float32(1))
    return np.asarray(base * (1 + specimen.enlarge(fibrous[zone_yx]) * (1.6 * texture.fibre_yx - 0.8)))


def _draw_levels(rng: np.random.Generator, cells: Cells, antibody: int) -> Floats:
    """Brightness of each label in one antibody; background first."""
    import numpy as np

    level = np.array([cell_type.stains[antibody] for cell_type in CELL_TYPES])[cells.type_code]
    level = level * rng.lognormal(-0.05, 0.3, level.size)
    level[cells.zone == Zone.NECROSIS] *= 0.35
    return np.concatenate(([0.0], level)).astype(np.float32)


def _stain_nuclei(rng: np.random.Generator, specimen: Specimen, texture: Texture) -> Floats:
    import numpy as np

    cells = specimen.cells
    dye = np.array([cell_type.haematoxylin for cell_type in CELL_TYPES])[cells.type_code]
    dye = dye * rng.lognormal(-0.1, 0.2, dye.size)
    dye[cells.zone == Zone.NECROSIS] *= 0.45
    level = np.concatenate(([0.0], dye)).astype(np.float32)
    return np.asarray(level[specimen.nuclei_yx] * np.maximum(0.8 + 0.22 * texture.chromatin_yx, 0.1), dtype=np.float32)


def _stain_cytoplasm(rng: np.random.Generator, specimen: Specimen, antibody: int, grain_yx: Floats) -> Floats:
    import numpy as np

    signal = _draw_levels(rng, specimen.cells, antibody)[specimen.labels_yx]
    signal *= np.maximum(0.85 + 0.25 * grain_yx, 0.1)
    signal *= np.where(specimen.nuclei_yx > 0, np.float32(0.18), np.float32(1))
    return signal


def _stain_membranes(rng: np.random.Generator, specimen: Specimen, antibody: int) -> Floats:
    import numpy as np

    signal = _draw_levels(rng, specimen.cells, antibody)[specimen.labels_yx]
    return np.asarray(
        signal * np.where(find_membranes(specimen.labels_yx), np.float32(1.5), np.float32(0.22)), dtype=np.float32
    )
