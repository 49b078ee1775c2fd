"""Files that several pipelines of 10x Genomics write alike: counts in HDF5 and Matrix Market, tables, the declaration.

Source: https://www.10xgenomics.com/support/software/cell-ranger/latest/analysis/outputs/cr-outputs-h5-matrices and
https://www.10xgenomics.com/support/software/cell-ranger/latest/analysis/outputs/cr-outputs-mex-matrices
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.simulate.arrays import Ints
    from vitrina.simulate.section import SectionParameters

GENERATOR = "vitrina.simulate"
GENE_TYPE = "Gene Expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counts with their names.

    Attributes:
        matrix: Barcodes x features, a SciPy sparse matrix of whole numbers.
        barcodes: Of the rows.
        names: Of the features.
        types: Of the features.
    """

    matrix: Any
    barcodes: list[str]
    names: list[str]
    types: list[str]

    @property
    def ids(self) -> list[str]:
        """Made-up ids of the features, which look like no id of a real database."""
        return [f"SIM{number:06d}" for number in range(len(self.names))]


def write_h5(counts: Counts, path: Path) -> None:
    """The counts as Cell Ranger 3 and later write them."""
    import h5py
    import numpy as np

    columns = counts.matrix.tocsr()
    columns.sort_indices()
    with h5py.File(path, "w") as file:
        file.attrs.update({"chemistry_description": "simulated", "filetype": "matrix", "version": 2})
        file.attrs["library_ids"] = np.asarray([b"simulated"])
        group = file.create_group("matrix")
        group["barcodes"] = np.asarray(counts.barcodes, dtype="S")
        group["data"] = columns.data.astype(np.int32)
        group["indices"] = columns.indices.astype(np.int64)
        group["indptr"] = columns.indptr.astype(np.int64)
        group["shape"] = np.asarray(columns.shape[::-1], dtype=np.int32)
        features = group.create_group("features")
        features["_all_tag_keys"] = np.asarray([b"genome"])
        features["feature_type"] = np.asarray(counts.types, dtype="S")
        features["genome"] = np.asarray([b"simulated"] * len(counts.names))
        features["id"] = np.asarray(counts.ids, dtype="S")
        features["name"] = np.asarray(counts.names, dtype="S")


def write_mtx(counts: Counts, folder: Path) -> None:
    """The counts as three compressed text files."""
    entries = counts.matrix.tocoo()
    folder.mkdir()
    rows = zip(counts.ids, counts.names, counts.types, strict=True)
    _write_text(folder / "features.tsv.gz", ("\t".join(row) for row in rows))
    _write_text(folder / "barcodes.tsv.gz", counts.barcodes)
    triples = zip(entries.col, entries.row, entries.data, strict=True)
    head = [
        "%%MatrixMarket matrix coordinate integer general",
        '%metadata_json: {"software_version": "simulated", "format_version": 2}',
        f"{entries.shape[1]} {entries.shape[0]} {entries.nnz}",
    ]
    body = (f"{feature + 1} {barcode + 1} {int(value)}" for feature, barcode, value in triples)
    _write_text(folder / "matrix.mtx.gz", [*head, *body])


def write_table(columns: dict[str, Any], path: Path, *, as_csv: bool = False) -> None:
    """A table as ``path`` with the suffix ``.parquet``, and as ``.csv.gz`` where that is wanted too."""
    import pyarrow as pa
    from pyarrow import csv, parquet

    table = pa.table(columns)
    parquet.write_table(table, path.with_name(f"{path.name}.parquet"), row_group_size=50_000)
    if as_csv:
        with gzip.open(path.with_name(f"{path.name}.csv.gz"), "wb", compresslevel=1) as file:
            csv.write_csv(table, file)


def write_declaration(parameters: SectionParameters, folder: Path, vendor: str) -> None:
    """What says that nothing in the folder was measured."""
    stated = {"simulated": True, "generator": GENERATOR, "vendor": vendor, "parameters": parameters.build_json()}
    (folder / "vitrina.json").write_text(json.dumps(stated, indent=2), encoding="utf-8")


def build_label_counts(cell_id: Ints, gene_code: Ints, n_cells: int, n_genes: int) -> Any:
    """Sparse counts of each cell and gene; 0 is no cell."""
    import numpy as np
    from scipy.sparse import coo_matrix

    inside = cell_id > 0
    ones = np.ones(np.count_nonzero(inside), dtype=np.int32)
    return coo_matrix((ones, (cell_id[inside] - 1, gene_code[inside])), shape=(n_cells, n_genes)).tocsr()


def _write_text(path: Path, lines: Any) -> None:
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.writelines(f"{line}\n" for line in lines)
