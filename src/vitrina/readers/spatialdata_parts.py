"""Tables, shapes and points of a SpatialData hierarchy, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError
from vitrina.readers.parquet import HIDDEN_COLUMNS, list_index_columns
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.spatialdata_vectors import open_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch

    from vitrina.model.content import PointsElement, ShapesElement, TableElement
    from vitrina.readers.zarr_tree import ZarrTree

BATCH_ROWS = 100_000


def read_table(zarr_tree: ZarrTree, element: TableElement) -> AnnData:
    """A table in memory."""
    import anndata

    with without_format_warnings():
        table: AnnData = anndata.io.read_zarr(zarr_tree.open_group(element.path))
    return table


def read_shapes(zarr_tree: ZarrTree, element: ShapesElement) -> GeoDataFrame:
    """Shapes in memory.

    Raises:
        UnreadableError: They are not GeoParquet.
    """
    import geopandas
    import pandas as pd
    import shapely

    path = f"{element.path}/shapes.parquet"
    names = [f"{path}/{name}" for name in sorted(zarr_tree.tree.list_children(path)) if name.endswith(".parquet")]
    parts = []
    for name in names or [path]:
        try:
            with zarr_tree.open_file(name) as file, without_format_warnings():
                parts.append(geopandas.read_parquet(file))
        except (ValueError, TypeError, KeyError, shapely.errors.ShapelyError) as err:
            raise UnreadableError(
                "shapes-damaged", f"The shapes {name} cannot be read: {err}.", where=str(zarr_tree.source.path)
            ) from err
    shapes: GeoDataFrame = parts[0] if len(parts) == 1 else pd.concat(parts)
    return shapes


def iterate_points(zarr_tree: ZarrTree, element: PointsElement) -> Iterator[RecordBatch]:
    """Points in batches, without the columns that only keep an index."""
    with open_parts(zarr_tree, f"{element.path}/points.parquet") as files:
        for file in files:
            hidden = {*HIDDEN_COLUMNS, *list_index_columns(file)} - set(element.axes)
            names = [name for name in file.schema_arrow.names if name not in hidden]
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=names)
