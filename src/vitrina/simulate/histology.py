"""The section stained with haematoxylin and eosin, as a slide scanner would see it.

Light is absorbed by the stains by Beer and Lambert's law: optical densities add up.

Source: A. C. Ruifrok and D. A. Johnston, Quantification of histochemical staining by color deconvolution, Anal Quant
Cytol Histol 23:291-299, 2001, https://pubmed.ncbi.nlm.nih.gov/11531144/ (the law, haematoxylin);
https://qupath.readthedocs.io/en/stable/docs/tutorials/separating_stains.html (eosin: the default of QuPath).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.blood import draw_erythrocytes
from vitrina.simulate.cell_types import CELL_TYPES
from vitrina.simulate.labels import build_discs, draw_labels
from vitrina.simulate.noise import build_noise
from vitrina.simulate.zones import ZONES, Zone

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.specimen import Specimen
    from vitrina.simulate.texture import Texture

HAEMATOXYLIN_RGB = (0.65, 0.704, 0.286)
EOSIN_RGB = (0.2159, 0.8012, 0.5581)
ERYTHROCYTE_RGB = (0.2, 0.75, 0.63)
"""Eosin on haemoglobin, which takes away more blue light: made up."""
LAMP_RGB = (243.0, 242.0, 244.0)
HAEMATOXYLIN_STRENGTH = 0.8
EOSIN_STRENGTH = 0.5
NUCLEOLUS_RADIUS_UM = 0.75
CLEFT_REACH = 0.9
"""How near a nest, on the scale of ``Tissue.tumour_yx``, stroma may have come off it."""


def build_he(specimen: Specimen, texture: Texture) -> Ints:
    """The stained section: (3, y, x), red, green, blue, 8 bits."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    parameters = specimen.parameters
    rng = parameters.build_rng("histology")
    haematoxylin, eosin = _stain_matrix(rng, specimen, texture)
    _stain_cytoplasm(rng, haematoxylin, eosin, specimen, texture)
    _stain_nuclei(rng, haematoxylin, eosin, specimen, texture)
    _stain_nucleoli(rng, haematoxylin, specimen)
    blood = np.float32(0.36) * draw_erythrocytes(rng, specimen)
    thickness = 1 + np.float32(0.05) * build_noise(rng, parameters.shape_yx, 160 / parameters.pixel_size_um)
    haematoxylin *= HAEMATOXYLIN_STRENGTH * thickness
    eosin *= EOSIN_STRENGTH * thickness
    for stain in (haematoxylin, eosin):
        gaussian_filter(stain, 0.3 / parameters.pixel_size_um, truncate=2.5, output=stain)
    he_cyx = np.empty((3, *parameters.shape_yx), dtype=np.uint8)
    for channel in range(3):
        density = haematoxylin * np.float32(-np.log(10) * HAEMATOXYLIN_RGB[channel])
        density -= eosin * np.float32(np.log(10) * EOSIN_RGB[channel])
        density -= blood * np.float32(np.log(10) * ERYTHROCYTE_RGB[channel])
        light = np.exp(density, out=density)
        light *= np.float32(LAMP_RGB[channel])
        light += 1.6 * np.roll(texture.fine_yx, 331 * channel, axis=(0, 1)) + 0.5
        he_cyx[channel] = np.clip(light, 0, 255, out=light)
    return he_cyx


def _stain_matrix(rng: np.random.Generator, specimen: Specimen, texture: Texture) -> tuple[Floats, Floats]:
    """What lies between the cells: fibres, ground substance, debris, fluid, or nothing."""
    import numpy as np

    zone_yx = specimen.tissue.zone_yx
    densities = np.array([(*traits.matrix_he, traits.fibrous) for traits in ZONES.values()], dtype=np.float32)
    haematoxylin, eosin, fibrous = (np.maximum(specimen.enlarge(densities[zone_yx, column]), 0) for column in range(3))
    grid = zone_yx.shape
    loose = specimen.enlarge(np.clip(0.3 + 0.35 * build_noise(rng, grid, 28.0), 0, 1))  # oedema opens the fibres
    beside_nest = (zone_yx == Zone.STROMA) & (specimen.tissue.tumour_yx > CLEFT_REACH)
    torn = specimen.enlarge(np.clip(2 * build_noise(rng, grid, 14.0) - 2.2, 0, 0.9) * beside_nest)
    fibre = texture.fibre_yx
    cleft = np.clip((fibre - 0.32 * loose) / 0.16, 0.08, 1)
    eosin *= 1 + fibrous * ((0.45 + 0.85 * fibre) * cleft - 1)
    eosin *= 1 - torn
    debris = np.clip(specimen.enlarge((zone_yx == Zone.NECROSIS).astype(np.float32)), 0, 1)
    haematoxylin *= np.maximum(1 + debris * 0.9 * texture.chromatin_yx, 0)
    eosin *= np.maximum(1 + (0.05 + 0.12 * debris) * texture.chromatin_yx + 0.05 * texture.cloud_yx, 0)
    return haematoxylin, eosin


