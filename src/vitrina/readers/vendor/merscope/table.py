"""The table of a MERSCOPE region: ``cell_by_gene`` with ``cell_metadata``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.errors import VitrinaError
from vitrina.model.finding import Finding
from vitrina.readers.vendor.cell_table import CellTable, IdentifiedRows
from vitrina.readers.vendor.text import open_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from vitrina.readers.vendor.merscope.files import RegionFiles
    from vitrina.readers.vendor.merscope.outlines import OutlinesPart

ID_NAMES = ("EntityID", "cell", "cell_id", "id")


class MerscopeTable(CellTable):
    """Cells x genes; positions are centres in micrometres.

    Args:
        root: Folder of the bundle.
        files: Of the region.
        name: Of the element.
        outlines: Of the cells, None without any.
    """

    def __init__(self, root: Path, files: RegionFiles, name: str, outlines: OutlinesPart | None) -> None:
        super().__init__(files.counts or files.cells or "", name, None if outlines is None else outlines.name)
        self._root = root
        self._files = files
        self._outlines = outlines

    def open_counts(self) -> IdentifiedRows | None:
        return self._open(self._files.counts)

    def open_cells(self) -> IdentifiedRows | None:
        return self._open(self._files.cells)

    def locate(self, ids: Sequence[str], cells: pd.DataFrame) -> tuple[Any, list[Finding]]:
        names = {str(name).lower(): name for name in cells.columns}
        if "center_x" in names and "center_y" in names:
            return cells[[names["center_x"], names["center_y"]]].to_numpy(dtype="float64"), []
        return self._locate_outlines(ids)

    def _open(self, key: str | None) -> IdentifiedRows | None:
        if key is None:
            return None
        file = open_rows(self._root / key, key)
        return IdentifiedRows(file=file, id_columns=(file.find(*ID_NAMES) or file.columns[0],))

    def _locate_outlines(self, ids: Sequence[str]) -> tuple[Any, list[Finding]]:
        """The middles of the outlines, where nothing else says where cells are."""
        import numpy as np
        import shapely

        if self._outlines is None:
            return None, []
        try:
            shapes = self._outlines.read_shapes()
        except VitrinaError:
            return None, []  # told where the outlines are described
        centres = shapely.get_coordinates(shapely.centroid(shapes.geometry.to_numpy()))
        rows = {own: row for row, own in enumerate(shapes.index)}
        found = [rows.get(own) for own in ids]
        positions = np.array([(np.nan, np.nan) if row is None else centres[row] for row in found]).reshape(-1, 2)
        return positions, [_tell_guessed(self.key, self._outlines.key, sum(row is None for row in found))]


def _tell_guessed(key: str, outlines: str, n_lost: int) -> Finding:
    rest = f"; {n_lost:,} cells have no outline and no position" if n_lost else ""
    return Finding(
        code="positions-from-outlines",
        severity="info",
        path=f"{key}#",
        message=f"No file says where the cells are, so positions are the centroids of {outlines}{rest}.",
    )
