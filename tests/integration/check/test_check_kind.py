"""Each file goes to the checker of its own format, and to none where no format of ours is meant."""

import json

import h5py
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import samples

from vitrina.checks.kind import find_format
from vitrina.errors import UnsupportedError
from vitrina.readers.source import open_source
from vitrina.verbs.check import check

HDF5 = {
    # https://anndata.readthedocs.io/en/stable/fileformat-prose.html; a part of it alone is broken AnnData
    "obs.h5": (["obs", "layers"], "anndata"),
    "named.h5ad": (["data"], "anndata"),
    "mod.h5": (["mod", "obs"], "mudata"),
    "named.h5mu": (["data"], "mudata"),
    # https://linnarssonlab.org/loompy/format/index.html
    "cells.loom": (["matrix", "layers", "row_attrs", "col_attrs"], None),
    # https://www.10xgenomics.com/support/software/cell-ranger/latest/analysis/outputs/cr-outputs-h5-matrices
    "filtered_feature_bc_matrix.h5": (["matrix"], None),
}


@pytest.mark.parametrize("name", HDF5)
def test_hdf5_is_told_apart_by_what_its_root_holds_or_its_name(tmp_path, name):
    groups, expected = HDF5[name]
    with h5py.File(tmp_path / name, "w") as file:
        for group in groups:
            file.create_group(group)
    assert find_format(open_source(tmp_path / name)) == expected


def test_mudata_begins_with_512_bytes_of_text_and_is_checked():
    report = check(samples.get("h5mu-hubmap/objects.h5mu"))
    assert report.kind == "mudata"


def test_a_table_of_shapes_is_not_called_broken_points(tmp_path):
    table = pa.Table.from_pandas(pd.DataFrame({"Geometry": [b""], "ID": [1]}))
    geo = json.dumps({"version": "1.1.0", "primary_column": "Geometry", "columns": {"Geometry": {"encoding": "WKB"}}})
    pq.write_table(table.replace_schema_metadata({b"geo": geo.encode()}), tmp_path / "shapes.parquet")
    with pytest.raises(UnsupportedError, match="holds shapes and no points"):
        check(tmp_path / "shapes.parquet")
