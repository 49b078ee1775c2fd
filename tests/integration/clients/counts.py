"""What the tables of ``../shared/data`` hold, told by anndata, mudata, h5py and pandas: a matrix with its names."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import anndata


@dataclass(frozen=True, kw_only=True)
class Counts:
    """A table.

    Attributes:
        name: Of the dataset below ``../shared/data``.
        read: Gives the values with the names of observations as index and those of variables as columns.
        node: Path of the table in the served tree.
        xy: Columns of the same observations with their places, which are served as ``obsm/spatial``.
    """

    name: str
    read: Callable[[Path], pd.DataFrame]
    node: str = ""
    xy: Callable[[Path], np.ndarray] | None = None

    def __str__(self) -> str:
        return f"{self.name}:{self.node}" if self.node else self.name


def read_h5ad(path: Path) -> anndata.AnnData:
    """A table in its own format, also one that was written long ago."""
    import anndata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return anndata.read_h5ad(path)


def read_loom(path: Path) -> pd.DataFrame:
    """Source: https://linnarssonlab.org/loompy/format/index.html: genes are rows."""
    import h5py

    with h5py.File(path) as file:
        cells = file["col_attrs/CellID"].asstr()[:]
        return pd.DataFrame(file["matrix"][:].T, cells, file["row_attrs/Gene"].asstr()[:])


def read_tenx(path: Path, inside: str = "") -> pd.DataFrame:
    """Source: https://www.10xgenomics.com/support/software/cell-ranger/latest/advanced/cr-outputs-h5-matrices."""
    import h5py
    from scipy.sparse import csc_matrix

    with h5py.File(path / inside if inside else path) as file:
        group = file["matrix"]
        parts = tuple(group[name][:] for name in ("data", "indices", "indptr"))
        values = csc_matrix(parts, shape=tuple(group["shape"][:].astype(int)))
        barcodes, genes = group["barcodes"].asstr()[:], group["features/name"].asstr()[:]
        return pd.DataFrame(values.T.toarray(), barcodes, genes)


def read_cells(path: Path, inside: str = "", *, index: str | list[str], separator: str = ",") -> pd.DataFrame:
    """A table with a row for each cell."""
    frame = pd.read_csv(path / inside if inside else path, sep=separator)
    parts = [frame[name].astype(str) for name in ([index] if isinstance(index, str) else index)]
    frame.index = parts[0] if len(parts) == 1 else parts[0].str.cat(parts[1:], sep="_")
    return frame.drop(columns=index)


def read_genes(path: Path, inside: str, separator: str) -> pd.DataFrame:
    """A table with a row for each gene."""
    return pd.read_csv(path / inside, sep=separator, index_col=0).T


def read_columns(path: Path, *names: str, separator: str = ",") -> np.ndarray:
    """Columns of a table, side by side."""
    return pd.read_csv(path, sep=separator)[list(names)].to_numpy()


COUNTS = (
    Counts(name="osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom", read=read_loom),
    Counts(name="vendor-micro/Xenium_small/cell_feature_matrix.h5", read=read_tenx),
    Counts(name="vendor-micro/Xenium_small", read=partial(read_tenx, inside="cell_feature_matrix.h5")),
    Counts(
        name="mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv",
        read=partial(read_cells, index="CellID"),
        xy=lambda path: read_columns(path, "X_centroid", "Y_centroid"),
    ),
    Counts(name="ome-zarr-v04-2dt-labels/table.tsv", read=partial(read_cells, index="label", separator="\t")),
    Counts(
        name="tiff-golgi-labels-table/table-mlj.csv",
        read=partial(read_cells, index="Label"),
        xy=lambda path: read_columns(path, "Centroid.X", "Centroid.Y"),
    ),
    Counts(
        name="seqfish-cortex-csv",
        read=partial(read_genes, inside="seqfish_field_expr.txt.gz", separator=" "),
        xy=lambda path: read_columns(path / "seqfish_field_locs.txt", "sdimx", "sdimy", separator=" "),
    ),
    Counts(
        name="vendor-micro/CosMx_small",
        read=partial(read_cells, inside="lung_p9s1_exprMat_file.csv", index=["fov", "cell_ID"]),
    ),
    Counts(
        name="vendor-micro/STARmapPLUS_small",
        read=partial(read_genes, inside="mockraw_expression_pd.csv", separator=","),
    ),
    Counts(
        name="vendor-micro/MERSCOPE_small",
        read=partial(read_cells, inside="ovarian_p2s2_cell_by_gene.csv", index="cell"),
    ),
    Counts(
        name="merscope-liver-mini",
        read=partial(read_cells, inside="region_0/cell_by_gene.csv", index="cell"),
        node="tables/region_0_table",
    ),
    Counts(
        name="visium-mouse-brain-tiny/outs",
        read=partial(read_tenx, inside="filtered_feature_bc_matrix.h5"),
        node="tables/table",
    ),
    Counts(
        name="visium-hd-tiny/outs",
        read=partial(read_tenx, inside="binned_outputs/square_016um/filtered_feature_bc_matrix.h5"),
        node="tables/square_016um",
    ),
)

H5AD = (
    "h5ad-cellxgene-schema/example_valid.h5ad",
    "h5ad-cellxgene-schema/example_invalid_CL.h5ad",
    "h5ad-multiplex-scimap/example_data.h5ad",
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
)
H5MU = ("h5mu-hubmap/secondary_analysis.h5mu", "h5mu-hubmap/objects.h5mu")
