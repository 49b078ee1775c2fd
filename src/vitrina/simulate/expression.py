"""How strongly each cell expresses each gene: by its type, its place, its donor, and chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.simulate.cell_types import CELL_TYPES, CODES
from vitrina.simulate.genes import HOUSEKEEPING, PANEL, PROGRAMS

if TYPE_CHECKING:
    from vitrina.simulate.arrays import Floats
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.genes import Program
    from vitrina.simulate.section import SectionParameters

RANK_DECAY = 0.9
"""Each gene of a program is expressed this much as strongly as the one before it."""
LEAK = 0.012
"""Expression of a marker gene in the types that do not have it: molecules of neighbours, and mistakes of the assay."""
HOUSEKEEPING_LEVEL = 0.35
DISPERSION = 2.5
"""Shape of the gamma distribution of rates within a type, so that counts are negative binomial."""
CELLS_IN_CYCLE = 0.14


def build_rates(parameters: SectionParameters, cells: Cells, area_um2: Floats) -> Floats:
    """Expected transcripts of each cell (row) and gene (column), up to a common factor."""
    import numpy as np

    rng = parameters.build_rng("expression")
    n_cells, n_genes = cells.type_code.size, parameters.n_genes
    rates = np.full((n_cells, len(PANEL)), LEAK, dtype=np.float32)
    column = {gene: index for index, gene in enumerate(PANEL)}
    for program in PROGRAMS:
        strength = _get_levels(program)[cells.type_code] * _measure_place(program, cells)
        if program.bursts:
            strength = strength * (rng.random(n_cells) < CELLS_IN_CYCLE) * 3
        strength = strength * rng.lognormal(0, 0.25, n_cells)
        for rank, gene in enumerate(program.genes):
            rates[:, column[gene]] += (strength * RANK_DECAY**rank).astype(np.float32)
    for rank, gene in enumerate(HOUSEKEEPING):
        rates[:, column[gene]] += HOUSEKEEPING_LEVEL * 0.97**rank
    rates = rates[:, :n_genes]
    rates *= _draw_gene_biases(parameters)
    rates *= (_draw_depths(parameters, cells, area_um2) / rates.sum(axis=1))[:, None]
    rates *= rng.standard_gamma(DISPERSION, rates.shape, dtype=np.float32)
    return rates


def _get_levels(program: Program) -> Floats:
    import numpy as np

    levels = np.zeros(len(CELL_TYPES))
    for key, level in program.levels.items():
        levels[CODES[key]] = level
    return levels


def _measure_place(program: Program, cells: Cells) -> Floats:
    """How strongly the program is induced where each cell is."""
    import numpy as np

    match program.place:
        case "hypoxia":
            return 0.04 + 1.3 * cells.hypoxia
        case "interferon":
            return 0.06 + 1.2 * cells.interferon
        case "tumour":
            return 0.05 + 0.95 * cells.tumour
        case _:
            return np.ones(cells.type_code.size, dtype=np.float32)


def _draw_gene_biases(parameters: SectionParameters) -> Floats:
    """How well each gene is detected, and how the donor differs in it."""
    import numpy as np

    detected = np.random.default_rng(parameters.seed).lognormal(0, 0.35, len(PANEL))
    donor = parameters.build_donor_rng("genes").lognormal(0, 0.15, len(PANEL))
    return np.asarray((detected * donor)[: parameters.n_genes], dtype=np.float32)


def _draw_depths(parameters: SectionParameters, cells: Cells, area_um2: Floats) -> Floats:
    """How many molecules each cell gives: by type, size and chance. Large cells are mostly water, or fat."""
    import numpy as np

    rng = parameters.build_rng("depth")
    rna = np.array([cell_type.rna for cell_type in CELL_TYPES])[cells.type_code]
    return np.asarray(rna * area_um2**0.35 * rng.lognormal(0, 0.25, area_um2.size), dtype=np.float32)
