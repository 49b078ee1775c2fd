"""The section stained with haematoxylin and eosin, as a slide scanner would see it.

Light is absorbed by the stains by Beer and Lambert's law: optical densities add up.

Source: A. C. Ruifrok and D. A. Johnston, Quantification of histochemical staining by color deconvolution, Anal Quant
Cytol Histol 23:291-299, 2001, https://pubmed.ncbi.nlm.nih.gov/11531144/ (the law and the stain vectors).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.cell_types import CELL_TYPES
from vitrina.simulate.labels import draw_labels
from vitrina.simulate.tissue import GRID_UM
from vitrina.simulate.zones import ZONES, Zone

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Bytes, Doubles, Floats, Ints, Mask
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.outlines import Outlines
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.texture import Texture
    from vitrina.simulate.tissue import Tissue

HAEMATOXYLIN_RGB = (0.65, 0.704, 0.286)
EOSIN_RGB = (0.092789, 0.954111, 0.283111)
ERYTHROCYTE_RGB = (0.12, 0.78, 0.62)
"""Eosin on haemoglobin, which takes away blue light: made up."""
LAMP_RGB = (243.0, 242.0, 244.0)
ERYTHROCYTE_RADIUS_UM = 3.2
ERYTHROCYTE_PITCH_UM = 7.6
NUCLEOLUS_RADIUS_UM = 0.75


def build_he(
    parameters: SectionParameters,
    tissue: Tissue,
    cells: Cells,
    outlines: Outlines,
    labels_yx: Ints,
    nuclei_yx: Ints,
    texture: Texture,
) -> Bytes:
    """The stained section: (3, y, x), red, green, blue."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    rng = parameters.build_rng("histology")
    haematoxylin, eosin = _stain_matrix(tissue, parameters, texture)
    _stain_cytoplasm(rng, haematoxylin, eosin, cells, labels_yx, texture)
    _stain_nuclei(rng, haematoxylin, eosin, cells, nuclei_yx, texture, parameters)
    _stain_nucleoli(rng, haematoxylin, cells, outlines, parameters)
    blood = _stain_erythrocytes(rng, tissue, parameters)
    blur_px = 0.3 / parameters.pixel_size_um
    thickness = 1 + 0.05 * texture.cloud_yx.mean() + 0.05 * _build_unevenness(rng, parameters)
    stains = [gaussian_filter(stain, blur_px, truncate=2.5) * thickness for stain in (haematoxylin, eosin, blood)]
    he_cyx = np.empty((3, *parameters.shape_yx), dtype=np.uint8)
    for channel in range(3):
        density = sum(
            stain * np.float32(vector[channel] * np.log(10))
            for stain, vector in zip(stains, (HAEMATOXYLIN_RGB, EOSIN_RGB, ERYTHROCYTE_RGB), strict=True)
        )
        light = np.float32(LAMP_RGB[channel]) * np.exp(-density)
        light += 1.6 * np.roll(texture.fine_yx, 331 * channel, axis=(0, 1))
        he_cyx[channel] = np.clip(light + 0.5, 0, 255)
    return he_cyx


def _build_unevenness(rng: np.random.Generator, parameters: SectionParameters) -> Floats:
    from vitrina.simulate.noise import build_noise

    return build_noise(rng, parameters.shape_yx, 160 / parameters.pixel_size_um)


def _stain_matrix(tissue: Tissue, parameters: SectionParameters, texture: Texture) -> tuple[Floats, Floats]:
    """What lies between the cells: fibres, ground substance, debris, fluid, or nothing."""
    import numpy as np

    densities = np.array([(*traits.matrix_he, traits.fibrous) for traits in ZONES.values()], dtype=np.float32)
    haematoxylin, eosin, fibrous = (
        np.maximum(tissue.enlarge(densities[tissue.zone_yx, column], parameters), 0) for column in range(3)
    )
    fibre = texture.fibre_yx
    cleft = np.clip((fibre - 0.1) / 0.18, 0, 1)
    eosin *= 1 + fibrous * ((0.3 + 1.1 * fibre) * (0.12 + 0.88 * cleft) - 1)
    debris = tissue.enlarge((tissue.zone_yx == Zone.NECROSIS).astype(np.float32), parameters)
    haematoxylin *= np.maximum(1 + debris * 0.8 * texture.chromatin_yx, 0)
    eosin *= np.maximum(1 + (0.06 + 0.12 * debris) * texture.chromatin_yx + 0.05 * texture.cloud_yx, 0)
    return haematoxylin, eosin


def _stain_cytoplasm(
    rng: np.random.Generator, haematoxylin: Floats, eosin: Floats, cells: Cells, labels_yx: Ints, texture: Texture
) -> None:
    import numpy as np

    is_seen = np.array([False] + [CELL_TYPES[code].cytoplasm_he is not None for code in cells.type_code])
    densities = np.array([cell_type.cytoplasm_he or (0.0, 0.0) for cell_type in CELL_TYPES], dtype=np.float32)
    of_cell = densities[cells.type_code] * rng.lognormal(0, 0.12, (cells.type_code.size, 1)).astype(np.float32)
    of_cell[cells.zone == Zone.NECROSIS] *= (0.5, 1.8)
    inside = is_seen[labels_yx]
    of = labels_yx[inside] - 1
    grain = 1 + 0.1 * texture.chromatin_yx[inside] + 0.07 * texture.cloud_yx[inside]
    haematoxylin[inside] = of_cell[of, 0] * grain
    eosin[inside] = of_cell[of, 1] * grain


