"""AnnData in memory as a table to serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.gateway.tables.dense import MemoryMatrix
from vitrina.gateway.tables.memory_frame import serve_frame
from vitrina.gateway.tables.served import NUMBERS, PlacedMatrix, ServedTable, StackedColumns, add_positions
from vitrina.gateway.tables.sparse import SparseMatrix
from vitrina.readers.positions import SPATIAL_EMBEDDINGS

if TYPE_CHECKING:
    from anndata import AnnData

    from vitrina.gateway.placing import Frame
    from vitrina.gateway.tables.served import FrameColumn, Matrix
    from vitrina.model.content import TableElement


def serve_memory(adata: AnnData, element: TableElement, frame: Frame) -> ServedTable:
    """The table; its parts are held by what is served of it, and no longer than that.

    Args:
        adata: In memory.
        element: Says which columns hold positions.
        frame: Positions in pixels are there in its coordinate system too, which images and scale bars have.
    """
    obs = serve_frame(adata.obs)
    obsm: dict[str, Matrix | FrameColumn] = {}
    for name, values in adata.obsm.items():
        matrix = serve_matrix(_to_numbers(values), f"obsm/{name}")
        if matrix is not None:
            obsm[str(name)] = matrix
    obsm = add_positions(obsm, obs, element.position_columns)
    own = next((name for name in obsm if name.lower() in SPATIAL_EMBEDDINGS), None)
    positions = None if own is None else obsm[own]
    if own is not None and frame.is_own and isinstance(positions, MemoryMatrix | StackedColumns):
        obsm[frame.name_positions(own)] = PlacedMatrix(positions, frame.affine_xy)
    layers = {str(name): serve_matrix(values, f"layers/{name}") for name, values in adata.layers.items() if name}
    return ServedTable(
        obs=obs,
        var=serve_frame(adata.var),
        matrix=serve_matrix(adata.X, "X"),
        layers={name: layer for name, layer in layers.items() if layer is not None},
        obsm=obsm,
    )


def serve_matrix(values: Any, name: str) -> Matrix | None:
    """A matrix, None where there is none, or where it does not hold numbers in two dimensions."""
    import numpy as np
    from scipy.sparse import issparse

    if values is None or values.dtype.kind not in NUMBERS or values.ndim != 2:
        return None
    if not issparse(values):
        return MemoryMatrix(np.asarray(values))
    is_csr = values.format != "csc"
    by_groups = values.tocsr() if is_csr else values
    shape = (int(values.shape[0]), int(values.shape[1]))
    return SparseMatrix(by_groups.data, by_groups.indices, by_groups.indptr, shape, is_csr=is_csr, name=name)


def _to_numbers(values: Any) -> Any:
    """An entry of ``obsm``; of a data frame the columns that are numbers."""
    import pandas as pd

    return values.select_dtypes("number").to_numpy() if isinstance(values, pd.DataFrame) else values