def _stain_cytoplasm(
    rng: np.random.Generator, haematoxylin: Floats, eosin: Floats, specimen: Specimen, texture: Texture
) -> None:
    """Cytoplasm of the cells that can be told from what lies around them."""
    import numpy as np

    cells = specimen.cells
    seen = np.array([False] + [CELL_TYPES[code].cytoplasm_he is not None for code in cells.type_code])
    densities = np.array([cell_type.cytoplasm_he or (0.0, 0.0) for cell_type in CELL_TYPES])[cells.type_code]
    densities = densities * rng.lognormal(0, 0.12, (cells.type_code.size, 1))
    densities[cells.zone == Zone.NECROSIS] *= (0.5, 1.7)
    inside = seen[specimen.labels_yx]
    grain = 1 + 0.1 * texture.chromatin_yx + 0.07 * texture.cloud_yx
    for stain, density in zip((haematoxylin, eosin), densities.T, strict=True):
        level = _prepend_background(density)[specimen.labels_yx]
        np.copyto(stain, level * grain, where=inside)


def _stain_nuclei(
    rng: np.random.Generator, haematoxylin: Floats, eosin: Floats, specimen: Specimen, texture: Texture
) -> None:
    """Chromatin, denser at the rim of vesicular nuclei; shrunken and dark, or fading, in necrosis."""
    import numpy as np
    from scipy.ndimage import gaussian_filter

    cells = specimen.cells
    inside = specimen.nuclei_yx > 0
    blur_px = 0.9 / specimen.parameters.pixel_size_um
    depth = gaussian_filter(inside.astype(np.float32), blur_px, truncate=2.5)[inside]
    middle = np.clip((depth - 0.6) / 0.35, 0, 1)
    dye, vesicular = (
        np.array([getattr(cell_type, name) for cell_type in CELL_TYPES])[cells.type_code]
        for name in ("haematoxylin", "vesicular")
    )
    dye = dye * rng.lognormal(0, 0.13, dye.size)
    dying = cells.zone == Zone.NECROSIS
    dye[dying] *= np.where(rng.random(int(dying.sum())) < 0.35, 1.5, 0.4)
    of = specimen.nuclei_yx[inside]
    pale = _prepend_background(vesicular)[of]
    chromatin = 1 + (0.13 + 0.16 * pale) * texture.chromatin_yx[inside]
    haematoxylin[inside] = _prepend_background(dye)[of] * (1 - 0.75 * pale * middle) * np.maximum(chromatin, 0.2)
    eosin[inside] = 0.1 + 0.25 * eosin[inside]


def _stain_nucleoli(rng: np.random.Generator, haematoxylin: Floats, specimen: Specimen) -> None:
    """One dark dot in most nuclei of the types that have nucleoli."""
    import numpy as np

    cells, nucleus_nkxy = specimen.cells, specimen.outlines.nucleus_nkxy
    has_nucleolus = np.array([cell_type.nucleoli for cell_type in CELL_TYPES])[cells.type_code]
    chosen = np.flatnonzero(has_nucleolus & (rng.random(has_nucleolus.size) < 0.8) & (cells.zone != Zone.NECROSIS))
    middle = nucleus_nkxy[chosen].mean(axis=1)
    toward = nucleus_nkxy[chosen, rng.integers(0, nucleus_nkxy.shape[1], chosen.size)]
    centre = middle + rng.uniform(0, 0.5, (chosen.size, 1)) * (toward - middle)
    discs = build_discs(centre, NUCLEOLUS_RADIUS_UM * rng.lognormal(0, 0.2, chosen.size))
    dots = draw_labels(discs, specimen.parameters.shape_yx, specimen.parameters.pixel_size_um) > 0
    haematoxylin[dots] = np.maximum(haematoxylin[dots], 0.5) * 1.5


def _prepend_background(of_cell: Floats) -> Floats:
    """A value per label: 0 for the background, then one per cell."""
    import numpy as np

    return np.concatenate(([0.0], of_cell)).astype(np.float32)