def _stain_nuclei(
    rng: np.random.Generator,
    haematoxylin: Floats,
    eosin: Floats,
    cells: Cells,
    nuclei_yx: Ints,
    texture: Texture,
    parameters: SectionParameters,
) -> None:
    """Chromatin, denser at the rim of vesicular nuclei."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    inside = nuclei_yx > 0
    of = nuclei_yx[inside] - 1
    depth = gaussian_filter(inside.astype(np.float32), 0.9 / parameters.pixel_size_um, truncate=2.5)[inside]
    middle = np.clip((depth - 0.6) / 0.35, 0, 1)
    dye, vesicular = (
        np.array([getattr(cell_type, name) for cell_type in CELL_TYPES], dtype=np.float32)[cells.type_code]
        for name in ("haematoxylin", "vesicular")
    )
    dye = dye * rng.lognormal(0, 0.13, dye.size).astype(np.float32)
    dying = cells.zone == Zone.NECROSIS
    dye[dying] *= np.where(rng.random(dying.sum()) < 0.35, 1.5, 0.4)  # shrunken and dark, or fading
    chromatin = 1 + (0.13 + 0.14 * vesicular[of]) * texture.chromatin_yx[inside]
    haematoxylin[inside] = dye[of] * (1 - 0.75 * vesicular[of] * middle) * np.maximum(chromatin, 0.2)
    eosin[inside] = 0.1 + 0.25 * eosin[inside]


def _stain_nucleoli(
    rng: np.random.Generator, haematoxylin: Floats, cells: Cells, outlines: Outlines, parameters: SectionParameters
) -> None:
    """One dark dot in most nuclei of the types that have nucleoli."""
    import numpy as np

    has_nucleolus = np.array([cell_type.nucleoli for cell_type in CELL_TYPES])[cells.type_code]
    chosen = np.flatnonzero(has_nucleolus & (rng.random(has_nucleolus.size) < 0.8) & (cells.zone != Zone.NECROSIS))
    if chosen.size == 0:
        return
    middle = outlines.nucleus_nkxy[chosen].mean(axis=1)
    toward = outlines.nucleus_nkxy[chosen, rng.integers(0, outlines.nucleus_nkxy.shape[1], chosen.size)]
    centre = middle + rng.uniform(0, 0.5, (chosen.size, 1)) * (toward - middle)
    radius = NUCLEOLUS_RADIUS_UM * rng.lognormal(0, 0.2, chosen.size)
    dots = draw_labels(_build_discs(centre, radius), parameters.shape_yx, parameters.pixel_size_um)
    haematoxylin[dots > 0] = np.maximum(haematoxylin[dots > 0], 0.5) * 1.5


def _stain_erythrocytes(rng: np.random.Generator, tissue: Tissue, parameters: SectionParameters) -> Floats:
    """Discs with a paler middle, loosely packed in the vessels."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    discs = _place_erythrocytes(rng, tissue, parameters)
    if discs.shape[0] == 0:
        return np.zeros(parameters.shape_yx, dtype=np.float32)
    mask = (draw_labels(discs, parameters.shape_yx, parameters.pixel_size_um) > 0).astype(np.float32)
    middle = gaussian_filter(mask, 1.3 / parameters.pixel_size_um, truncate=2.5)
    return np.asarray(0.62 * mask * (1.25 - 0.55 * middle), dtype=np.float32)


def _place_erythrocytes(rng: np.random.Generator, tissue: Tissue, parameters: SectionParameters) -> Doubles:
    """Discs that do not overlap: a shaken hexagonal grid, with gaps."""
    import numpy as np

    pitch = ERYTHROCYTE_PITCH_UM
    rows = np.arange(pitch, parameters.height_um - pitch, pitch * 0.866)
    columns = np.arange(pitch, parameters.width_um - pitch, pitch)
    y, x = np.meshgrid(rows, columns, indexing="ij")
    x[1::2] += pitch / 2
    xy = np.column_stack((x.ravel(), y.ravel()))
    xy = xy[xy[:, 0] < parameters.width_um - pitch / 2]
    column, row = (xy / GRID_UM).astype(int).T
    in_blood: Mask = (tissue.zone_yx[row, column] == Zone.BLOOD) & (rng.random(row.size) < 0.7)
    xy = xy[in_blood] + rng.uniform(-0.3, 0.3, (int(in_blood.sum()), 2))
    return _build_discs(xy, ERYTHROCYTE_RADIUS_UM * rng.uniform(0.85, 1, xy.shape[0]))


def _build_discs(centre_xy: Doubles, radius: Doubles) -> Doubles:
    import numpy as np

    theta = np.arange(14) * (2 * np.pi / 14)
    edge = np.stack((np.cos(theta), np.sin(theta)), axis=-1)
    return np.asarray(centre_xy[:, None, :] + radius[:, None, None] * edge)
