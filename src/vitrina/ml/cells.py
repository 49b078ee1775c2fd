"""The cells of a dataset: their ids, where they lie, and what the table says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vitrina.errors import InputError, NotFoundError
from vitrina.ml.columns import Column
from vitrina.ml.layer import Layer
from vitrina.ml.rasters import StoredRaster
from vitrina.model.content import LabelsElement
from vitrina.readers.elements import read_shapes, read_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from anndata import AnnData
    from geopandas import GeoDataFrame

    from vitrina.model.content import Content, ShapesElement, TableElement
    from vitrina.pyramid.source import Pixels
    from vitrina.readers.source import Source

    type Floats = npt.NDArray[np.float64]
    type Ints = npt.NDArray[np.int64]

SPATIAL = "spatial"
"""Key of ``obsm`` that holds positions, by scanpy's convention."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Regions of one dataset.

    Attributes:
        instances: Their ids.
        centre_xy: Cells x 2, in the region's own coordinates.
    """

    instances: npt.NDArray[Any]
    centre_xy: Floats

    def take(self, ids: Ints) -> Cells:
        """Some of the cells."""
        return Cells(instances=self.instances[ids], centre_xy=self.centre_xy[ids])


def read_cells(source: Source, content: Content, region: LabelsElement | ShapesElement) -> Cells:
    """The cells that shapes or a label image delineate.

    Raises:
        UnreadableError: The bytes are damaged.
    """
    if isinstance(region, LabelsElement):
        return find_centres(Layer(StoredRaster(source=source, content=content, element=region)))
    return read_centres(read_shapes(source, content, region))


def read_centres(shapes: GeoDataFrame) -> Cells:
    """The centroids of polygons, the centres of circles."""
    import shapely

    geometry = shapes.geometry.to_numpy()
    points = shapely.centroid(geometry)
    centre = np.stack([shapely.get_x(points), shapely.get_y(points)], axis=1)
    return Cells(instances=shapes.index.to_numpy(), centre_xy=centre)


def find_centres(labels: Layer) -> Cells:
    """The centroids of all ids of a label image but 0, read chunk by chunk."""
    found: list[tuple[npt.NDArray[Any], Ints, Floats, Floats]] = []
    (height, width), (chunk_h, chunk_w) = labels.shape_yx, labels.chunk_yx
    for top in range(0, height, chunk_h):
        for left in range(0, width, chunk_w):
            shape = min(chunk_h, height - top), min(chunk_w, width - left)
            window: Pixels = np.empty((1, *shape), labels.dtype)
            labels.read(top, left, window)
            ids, inverse, counts = np.unique(window[0], return_inverse=True, return_counts=True)
            flat = inverse.ravel()
            rows, columns = np.divmod(np.arange(flat.size), shape[1])
            sum_y, sum_x = (np.bincount(flat, axis, len(ids)) for axis in (rows + top + 0.5, columns + left + 0.5))
            found.append((ids, counts, sum_x, sum_y))
    ids, inverse = np.unique(np.concatenate([part[0] for part in found]), return_inverse=True)
    n_pixels, total_x, total_y = (
        np.bincount(inverse, np.concatenate([part[column] for part in found]), len(ids)) for column in (1, 2, 3)
    )
    kept = ids != 0
    return Cells(instances=ids[kept], centre_xy=np.stack([total_x, total_y], axis=1)[kept] / n_pixels[kept, None])


def plan_grid(shape_yx: tuple[int, int], size_px: int, stride_px: int) -> Cells:
    """Tiles that cover an image from its upper left corner, row after row, as if they were cells.

    Args:
        shape_yx: Of the image.
        size_px: Side of the tiles.
        stride_px: From one to the next.

    Raises:
        InputError: The stride is below 1.
    """
    if stride_px < 1:
        raise InputError("stride-invalid", f"stride_px is {stride_px}, but at least 1.", where="stride_px")
    rows, columns = (np.arange(0, max(1, size - size_px + stride_px), stride_px) + size_px / 2 for size in shape_yx)
    y, x = np.meshgrid(rows, columns, indexing="ij")
    return Cells(instances=np.arange(y.size), centre_xy=np.stack([x.ravel(), y.ravel()], axis=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableRows:
    """The rows of a table that tell of one region.

    Attributes:
        table: Only those rows.
        instances: Ids of the cells, one per row.
        where: Of which dataset, for errors.
    """

    table: AnnData
    instances: npt.NDArray[Any]
    where: str

    def match(self, cells: Cells) -> tuple[Ints, Ints]:
        """Cells that have a row, and their rows; ids are compared as text where their types differ."""
        import pandas as pd

        keys, wanted = pd.Index(self.instances), pd.Index(cells.instances)
        if keys.dtype != wanted.dtype:
            is_numeric = all(np.issubdtype(index.dtype, np.integer) for index in (keys, wanted))
            keys, wanted = (index.astype("int64" if is_numeric else str) for index in (keys, wanted))
        if not keys.is_unique:
            raise InputError(
                "instances-repeated", f"The table of {self.where} has several rows for one cell.", where=self.where
            )
        rows = keys.get_indexer(wanted)
        kept = np.flatnonzero(rows >= 0)
        return kept, rows[kept]

    def read_column(self, name: str, rows: Ints) -> Column:
        """A column of ``obs``.

        Raises:
            NotFoundError: There is no such column.
        """
        import pandas as pd

        if name not in self.table.obs:
            raise NotFoundError(
                "column-missing",
                f"The table of {self.where} has no column {name!r}; it has {', '.join(self.table.obs.columns)}.",
                where=self.where,
            )
        values = self.table.obs[name].iloc[rows]
        if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
            category = values.astype(str).where(values.notna()).astype("category")
            return Column(
                data=category.cat.codes.to_numpy(np.int64), categories=tuple(map(str, category.cat.categories))
            )
        return Column(data=values.to_numpy())

    def read_genes(self, names: Sequence[str], rows: Ints) -> Any:
        """Expression of genes, rows x genes, CSR.

        Raises:
            NotFoundError: A gene is not in the table.
        """
        import pandas as pd
        from scipy import sparse

        columns = self.table.var_names.get_indexer(pd.Index(list(names)))
        missing = [name for name, column in zip(names, columns, strict=True) if column < 0]
        if missing:
            raise NotFoundError(
                "gene-missing",
                f"The table of {self.where} has no gene {', '.join(missing[:5])}.",
                hint="Name genes that all datasets have, or pass genes=True for those.",
                where=self.where,
            )
        matrix: Any = self.table.X
        chosen = matrix[:, columns] if not hasattr(matrix, "to_memory") else matrix.to_memory()[:, columns]
        return sparse.csr_matrix(chosen)[rows].astype(np.float32)


def read_rows(source: Source, content: Content, element: TableElement, region: str | None, where: str) -> TableRows:
    """The rows that tell of a region; all rows of a table that does not annotate it.

    Raises:
        UnreadableError: The bytes are damaged.
    """
    return select_rows(read_table(source, content, element), element, region, where)


def select_rows(table: AnnData, element: TableElement, region: str | None, where: str) -> TableRows:
    """The same of a table in memory."""
    if element.region_key and element.region_key in table.obs and region in element.region:
        table = table[(table.obs[element.region_key].astype(str) == region).to_numpy()]
    has_key = bool(element.instance_key) and element.instance_key in table.obs
    instances = table.obs[element.instance_key] if has_key else table.obs_names
    return TableRows(table=table, instances=instances.to_numpy(), where=where)
