"""Polygons of the cells of a slide: one row per vertex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column, Placement, ShapesElement
from vitrina.model.finding import Finding
from vitrina.readers.vendor.cosmx.mosaic import FOV_FACTOR
from vitrina.readers.vendor.cosmx.slide import CELL_NAMES, FOV_NAMES
from vitrina.readers.vendor.part import Described
from vitrina.readers.vendor.text import iterate_rows, to_numpy
from vitrina.readers.vendor.transcripts import require_columns

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from vitrina.readers.vendor.cosmx.slide import Slide

MIN_VERTICES = 3
DOCUMENTED = ("fov", "cellID", "cell", "x_local_px", "y_local_px", "x_global_px", "y_global_px")


@dataclass(frozen=True, kw_only=True)
class OutlinesPart:
    """The polygons of a slide, in global pixels; the index is the number of the cell in the whole slide."""

    slide: Slide
    key: str
    name: str

    def describe(self) -> Described:
        """The element; all vertices are read, since nothing else says how many cells there are."""
        shapes, findings = self._read()
        bounds = tuple(float(one) for one in shapes.total_bounds)
        element = ShapesElement(
            name=self.name,
            path=self.key,
            n_shapes=len(shapes),
            geometry="polygon",
            columns=(Column(name="fov", dtype="int64"), Column(name="cell_ID", dtype="int64")),
            extent_xy=bounds,  # type: ignore[arg-type]  # total_bounds has four numbers
            placements=(Placement(coordinate_system=self.slide.system, affine_xy=self.slide.placed.frame.affine_xy),),
        )
        return Described(element=element, findings=tuple(findings))

    def read_shapes(self) -> GeoDataFrame:
        """The polygons."""
        return self._read()[0]

    def _read(self) -> tuple[GeoDataFrame, list[Finding]]:
        import geopandas
        import numpy as np
        import pandas as pd
        import shapely

        fov, cell, x, y, findings = self._read_vertices()
        usable = np.isfinite(fov) & np.isfinite(cell) & np.isfinite(x) & np.isfinite(y) & (cell > 0) & (fov >= 0)
        number = fov[usable].astype(np.int64) * FOV_FACTOR + cell[usable].astype(np.int64)
        order = np.argsort(number, kind="stable")
        number, xy = number[order], np.stack([x[usable], y[usable]], axis=1)[order]
        ids, counts = np.unique(number, return_counts=True)
        whole = counts >= MIN_VERTICES
        n_lost = int((~whole).sum()) + int((~usable).sum())
        if n_lost:
            findings.append(_tell_lost(self.key, int((~whole).sum()), int((~usable).sum())))
        kept = np.repeat(whole, counts)
        if not whole.any():
            raise UnreadableError("shapes-empty", f"{self.key} holds no polygon of a cell.", where=self.key)
        rings = shapely.linearrings(xy[kept], indices=np.repeat(np.arange(int(whole.sum())), counts[whole]))
        outlines = shapely.polygons(rings)
        invalid = ~shapely.is_valid(outlines)
        if invalid.any():
            outlines[invalid] = shapely.buffer(shapely.make_valid(outlines[invalid]), 0)
            findings.append(_tell_mended(self.key, int(invalid.sum())))
        full = ~shapely.is_empty(outlines)
        own = ids[whole][full]
        frame = geopandas.GeoDataFrame(
            {"geometry": outlines[full], "fov": own // FOV_FACTOR, "cell_ID": own % FOV_FACTOR}, index=pd.Index(own)
        )
        return frame, findings

    def _read_vertices(self) -> tuple[Any, Any, Any, Any, list[Finding]]:
        import numpy as np
        import pyarrow as pa

        file = self.slide.open(self.key, DOCUMENTED)
        names = require_columns(file, FOV_NAMES, CELL_NAMES)
        is_global = file.find("x_global_px") is not None
        space = "global" if is_global else "local"
        names += require_columns(file, (f"x_{space}_px",), (f"y_{space}_px",))
        parts = [
            np.stack([to_numpy(column) for column in batch.columns])
            for batch in iterate_rows(file, names, dict.fromkeys(names, pa.float64()))
        ]
        fov, cell, x, y = np.concatenate(parts, axis=1) if parts else np.empty((4, 0))
        if not is_global:
            frame = self.slide.placed.frame
            origins = np.array([frame.origins.get(int(own), (np.nan, np.nan)) for own in np.nan_to_num(fov, nan=-1)])
            origins = origins.reshape(-1, 2)
            x, y = origins[:, 0] + frame.sign_x * x, origins[:, 1] + frame.sign_y * y
        return fov, cell, x, y, list(file.findings)


def _tell_lost(key: str, n_cells: int, n_rows: int) -> Finding:
    return Finding(
        code="shapes-unusable",
        severity="warning",
        path=f"{key}#",
        message=f"{n_cells:,} cells of {key} have fewer than three vertices, and {n_rows:,} rows no cell or no place; "
        "they are left out.",
    )


def _tell_mended(key: str, n_outlines: int) -> Finding:
    return Finding(
        code="shapes-mended",
        severity="info",
        path=f"{key}#",
        message=f"{n_outlines:,} polygons of {key} cross themselves; they were made valid.",
    )
