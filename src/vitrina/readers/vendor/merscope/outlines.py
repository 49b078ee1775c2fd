"""Outlines of the cells of a MERSCOPE region: one polygon per cell out of one per cell and plane.

Source: https://vizgen.github.io/vizgen-postprocessing/output_data_formats/geometry_file_format.html (Parquet)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column, Placement, ShapesElement
from vitrina.model.finding import Finding
from vitrina.readers.damage import reading as reading_file
from vitrina.readers.hdf5 import find_child, list_children, open_hdf5, reading
from vitrina.readers.source import Source
from vitrina.readers.vendor.part import GLOBAL, Described
from vitrina.readers.vendor.text import iterate_rows, open_rows, to_numpy
from vitrina.readers.vendor.transcripts import require_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import h5py
    from geopandas import GeoDataFrame

MAX_MEASURED_BYTES = 64 * 2**20
"""The extent of larger files of outlines is not measured."""

POLYGON, MULTIPOLYGON = 3, 6
"""Source: https://shapely.readthedocs.io/en/stable/reference/shapely.get_type_id.html"""

MAX_PARTS = 10_000
"""Pieces of one outline in HDF5, and planes of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinesPart:
    """The outlines of the cells of a region.

    Attributes:
        root: Folder of the bundle.
        key: Of the element: the Parquet file, or the folder of the HDF5 files.
        name: Of the element.
        files: Paths below the root.
        system: Coordinate system in which they lie.
    """

    root: Path
    key: str
    name: str
    files: tuple[str, ...]
    system: str = GLOBAL

    @property
    def is_hdf5(self) -> bool:
        """Whether there is one HDF5 file per field of view."""
        return self.files[0].endswith(".hdf5")

    def describe(self) -> Described:
        """The element, with its extent unless the files are large."""
        import numpy as np

        findings: list[Finding] = []
        extent = None
        if sum((self.root / path).stat().st_size for path in self.files) <= MAX_MEASURED_BYTES:
            shapes, findings = self._read()
            n_shapes = len(shapes)
            bounds = shapes.total_bounds
            extent = tuple(float(one) for one in bounds) if np.isfinite(bounds).all() else None
        else:
            n_shapes = self._count()
        element = ShapesElement(
            name=self.name,
            path=self.key,
            n_shapes=n_shapes,
            geometry="polygon",
            columns=(Column(name="z_index", dtype="int64"),),
            extent_xy=extent,  # type: ignore[arg-type]  # total_bounds has four numbers
            placements=(Placement(coordinate_system=self.system),),
        )
        return Described(element=element, findings=tuple(findings))

    def read_shapes(self) -> GeoDataFrame:
        """One polygon per cell, indexed by its id as text."""
        return self._read()[0]

    def _count(self) -> int:
        if self.is_hdf5:
            return sum(1 for path in self.files for _ in _iterate_cells(self.root / path))
        return len(set(_read_parquet_ids(self.root / self.files[0], self.files[0])))

    def _read(self) -> tuple[GeoDataFrame, list[Finding]]:
        import geopandas
        import numpy as np
        import pandas as pd
        import shapely

        read = self._read_hdf5() if self.is_hdf5 else _read_parquet(self.root / self.files[0], self.files[0])
        ids, planes, outlines = read
        usable = ~(shapely.is_missing(outlines) | shapely.is_empty(outlines)) & np.isin(
            shapely.get_type_id(outlines), (POLYGON, MULTIPOLYGON)
        )
        usable &= np.array([bool(own) for own in ids], dtype=bool)
        n_lost = int((~usable).sum())
        ids, planes, outlines = ids[usable], planes[usable], outlines[usable]
        n_planes = len(set(planes.tolist()))
        kept = choose_planes(ids, planes)
        findings = [_tell_reduced(self.key, len(ids), len(kept), n_planes)] if len(kept) < len(ids) else []
        if n_lost:
            findings.append(_tell_lost(self.key, n_lost))
        if not len(kept):
            raise UnreadableError("shapes-empty", f"{self.key} holds no outline of a cell.", where=self.key)
        outlines = outlines[kept]
        invalid = ~shapely.is_valid(outlines)
        if invalid.any():
            outlines[invalid] = _mend(outlines[invalid])
            findings.append(_tell_mended(self.key, int(invalid.sum())))
        single = (shapely.get_type_id(outlines) == MULTIPOLYGON) & (shapely.get_num_geometries(outlines) == 1)
        outlines[single] = shapely.get_geometry(outlines[single], 0)
        frame = geopandas.GeoDataFrame(
            {"geometry": outlines, "z_index": planes[kept].astype(np.int64)}, index=pd.Index(ids[kept], dtype=object)
        )
        return frame, findings

    def _read_hdf5(self) -> tuple[Any, Any, Any]:
        import numpy as np

        ids, planes, outlines = [], [], []
        for path in self.files:
            for cell, plane, outline in _iterate_outlines(self.root / path):
                ids.append(cell)
                planes.append(plane)
                outlines.append(outline)
        return np.array(ids, dtype=object), np.array(planes, dtype=np.int64), np.array(outlines, dtype=object)


def choose_planes(ids: Any, planes: Any) -> Any:
    """Rows of one outline per cell, in the order in which cells come first: that of the plane nearest to the middle.

    In one plane the outlines of a segmentation do not overlap, so most cells are taken from the same plane; a cell
    that does not reach it is not lost.
    """
    import numpy as np

    if not len(ids):
        return np.empty(0, dtype=np.int64)
    present = np.unique(planes)
    middle = present[len(present) // 2]
    order = np.argsort(np.abs(planes - middle), kind="stable")
    _, first, inverse = np.unique(ids[order].astype(str), return_index=True, return_inverse=True)
    chosen = order[first]
    appears = np.full(len(first), len(ids))
    np.minimum.at(appears, inverse, order)
    return chosen[np.argsort(appears, kind="stable")]


def _read_parquet_ids(path: Path, key: str) -> Iterator[str]:
    file = open_rows(path, key)
    (column,) = require_columns(file, ("EntityID", "cell_id", "ID"))
    for batch in iterate_rows(file, [column]):
        yield from _write_ids(batch.column(0))


def _read_parquet(path: Path, key: str) -> tuple[Any, Any, Any]:
    import numpy as np
    import shapely

    file = open_rows(path, key)
    cell, geometry = require_columns(file, ("EntityID", "cell_id", "ID"), ("Geometry", "geometry"))
    plane = file.find("ZIndex", "z_index")
    names = [cell, geometry, *([plane] if plane is not None else [])]
    ids: list[str] = []
    planes, outlines = [], []
    with reading_file(Source(path), "shapes-damaged", "outlines of cells"):
        for batch in iterate_rows(file, names):
            ids.extend(_write_ids(batch.column(0)))
            outlines.append(shapely.from_wkb(batch.column(1).to_numpy(zero_copy_only=False), on_invalid="ignore"))
            own = np.zeros(batch.num_rows) if plane is None else to_numpy(batch.column(2)).astype(np.float64)
            planes.append(np.nan_to_num(own).astype(np.int64))
    empty = np.empty(0, dtype=object)
    return (
        np.array(ids, dtype=object),
        np.concatenate(planes) if planes else np.empty(0, dtype=np.int64),
        np.concatenate(outlines) if outlines else empty,
    )


def _write_ids(column: Any) -> list[str]:
    """Ids as text, without a detour over floating-point numbers, which cannot hold 19 digits."""
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        return ["" if value is None else str(int(value)) for value in column.to_pylist()]
    return ["" if value is None else str(value).strip() for value in column.to_pylist()]


def _iterate_cells(path: Path) -> Iterator[tuple[str, h5py.Group]]:
    """The cells of a file of older instruments: ``featuredata/<cell>/zIndex_<plane>/p_<piece>/coordinates``."""
    import h5py

    with reading(path.name), open_hdf5(path) as file:
        group = find_child(file, "featuredata")
        if not isinstance(group, h5py.Group):
            raise UnreadableError("hdf5-damaged", f"{path.name} has no group featuredata.", where=str(path))
        for cell in list_children(group):
            child = find_child(group, cell)
            if isinstance(child, h5py.Group):
                yield cell, child


def _iterate_outlines(path: Path) -> Iterator[tuple[str, int, Any]]:
    for cell, group in _iterate_cells(path):
        for name in list_children(group)[:MAX_PARTS]:
            prefix, _, number = name.partition("_")
            plane = find_child(group, name)
            if prefix.lower() == "zindex" and number.isdecimal() and plane is not None:
                outline = _read_pieces(plane)
                if outline is not None:
                    yield cell, int(number), outline


def _read_pieces(plane: Any) -> Any:
    """The pieces of an outline in one plane, None without any."""
    import h5py
    import numpy as np
    import shapely

    rings = []
    for name in list_children(plane)[:MAX_PARTS]:
        piece = find_child(plane, name)
        values = find_child(piece, "coordinates") if isinstance(piece, h5py.Group) else None
        if not isinstance(values, h5py.Dataset) or values.ndim not in {2, 3} or values.shape[-1] != 2:
            continue
        ring = np.asarray(values[...], dtype=np.float64).reshape(-1, 2)
        if len(ring) >= 3 and np.isfinite(ring).all():
            rings.append(shapely.Polygon(ring))
    if not rings:
        return None
    return rings[0] if len(rings) == 1 else shapely.MultiPolygon(rings)


def _mend(outlines: Any) -> Any:
    """Outlines that cross themselves, made valid; what is left of lines and points is dropped."""
    import shapely

    return shapely.buffer(shapely.make_valid(outlines), 0)


def _tell_reduced(key: str, n_outlines: int, n_cells: int, n_planes: int) -> Finding:
    return Finding(
        code="planes-reduced",
        severity="info",
        path=f"{key}#",
        message=f"{key} has {n_outlines:,} outlines of {n_cells:,} cells in {n_planes} planes; of each cell the one "
        "nearest to the middle plane is taken, see z_index.",
    )


def _tell_lost(key: str, n_outlines: int) -> Finding:
    return Finding(
        code="shapes-unusable",
        severity="warning",
        path=f"{key}#",
        message=f"{n_outlines:,} rows of {key} have no id, no polygon or damaged bytes; they are left out.",
    )


def _tell_mended(key: str, n_outlines: int) -> Finding:
    return Finding(
        code="shapes-mended",
        severity="info",
        path=f"{key}#",
        message=f"{n_outlines:,} outlines of {key} cross themselves; they were made valid.",
    )
