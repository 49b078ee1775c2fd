"""The fine structure that both images show: fibres of the matrix, chromatin, membranes, blurred masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.simulate.noise import build_grain, build_noise, tile

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints, Mask
    from vitrina.simulate.specimen import Specimen

GRAIN_SIDE_PX = 1_021
"""Fine noise is repeated at this period; it is modulated by cells and fibres, so that the repeat is never seen."""
FIBRE_STEPS_PER_UM = 4
FIBRE_PERIOD = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Texture:
    """Fine structure at the resolution of the images.

    Attributes:
        fibre_yx: Density of fibres, 0 to 1.
        fine_yx: Noise as fine as a pixel.
        chromatin_yx: Noise about 1 um coarse.
        cloud_yx: Noise about 4 um coarse.
    """

    fibre_yx: Floats
    fine_yx: Floats
    chromatin_yx: Floats
    cloud_yx: Floats


def build_texture(specimen: Specimen) -> Texture:
    """Fine structure of a section; both images are made from the same one."""
    parameters = specimen.parameters
    rng = parameters.build_rng("texture")
    pixels_per_um = 1 / parameters.pixel_size_um
    shape = parameters.shape_yx
    fine, chromatin, cloud = (
        tile(build_grain(rng, GRAIN_SIDE_PX, sigma_um * pixels_per_um), shape) for sigma_um in (0.0, 0.45, 2.5)
    )
    return Texture(
        fibre_yx=_build_fibres(rng, specimen.enlarge(specimen.tissue.flow_yx), cloud),
        fine_yx=fine,
        chromatin_yx=chromatin,
        cloud_yx=cloud,
    )


def find_membranes(labels_yx: Ints) -> Mask:
    """Pixels of cells that touch a pixel outside of the same cell, to the right or below, on either side."""
    import numpy as np

    edge = np.zeros(labels_yx.shape, dtype=bool)
    beside = labels_yx[:, 1:] != labels_yx[:, :-1]
    edge[:, 1:] |= beside
    edge[:, :-1] |= beside
    below = labels_yx[1:] != labels_yx[:-1]
    edge[1:] |= below
    edge[:-1] |= below
    return edge & (labels_yx > 0)


def _build_fibres(rng: np.random.Generator, flow_yx: Floats, cloud_yx: Floats) -> Floats:
    """A random profile of thick bundles and thin fibrils, laid along the lines of equal flow."""
    import numpy as np

    thick, middle, thin = (
        build_noise(rng, (1, FIBRE_PERIOD), sigma_um * FIBRE_STEPS_PER_UM)[0] for sigma_um in (5.0, 1.6, 0.5)
    )
    profile = np.clip(0.52 + 0.2 * thick + 0.16 * middle + 0.08 * thin, 0, 1).astype(np.float32)
    wavy = (flow_yx + 1.1 * cloud_yx) * FIBRE_STEPS_PER_UM
    return np.asarray(profile[wavy.astype(np.int32) & (FIBRE_PERIOD - 1)])
