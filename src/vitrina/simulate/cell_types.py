"""The cell types: their names in the Cell Ontology, their size and shape, and how they take up the stains.

Source: https://obophenotype.github.io/cell-ontology/ (names and ids). Sizes are typical of histology textbooks; stain
uptake was set by eye.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CellType:
    """One cell type.

    Attributes:
        key: Short name, used by the gene programs.
        name: Label in the Cell Ontology.
        ontology_id: Its id there.
        radius_um: Half the length of a cell that nothing presses upon.
        aspect: Length over width of the cell.
        across: Whether the long axis stands across the fibres (columnar epithelium) instead of along them.
        nucleus_radius_um: Geometric mean of the nucleus' half axes.
        nucleus_aspect: Length over width of the nucleus.
        nucleus_offset: Distance of the nucleus from the cell's centre, as a share of the cell's radius there.
        rna: Relative amount of RNA.
        haematoxylin: Optical density of the nucleus.
        vesicular: How pale the inside of the nucleus is against its rim, 0 to 1.
        nucleoli: Whether dark nucleoli are seen.
        cytoplasm_he: Optical density of the cytoplasm in haematoxylin and eosin; None where it cannot be told from what
            lies around the cell.
        stains: Relative brightness in the fluorescence channels PanCK, CD45 and aSMA.
    """

    key: str
    name: str
    ontology_id: str
    radius_um: float
    aspect: float = 1.0
    across: bool = False
    nucleus_radius_um: float
    nucleus_aspect: float = 1.2
    nucleus_offset: float = 0.0
    rna: float
    haematoxylin: float
    vesicular: float
    nucleoli: bool = False
    cytoplasm_he: tuple[float, float] | None
    stains: tuple[float, float, float] = (0.0, 0.0, 0.0)


CELL_TYPES = (
    CellType(
        key="malignant", name="malignant cell", ontology_id="CL:0001064", radius_um=8.5, aspect=1.15,
        nucleus_radius_um=4.1, nucleus_aspect=1.3, nucleus_offset=0.1, rna=1.9, haematoxylin=0.85, vesicular=0.5,
        nucleoli=True, cytoplasm_he=(0.19, 0.36), stains=(1.0, 0.0, 0.0),
    ),
    CellType(
        key="epithelial", name="epithelial cell", ontology_id="CL:0000066", radius_um=7.5, aspect=1.5, across=True,
        nucleus_radius_um=3.0, nucleus_aspect=1.45, nucleus_offset=0.1, rna=1.3, haematoxylin=0.9, vesicular=0.3,
        cytoplasm_he=(0.12, 0.42), stains=(0.85, 0.0, 0.0),
    ),
    CellType(
        key="myoepithelial", name="myoepithelial cell", ontology_id="CL:0000185", radius_um=7.0, aspect=2.2,
        nucleus_radius_um=2.5, nucleus_aspect=1.9, rna=0.9, haematoxylin=0.95, vesicular=0.1,
        cytoplasm_he=(0.05, 0.25), stains=(0.35, 0.0, 0.9),
    ),
    CellType(
        key="fibroblast", name="fibroblast", ontology_id="CL:0000057", radius_um=11.0, aspect=2.6,
        nucleus_radius_um=2.4, nucleus_aspect=4.4, rna=0.8, haematoxylin=0.9, vesicular=0.15,
        cytoplasm_he=None, stains=(0.0, 0.0, 0.07),
    ),
    CellType(
        key="adipocyte", name="adipocyte", ontology_id="CL:0000136", radius_um=42.0,
        nucleus_radius_um=2.3, nucleus_aspect=2.6, nucleus_offset=0.88, rna=1.0, haematoxylin=0.9, vesicular=0.0,
        cytoplasm_he=(0.0, 0.012),
    ),
    CellType(
        key="endothelial", name="endothelial cell", ontology_id="CL:0000115", radius_um=8.0, aspect=2.6,
        nucleus_radius_um=2.3, nucleus_aspect=2.8, rna=0.7, haematoxylin=1.0, vesicular=0.05,
        cytoplasm_he=(0.04, 0.42), stains=(0.0, 0.0, 0.05),
    ),
    CellType(
        key="pericyte", name="pericyte", ontology_id="CL:0000669", radius_um=9.0, aspect=2.6,
        nucleus_radius_um=2.4, nucleus_aspect=3.0, rna=0.7, haematoxylin=0.85, vesicular=0.1,
        cytoplasm_he=(0.04, 0.55), stains=(0.0, 0.0, 1.0),
    ),
    CellType(
        key="macrophage", name="macrophage", ontology_id="CL:0000235", radius_um=8.5, aspect=1.25,
        nucleus_radius_um=3.0, nucleus_aspect=1.4, nucleus_offset=0.25, rna=1.3, haematoxylin=0.8, vesicular=0.3,
        cytoplasm_he=(0.06, 0.26), stains=(0.0, 0.45, 0.0),
    ),
    CellType(
        key="cd4", name="CD4-positive, alpha-beta T cell", ontology_id="CL:0000624", radius_um=4.4,
        nucleus_radius_um=2.8, nucleus_aspect=1.12, rna=0.5, haematoxylin=1.25, vesicular=0.05,
        cytoplasm_he=(0.1, 0.18), stains=(0.0, 1.0, 0.0),
    ),
    CellType(
        key="cd8", name="CD8-positive, alpha-beta T cell", ontology_id="CL:0000625", radius_um=4.5,
        nucleus_radius_um=2.85, nucleus_aspect=1.15, rna=0.55, haematoxylin=1.2, vesicular=0.05,
        cytoplasm_he=(0.1, 0.2), stains=(0.0, 1.0, 0.0),
    ),
    CellType(
        key="b", name="B cell", ontology_id="CL:0000236", radius_um=4.6,
        nucleus_radius_um=2.9, nucleus_aspect=1.1, rna=0.55, haematoxylin=1.15, vesicular=0.12,
        cytoplasm_he=(0.12, 0.16), stains=(0.0, 0.9, 0.0),
    ),
    CellType(
        key="plasma", name="plasma cell", ontology_id="CL:0000786", radius_um=6.2, aspect=1.25,
        nucleus_radius_um=2.7, nucleus_aspect=1.1, nucleus_offset=0.35, rna=1.1, haematoxylin=1.2, vesicular=0.15,
        cytoplasm_he=(0.26, 0.3), stains=(0.0, 0.25, 0.0),
    ),
)  # fmt: skip
"""All cell types; their place in this list is the code by which the steps refer to them."""

CODES = {cell_type.key: code for code, cell_type in enumerate(CELL_TYPES)}
