"""The zones of the tissue: how densely each is populated, by which cells, and to which niche it belongs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Zone(IntEnum):
    """What is at one place of the section. Finer than a niche, which is what a pathologist would name."""

    GLASS = 0
    STROMA = 1
    ADIPOSE = 2
    TUMOUR = 3
    NECROSIS = 4
    LYMPHOID = 5
    FOLLICLE = 6
    BASAL = 7
    LUMINAL = 8
    LUMEN = 9
    VESSEL_WALL = 10
    ENDOTHELIUM = 11
    BLOOD = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneTraits:
    """What a zone is like.

    Attributes:
        niche: Name of the niche.
        area_per_cell_um2: Mean area per cell; None where no cell lives. Relative: the number of cells is given.
        cells: Shares of the cell types, by short name.
        matrix_he: Optical density, in haematoxylin and eosin, of what lies between the cells.
        fibrous: How much of that is made of fibres, 0 to 1.
    """

    niche: str
    area_per_cell_um2: float | None
    cells: dict[str, float]
    matrix_he: tuple[float, float]
    fibrous: float = 0.0


ZONES = {
    Zone.GLASS: ZoneTraits(niche="outside", area_per_cell_um2=None, cells={}, matrix_he=(0.0, 0.0)),
    Zone.STROMA: ZoneTraits(
        niche="stroma", area_per_cell_um2=330.0, matrix_he=(0.02, 0.5), fibrous=1.0,
        cells={"fibroblast": 0.64, "macrophage": 0.1, "cd4": 0.04, "cd8": 0.03, "endothelial": 0.1, "pericyte": 0.03,
               "plasma": 0.03, "b": 0.01},
    ),
    Zone.ADIPOSE: ZoneTraits(
        niche="adipose tissue", area_per_cell_um2=2_600.0, matrix_he=(0.01, 0.3), fibrous=0.3,
        cells={"adipocyte": 0.97, "macrophage": 0.02, "endothelial": 0.01},
    ),
    Zone.TUMOUR: ZoneTraits(
        niche="tumour nest", area_per_cell_um2=135.0, matrix_he=(0.14, 0.34),
        cells={"malignant": 0.9, "cd8": 0.035, "macrophage": 0.035, "cd4": 0.02, "fibroblast": 0.01},
    ),
    Zone.NECROSIS: ZoneTraits(
        niche="necrosis", area_per_cell_um2=520.0, matrix_he=(0.1, 0.62),
        cells={"malignant": 0.5, "macrophage": 0.45, "cd8": 0.05},
    ),
    Zone.LYMPHOID: ZoneTraits(
        niche="lymphoid aggregate", area_per_cell_um2=62.0, matrix_he=(0.08, 0.24),
        cells={"cd4": 0.48, "cd8": 0.2, "b": 0.16, "plasma": 0.08, "macrophage": 0.05, "endothelial": 0.03},
    ),
    Zone.FOLLICLE: ZoneTraits(
        niche="lymphoid aggregate", area_per_cell_um2=66.0, matrix_he=(0.1, 0.2),
        cells={"b": 0.87, "cd4": 0.1, "macrophage": 0.03},
    ),
    Zone.BASAL: ZoneTraits(
        niche="normal gland", area_per_cell_um2=85.0, matrix_he=(0.04, 0.36),
        cells={"myoepithelial": 0.97, "cd8": 0.03},
    ),
    Zone.LUMINAL: ZoneTraits(
        niche="normal gland", area_per_cell_um2=78.0, matrix_he=(0.1, 0.4), cells={"epithelial": 0.98, "cd8": 0.02}
    ),
    Zone.LUMEN: ZoneTraits(niche="normal gland", area_per_cell_um2=None, cells={}, matrix_he=(0.005, 0.03)),
    Zone.VESSEL_WALL: ZoneTraits(
        niche="vessel", area_per_cell_um2=140.0, matrix_he=(0.03, 0.56), fibrous=0.35,
        cells={"pericyte": 0.92, "fibroblast": 0.08},
    ),
    Zone.ENDOTHELIUM: ZoneTraits(
        niche="vessel", area_per_cell_um2=75.0, matrix_he=(0.03, 0.42), cells={"endothelial": 1.0}
    ),
    Zone.BLOOD: ZoneTraits(niche="vessel", area_per_cell_um2=None, cells={}, matrix_he=(0.0, 0.05)),
}  # fmt: skip

NICHES = tuple(dict.fromkeys(traits.niche for traits in ZONES.values() if traits.area_per_cell_um2 is not None))
"""The niches in which cells live."""
