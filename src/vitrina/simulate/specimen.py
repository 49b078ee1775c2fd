"""The simulated tissue itself, before anyone looks at it: layout, cells, outlines, label images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.simulate.cells import build_cells
from vitrina.simulate.labels import draw_labels
from vitrina.simulate.outlines import build_outlines
from vitrina.simulate.tissue import build_tissue

if TYPE_CHECKING:
    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.outlines import Outlines
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.tissue import Tissue


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """What is then stained, imaged and sequenced.

    Attributes:
        parameters: From which all of it follows.
        tissue: Layout on a coarse grid.
        cells: Cell ``i`` has the id ``i + 1`` in the label images and everywhere else.
        outlines: Polygons of cells and nuclei.
        labels_yx: The cell polygons as a label image.
        nuclei_yx: The nucleus polygons as a label image.
    """

    parameters: SectionParameters
    tissue: Tissue
    cells: Cells
    outlines: Outlines
    labels_yx: Ints
    nuclei_yx: Ints

    def enlarge(self, field_yx: Floats) -> Floats:
        """A field on the grid of the layout at the resolution of the images."""
        return self.tissue.enlarge(field_yx, self.parameters)


def build_specimen(parameters: SectionParameters) -> Specimen:
    """Grows the tissue of a section."""
    tissue = build_tissue(parameters)
    cells = build_cells(parameters, tissue)
    outlines = build_outlines(parameters, cells)
    labels_yx, nuclei_yx = (
        draw_labels(polygons, parameters.shape_yx, parameters.pixel_size_um)
        for polygons in (outlines.cell_nkxy, outlines.nucleus_nkxy)
    )
    return Specimen(
        parameters=parameters,
        tissue=tissue,
        cells=cells,
        outlines=outlines,
        labels_yx=labels_yx,
        nuclei_yx=nuclei_yx,
    )
