"""Counts of 10x Genomics in any of the three forms that its pipelines write: HDF5, Matrix Market, Zarr.

Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/output-overview;
https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-zarr
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Matrix, TableElement
from vitrina.readers.frames import describe_frames, make_names_unique
from vitrina.readers.source import Source
from vitrina.readers.tenx.cell_ids import decode_ids, format_cell_ids
from vitrina.readers.tenx_h5 import TenxH5Reader, read_tenx_h5
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    import pandas as pd
    from anndata import AnnData

    from vitrina.model.finding import Finding
    from vitrina.readers.tenx.bundle import Bundle

_FEATURE_COLUMNS = ("gene_ids", "name", "feature_types")
MAX_LABELS = 2**27
"""A list of barcodes with more entries is refused; the finest grid of Visium HD has 11 million bins."""


def find_matrix(bundle: Bundle, *stems: str) -> Path | None:
    """The counts: of several forms the fastest; ``filtered_feature_bc_matrix`` is a stem."""
    return next(iter(list_matrices(bundle, *stems)), None)


def list_matrices(bundle: Bundle, *stems: str) -> list[Path]:
    """The counts in all the forms that are there, the fastest first."""
    found = (bundle.find(f"{stem}{suffix}") for stem in stems for suffix in (".h5", "", ".zarr.zip"))
    paths = [path for path in found if path is not None]
    return [path for path in paths if path.is_file() or _find_part(path, "matrix.mtx") is not None]


def describe_matrix(path: Path) -> tuple[TableElement, tuple[Finding, ...]]:
    """The table without annotations of its observations, and what is odd about it.

    Raises:
        UnreadableError: The file is damaged.
    """
    if path.suffix == ".h5":
        content = TenxH5Reader().read_content(Source(path))
        table = next(element for element in content.elements if isinstance(element, TableElement))
        return table, content.findings
    barcodes, var, dtype = _read_zarr_heads(path) if path.is_file() else _read_mtx_heads(path)
    matrix = Matrix(encoding="csr", dtype=dtype)
    return describe_frames(_build_obs(barcodes), var, name="table", path="", matrix=matrix), ()


def read_matrix(path: Path) -> AnnData:
    """The counts as barcodes x features, sparse by rows.

    Raises:
        UnreadableError: The file is damaged.
    """
    if path.suffix == ".h5":
        return _undo_protein_scale(read_tenx_h5(path))
    return _read_zarr(path) if path.is_file() else _read_mtx(path)


def read_barcodes(path: Path) -> pd.Index[Any]:
    """The names of the observations alone.

    Raises:
        UnreadableError: The file is damaged.
    """
    import pandas as pd

    if path.suffix == ".h5":
        from vitrina.readers.hdf5 import find_child, open_hdf5

        with open_hdf5(path) as file:
            group = find_child(file, "matrix")
            dataset = None if group is None else find_child(group, "barcodes")
            if dataset is None:
                raise UnreadableError("tenx-incomplete", f"{path} has no barcodes.", where=str(path))
            return pd.Index(decode_ids(dataset[:]), dtype=str)
    return pd.Index((_read_zarr_heads(path) if path.is_file() else _read_mtx_heads(path))[0], dtype=str)


def _undo_protein_scale(table: AnnData) -> AnnData:
    """Xenium stores intensities of proteins as whole numbers, multiplied by a factor that the file names.

    Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
    """
    import numpy as np

    attrs = table.uns.get("tenx_h5", {})
    scale = float(np.ravel(attrs.get("protein_scaling_factor", 1))[0])
    if scale in (0.0, 1.0) or "feature_types" not in table.var:
        return table
    factors = np.where(table.var["feature_types"] == "Protein Expression", 1 / scale, 1.0)
    counts: Any = table.X
    table.X = counts.multiply(factors).tocsr()
    return table


def _build_obs(barcodes: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(index=pd.Index(barcodes, dtype=str))


def _find_part(folder: Path, *names: str) -> Path | None:
    """A file of a Matrix Market folder, compressed since Cell Ranger 3."""
    candidates = (folder / f"{name}{suffix}" for name in names for suffix in (".gz", ""))
    top = folder.resolve()
    return next((path for path in candidates if path.is_file() and path.resolve().parent == top), None)


def _get_part(folder: Path, *names: str) -> Path:
    path = _find_part(folder, *names)
    if path is None:
        raise UnreadableError(
            "tenx-incomplete",
            f"{folder} has no {names[0]}.gz, which belongs to the matrix.",
            hint="Copy the whole folder from the original output.",
            where=str(folder),
        )
    return path


def _open_text(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _read_lines(path: Path) -> list[list[str]]:
    rows: list[list[str]] = []
    with _open_text(path) as file:
        for line in file:
            rows.append(line.rstrip("\r\n").split("\t"))
            if len(rows) > MAX_LABELS:
                raise ValueError(f"{path.name} has more than {MAX_LABELS:,} lines")
    return rows


def _read_mtx_heads(folder: Path) -> tuple[list[str], pd.DataFrame, str]:
    """Barcodes, features and the type of the values, which the first line of the matrix names."""
    import pandas as pd

    barcodes = [row[0] for row in _read_lines(_get_part(folder, "barcodes.tsv"))]
    rows = _read_lines(_get_part(folder, "features.tsv", "genes.tsv"))
    n_columns = min((len(row) for row in rows), default=0)
    if rows and n_columns < 1:
        raise ValueError("the list of features has empty lines")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(_FEATURE_COLUMNS[:n_columns])}
    names = columns.pop("name", None) or columns.get("gene_ids", [])
    with _open_text(_get_part(folder, "matrix.mtx")) as file:
        banner = file.readline(200).lower()
    if not banner.startswith("%%matrixmarket matrix coordinate"):
        raise ValueError("matrix.mtx does not begin as a sparse Matrix Market file")
    var = pd.DataFrame(columns, index=make_names_unique(names))
    return barcodes, var, "int64" if " integer" in banner else "float64"


def _read_mtx(folder: Path) -> AnnData:
    from anndata import AnnData
    from scipy.io import mminfo, mmread
    from scipy.sparse import csr_matrix

    barcodes, var, _ = _read_mtx_heads(folder)
    path = _get_part(folder, "matrix.mtx")
    shape = mminfo(path)[:2]
    if shape != (len(var), len(barcodes)):
        raise UnreadableError(
            "tenx-shape",
            f"{path} announces {shape[0]:,} features and {shape[1]:,} barcodes, but {len(var):,} and {len(barcodes):,} "
            "are listed beside it.",
            where=str(path),
        )
    counts: Any = mmread(path, spmatrix=False)
    return AnnData(X=csr_matrix(counts.T), obs=_build_obs(barcodes), var=var)


def _read_zarr_heads(path: Path) -> tuple[list[str], pd.DataFrame, str]:
    """Ids of cells, features and the type of the values of ``cell_feature_matrix.zarr.zip``."""
    import pandas as pd

    tree = get_zarr_tree(Source(path))
    attrs = tree.read_attrs("cell_features")
    cells = format_cell_ids(tree.open_array("cell_features/cell_id")[...])  # type: ignore[arg-type]  # never a scalar
    names = [str(name) for name in attrs.get("feature_keys", ())]
    columns = {
        column: [str(value) for value in attrs[key]]
        for column, key in (("gene_ids", "feature_ids"), ("feature_types", "feature_types"))
        if len(attrs.get(key, ())) == len(names)
    }
    var = pd.DataFrame(columns, index=make_names_unique(names))
    return list(cells), var, tree.get_array("cell_features/data").dtype


def _read_zarr(path: Path) -> AnnData:
    """Rows of the stored matrix are features."""
    import numpy as np
    from anndata import AnnData
    from scipy.sparse import csr_matrix

    cells, var, _ = _read_zarr_heads(path)
    tree = get_zarr_tree(Source(path))
    values, indices, indptr = (
        np.asarray(tree.open_array(f"cell_features/{name}")[...]) for name in ("data", "indices", "indptr")
    )
    shape = (len(var), len(cells))
    is_sound = len(indptr) == shape[0] + 1 and len(indices) == len(values) == int(indptr[-1])
    if not is_sound or (len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < shape[1]):
        raise UnreadableError(
            "sparse-matrix-damaged",
            f"The matrix in {path} is damaged: indices or indptr do not fit {shape[0]:,} features and {shape[1]:,} "
            "cells.",
            where=str(path),
        )
    stored = csr_matrix((values, indices.astype(np.int64), indptr.astype(np.int64)), shape=shape)
    return AnnData(X=stored.T.tocsr(), obs=_build_obs(cells), var=var)
