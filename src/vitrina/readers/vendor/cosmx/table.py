"""The table of a slide: ``exprMat_file`` with ``metadata_file``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.readers.vendor.cell_table import CellTable, IdentifiedRows
from vitrina.readers.vendor.cosmx.mosaic import FOV_FACTOR
from vitrina.readers.vendor.cosmx.slide import CELL_NAMES, FOV_NAMES
from vitrina.readers.vendor.transcripts import require_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from vitrina.model.finding import Finding
    from vitrina.readers.vendor.cosmx.slide import Slide

_GLOBAL = (("CenterX_global_px", "CenterY_global_px"), ("x_global_px", "y_global_px"), ("x_slide_px", "y_slide_px"))
_LOCAL = ("CenterX_local_px", "CenterY_local_px")
_NO_GENES = ("cell", "cell_id", "slide_ID")
"""Columns of newer expression tables that repeat the id of the cell."""


class CosmxTable(CellTable):
    """Cells x targets; a cell is named by its field of view and its number in it, as ``12_345``.

    Args:
        slide: Of which slide.
        name: Of the element.
        region: Of the label image, else the outlines, of the cells.
    """

    def __init__(self, slide: Slide, name: str, region: str | None) -> None:
        super().__init__(slide.files.counts or slide.files.cells or "", name, region)
        self.slide = slide

    def open_counts(self) -> IdentifiedRows | None:
        return self._open(self.slide.files.counts)

    def open_cells(self) -> IdentifiedRows | None:
        return self._open(self.slide.files.cells)

    def build_ids(self, columns: Sequence[npt.NDArray[np.object_]]) -> list[str]:
        pairs = zip(columns[0], columns[1], strict=True)
        return [f"{own}_{cell}" if own and cell else "" for own, cell in ((_trim(a), _trim(b)) for a, b in pairs)]

    def build_instances(self, ids: Sequence[str], names: Sequence[str]) -> Any:  # noqa: ARG002 cells have numbers
        import numpy as np

        return np.array([number_cell(own) for own in ids], dtype=np.int64)

    def find_outside(self, ids: Sequence[str]) -> npt.NDArray[np.bool_]:
        import numpy as np

        return np.array([own.endswith("_0") for own in ids], dtype=bool)

    def locate(self, ids: Sequence[str], cells: pd.DataFrame) -> tuple[Any, list[Finding]]:
        import numpy as np

        names = {str(name).lower(): name for name in cells.columns}
        frame = self.slide.placed.frame
        for x, y in _GLOBAL:
            if x.lower() in names and y.lower() in names:
                positions = cells[[names[x.lower()], names[y.lower()]]].to_numpy(dtype="float64")
                return positions * (frame.scale, -frame.scale), []
        if not all(name.lower() in names for name in _LOCAL):
            return None, []
        local = cells[[names[name.lower()] for name in _LOCAL]].to_numpy(dtype="float64")
        nowhere = (np.nan, np.nan)
        fovs = [int(own.partition("_")[0]) if own.partition("_")[0].isdecimal() else -1 for own in ids]
        origins = np.array([frame.origins.get(fov, nowhere) for fov in fovs]).reshape(-1, 2)
        return (origins + local * (frame.sign_x, frame.sign_y)) * (frame.scale, -frame.scale), []

    def _open(self, key: str | None) -> IdentifiedRows | None:
        if key is None:
            return None
        file = self.slide.open(key)
        fov, cell = require_columns(file, FOV_NAMES, CELL_NAMES)
        ids: tuple[str, ...] = (fov, cell)
        if key == self.slide.files.counts:
            ids = (*ids, *(name for name in file.columns if name in _NO_GENES and name not in ids))
        return IdentifiedRows(file=file, id_columns=ids)


def number_cell(name: str) -> int:
    """The number of a cell in the whole slide, 0 for a name that is none.

    >>> number_cell("12_345")
    1200345
    """
    fov, _, cell = name.partition("_")
    return int(fov) * FOV_FACTOR + int(cell) if fov.isdecimal() and cell.isdecimal() else 0


def _trim(value: object) -> str:
    """A whole number as text, whether it was written as ``12``, `` 12`` or ``12.0``."""
    text = str(value).strip()
    head, dot, tail = text.partition(".")
    return head if dot and head.isdecimal() and not tail.strip("0") else text
