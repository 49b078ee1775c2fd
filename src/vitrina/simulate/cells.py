"""Where the cells are, and of which type they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.simulate.cell_types import CELL_TYPES, CODES
from vitrina.simulate.noise import build_noise
from vitrina.simulate.tissue import GRID_UM
from vitrina.simulate.zones import ZONES

if TYPE_CHECKING:
    import numpy as np

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.tissue import Tissue

SAMPLES_PER_CELL = 14
RELAXATIONS = 3
UNEVENNESS = 0.2
"""How much the density of cells varies within a zone."""
UNEVENNESS_UM = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The cells of a section, in no particular order; cell ``i`` has the id ``i + 1``.

    Attributes:
        centre_xy: n x 2, in micrometres.
        zone: Code of ``Zone`` of each cell.
        type_code: Index into ``CELL_TYPES``.
        angle: Direction of the cell's long axis, in radians from x toward y.
        hypoxia: Of the tissue at the cell, 0 to 1; so are the other two.
    """

    centre_xy: Floats
    zone: Ints
    type_code: Ints
    angle: Floats
    hypoxia: Floats
    interferon: Floats
    tumour: Floats


def build_cells(parameters: SectionParameters, tissue: Tissue) -> Cells:
    """Exactly ``n_cells`` cells: denser where the zone is denser, evenly spread within a zone."""
    import numpy as np

    rng = parameters.build_rng("cells")
    samples_xy = _sample_density(rng, parameters, tissue)
    centre_xy = _relax(rng, samples_xy, parameters.n_cells)
    rows, columns = _find_grid_cells(centre_xy)
    zone = tissue.zone_yx[rows, columns].astype(np.int32)
    interferon = tissue.interferon_yx[rows, columns]
    type_code = _draw_types(parameters, rng, zone, interferon)
    across = np.array([cell_type.across for cell_type in CELL_TYPES])[type_code]
    slope_y, slope_x = (np.gradient(tissue.flow_yx, axis=axis)[rows, columns] for axis in (0, 1))
    angle = np.arctan2(slope_y, slope_x) + np.where(across, 0, np.pi / 2)
    return Cells(
        centre_xy=centre_xy,
        zone=zone,
        type_code=type_code,
        angle=angle + rng.normal(0, 0.2, parameters.n_cells),
        hypoxia=tissue.hypoxia_yx[rows, columns],
        interferon=interferon,
        tumour=tissue.tumour_yx[rows, columns],
    )


def _sample_density(rng: np.random.Generator, parameters: SectionParameters, tissue: Tissue) -> Floats:
    """Random places, each standing for an equal share of a cell."""
    import numpy as np

    density = np.array([1 / area if (area := ZONES[zone].area_per_cell_um2) else 0.0 for zone in ZONES])
    unevenness = np.exp(UNEVENNESS * build_noise(rng, tissue.zone_yx.shape, UNEVENNESS_UM / GRID_UM))
    cumulated = np.cumsum((density[tissue.zone_yx] * unevenness).ravel())
    n_samples = SAMPLES_PER_CELL * parameters.n_cells
    drawn = np.searchsorted(cumulated, (np.arange(n_samples) + rng.random(n_samples)) / n_samples * cumulated[-1])
    rows, columns = np.divmod(drawn, tissue.zone_yx.shape[1])
    places_xy = np.column_stack((columns, rows)) + rng.random((n_samples, 2))
    edge_xy = np.nextafter((parameters.width_um, parameters.height_um), 0)
    return np.minimum(places_xy * GRID_UM, edge_xy)


def _relax(rng: np.random.Generator, samples_xy: Floats, n_cells: int) -> Floats:
    """Cells that share the samples evenly, by a few of Lloyd's iterations; each ends up upon a sample.

    Source: S. P. Lloyd, Least squares quantization in PCM, https://doi.org/10.1109/TIT.1982.1056489
    """
    import numpy as np
    from scipy.spatial import cKDTree

    centre_xy = rng.choice(samples_xy, n_cells, replace=False)
    for _ in range(RELAXATIONS):
        _, nearest = cKDTree(centre_xy).query(samples_xy, workers=-1)
        count = np.maximum(np.bincount(nearest, minlength=n_cells), 1)
        sums = [np.bincount(nearest, weights=samples_xy[:, axis], minlength=n_cells) for axis in (0, 1)]
        centre_xy = np.column_stack(sums) / count[:, None]
    _, own = cKDTree(samples_xy).query(centre_xy)
    taken, first = np.unique(own, return_index=True)
    if taken.size < n_cells:  # two centres fell upon one sample: give the later ones a free sample
        free = np.setdiff1d(np.arange(len(samples_xy)), taken)
        later = np.setdiff1d(np.arange(n_cells), first)
        own[later] = rng.choice(free, later.size, replace=False)
    return np.asarray(samples_xy[own])


def _find_grid_cells(centre_xy: Floats) -> tuple[Ints, Ints]:
    import numpy as np

    columns, rows = (centre_xy / GRID_UM).astype(np.int32).T
    return rows, columns


def _draw_types(parameters: SectionParameters, rng: np.random.Generator, zone: Ints, interferon: Floats) -> Ints:
    """A type per cell by the shares in its zone, the donor's bias, and how near a lymphoid aggregate is."""
    import numpy as np

    shares = np.zeros((len(ZONES), len(CELL_TYPES)))
    for code, traits in ZONES.items():
        for key, share in traits.cells.items():
            shares[code, CODES[key]] = share
    shares *= np.exp(parameters.build_donor_rng("cell types").normal(0, 0.3, len(CELL_TYPES)))
    if parameters.disease == "normal":
        shares[:, CODES["malignant"]] = 0
    lymphocyte = np.isin(np.arange(len(CELL_TYPES)), [CODES[key] for key in ("cd4", "cd8", "b", "plasma")])
    weights = shares[zone] * np.where(lymphocyte, 1 + 4 * interferon[:, None], 1)
    cumulated = np.cumsum(weights, axis=1)
    drawn = rng.random((zone.size, 1)) * cumulated[:, -1:]
    return np.asarray((cumulated <= drawn).sum(axis=1), dtype=np.int32)
