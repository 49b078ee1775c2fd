"""The section in four fluorescence channels: nuclei and three antibodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.cell_types import CELL_TYPES
from vitrina.simulate.texture import find_membranes
from vitrina.simulate.zones import ZONES, Zone

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints, Words
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.texture import Texture
    from vitrina.simulate.tissue import Tissue

CHANNELS = ("DAPI", "PanCK", "CD45", "aSMA")
BRIGHTNESS = (6_000.0, 5_000.0, 4_500.0, 5_200.0)
AUTOFLUORESCENCE = (60.0, 260.0, 220.0, 160.0)
OFFSET = 110.0
"""What the camera counts in the dark."""
COUNTS_PER_PHOTON = 6.0
READ_NOISE = 9.0
POINT_SPREAD_UM = 0.35


def build_fluorescence(
    parameters: SectionParameters,
    tissue: Tissue,
    cells: Cells,
    labels_yx: Ints,
    nuclei_yx: Ints,
    texture: Texture,
) -> Words:
    """The four channels: (4, y, x)."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    rng = parameters.build_rng("fluorescence")
    autofluorescence = _build_autofluorescence(tissue, parameters, texture)
    image_cyx = np.empty((len(CHANNELS), *parameters.shape_yx), dtype=np.uint16)
    for channel, name in enumerate(CHANNELS):
        match name:
            case "DAPI":
                signal = _stain_nuclei(rng, cells, nuclei_yx, texture)
            case "PanCK":
                signal = _stain_cytoplasm(rng, cells, 0, labels_yx, nuclei_yx, texture.chromatin_yx)
            case "CD45":
                signal = _stain_membranes(rng, cells, 1, labels_yx)
            case _:
                signal = _stain_cytoplasm(rng, cells, 2, labels_yx, nuclei_yx, 3 * texture.fibre_yx - 1.5)
                near = tissue.enlarge(tissue.tumour_yx * (tissue.zone_yx == Zone.STROMA), parameters)
                signal += 0.22 * np.maximum(near, 0) * np.maximum(texture.fibre_yx - 0.35, 0) * (labels_yx == 0)
        light = gaussian_filter(signal, POINT_SPREAD_UM / parameters.pixel_size_um, truncate=3.0)
        light += (
            0.06
            * gaussian_filter(signal[::4, ::4], 6 / parameters.pixel_size_um / 4)
            .repeat(4, 0)
            .repeat(4, 1)[: light.shape[0], : light.shape[1]]
        )
        light = np.float32(BRIGHTNESS[channel]) * light + np.float32(AUTOFLUORESCENCE[channel]) * autofluorescence
        light += np.sqrt(COUNTS_PER_PHOTON * light + READ_NOISE**2) * np.roll(texture.fine_yx, 257 * channel, (0, 1))
        image_cyx[channel] = np.clip(light + np.float32(OFFSET), 0, 65_535)
    return image_cyx


def _build_autofluorescence(tissue: Tissue, parameters: SectionParameters, texture: Texture) -> Floats:
    """Collagen shines most, blood and cells less, glass hardly at all."""
    import numpy as np

    shine = np.array([0.03 + 1.1 * traits.matrix_he[1] for traits in ZONES.values()], dtype=np.float32)
    fibrous = np.array([traits.fibrous for traits in ZONES.values()], dtype=np.float32)
    fibres = tissue.enlarge(fibrous[tissue.zone_yx], parameters)
    base = np.maximum(tissue.enlarge(shine[tissue.zone_yx], parameters), 0)
    return np.asarray(base * (1 + fibres * (1.6 * texture.fibre_yx - 0.8)), dtype=np.float32)


def _draw_levels(rng: np.random.Generator, cells: Cells, antibody: int) -> Floats:
    """Brightness of each label in one antibody; background first."""
    import numpy as np

    level = np.array([cell_type.stains[antibody] for cell_type in CELL_TYPES])[cells.type_code]
    level = level * rng.lognormal(-0.05, 0.3, level.size)
    level[cells.zone == Zone.NECROSIS] *= 0.35
    return np.concatenate(([0.0], level)).astype(np.float32)


def _stain_nuclei(rng: np.random.Generator, cells: Cells, nuclei_yx: Ints, texture: Texture) -> Floats:
    import numpy as np

    dye = np.array([cell_type.haematoxylin for cell_type in CELL_TYPES])[cells.type_code]
    dye = dye * rng.lognormal(-0.1, 0.2, dye.size)
    dye[cells.zone == Zone.NECROSIS] *= 0.45
    level = np.concatenate(([0.0], dye)).astype(np.float32)
    return np.asarray(level[nuclei_yx] * np.maximum(0.8 + 0.22 * texture.chromatin_yx, 0.1), dtype=np.float32)


def _stain_cytoplasm(
    rng: np.random.Generator, cells: Cells, antibody: int, labels_yx: Ints, nuclei_yx: Ints, grain_yx: Floats
) -> Floats:
    import numpy as np

    signal = _draw_levels(rng, cells, antibody)[labels_yx]
    signal *= np.maximum(0.85 + 0.25 * grain_yx, 0.1)
    signal[nuclei_yx > 0] *= 0.18
    return signal


def _stain_membranes(rng: np.random.Generator, cells: Cells, antibody: int, labels_yx: Ints) -> Floats:
    import numpy as np

    signal = _draw_levels(rng, cells, antibody)[labels_yx]
    return np.asarray(signal * np.where(find_membranes(labels_yx), np.float32(1.5), np.float32(0.22)), dtype=np.float32)
