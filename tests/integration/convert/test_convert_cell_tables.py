"""Tables of cells in CSV, Parquet, loom and 10x HDF5 as AnnData for the web. Compared with pandas, h5py and SciPy."""

from dataclasses import dataclass

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import samples
from scipy.sparse import csc_matrix
from tables import as_float32, as_texts, to_array

from vitrina.convert.anndata.options import AnnDataOptions
from vitrina.convert.anndata.write import write_tables
from vitrina.errors import UnsupportedError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.verbs.check import check

MCMICRO = "mcmicro-exemplar001-csv/exemplar-001--unmicst_cell.csv"


def convert(source_path, path, **options):
    source = open_source(source_path)
    content = find_reader(source).read_content(source)
    findings = write_tables(source, content, path, AnnDataOptions(**options))
    for purpose in ("specification", "viewer"):
        report = check(path, purpose=purpose)
        assert [finding for finding in report.findings if finding.severity != "info"] == []
    with without_format_warnings():
        return anndata.read_zarr(path), [*content.findings, *findings]


GOLGI = slice("Golgi_Mean_AverageThickness", None)


@dataclass(frozen=True)
class Sample:
    """A table, and what its columns are by the documentation of the program that wrote it."""

    name: str
    instances: str
    positions: tuple[str, str] | None = None
    measurements: slice | None = None


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize(
    "sample",
    [
        Sample(MCMICRO, "CellID", ("X_centroid", "Y_centroid"), slice("DNA_6", "NCAM")),
        Sample("tiff-golgi-labels-table/table-mlj.csv", "Label", ("Centroid.X", "Centroid.Y"), GOLGI),
        Sample("merscope-liver-mini/region_1/cell_by_gene.csv", "cell", None, slice("AKAP11", None)),
        Sample("merscope-liver-mini/region_1/cell_metadata.csv", "EntityID", ("center_x", "center_y")),
        Sample("vendor-micro/Xenium_small/cells.csv.gz", "cell_id", ("x_centroid", "y_centroid")),
        Sample("vendor-micro/CosMx_small/lung_p9s1_exprMat_file.csv", "cell_ID", None, slice("AATK", "ACKR4")),
    ],
    ids=lambda sample: sample.name,
)
def test_samples_of_text_keep_their_values(tmp_path, sample, zarr_format):
    name, instances, measurements = sample.name, sample.instances, sample.measurements
    positions = None if sample.positions is None else list(sample.positions)
    written, _ = convert(samples.get(name), tmp_path / "cells.zarr", zarr_format=zarr_format)
    expected = pd.read_csv(samples.get(name))
    assert list(written.obs_names) == [str(one) for one in expected[instances]]
    measured = [] if measurements is None else list(expected.loc[:, measurements])
    assert list(written.var_names) == measured
    if measured:
        np.testing.assert_array_equal(to_array(written.X), as_float32(expected[measured]))
    others = [column for column in expected if column not in measured]
    assert list(written.obs) == others
    for column in others:
        assert as_texts(written.obs[column]) == as_texts(expected[column])
    if positions is not None:
        np.testing.assert_array_equal(written.obsm["spatial"], as_float32(expected[positions]))


def test_spots_in_parquet_keep_their_values(tmp_path):
    path = samples.get("visium-hd-tiny/outs/binned_outputs/square_008um/spatial/tissue_positions.parquet")
    written, findings = convert(path, tmp_path / "spots.zarr")
    expected = pd.read_parquet(path)
    assert list(written.obs_names) == list(expected["barcode"])
    assert as_texts(written.obs["array_row"]) == as_texts(expected["array_row"])
    xy = expected[["pxl_col_in_fullres", "pxl_row_in_fullres"]]
    np.testing.assert_array_equal(to_array(written.obsm["spatial"]), as_float32(xy))
    assert "columns-guessed" in [finding.code for finding in findings]


def test_genes_in_rows_become_variables(tmp_path):
    path = samples.get("vendor-micro/STARmapPLUS_small/mockraw_expression_pd.csv")
    written, findings = convert(path, tmp_path / "cells.zarr")
    expected = pd.read_csv(path, index_col=0)
    assert list(written.var_names) == list(expected.index)
    assert list(written.obs_names) == list(expected.columns)
    np.testing.assert_array_equal(to_array(written.X), expected.to_numpy().T)
    assert [finding.code for finding in findings] == ["columns-guessed"]


def test_the_loom_sample_keeps_its_values(tmp_path):
    path = samples.get("osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom")
    written, findings = convert(path, tmp_path / "cells.zarr")
    with h5py.File(path) as file:
        counts = file["matrix"][:].T
        np.testing.assert_array_equal(to_array(written.X), counts)
        assert 255 < counts.max() < 65536
        assert written.X.dtype == np.uint16
        positions = np.stack([file["col_attrs/X"], file["col_attrs/Y"]], axis=1)
        np.testing.assert_array_equal(written.obsm["spatial"], positions.astype(np.float32))
        assert list(written.obs["Region"]) == [one.decode() for one in file["col_attrs/Region"]]
    assert "positions-guessed" in [finding.code for finding in findings]


@pytest.mark.parametrize(
    "name",
    [
        "vendor-micro/Xenium_small/cell_feature_matrix.h5",
        "visium-mouse-brain-tiny/outs/filtered_feature_bc_matrix.h5",
        "visium-hd-tiny/outs/binned_outputs/square_008um/filtered_feature_bc_matrix.h5",
        "visium-hd-tiny/outs/binned_outputs/square_016um/filtered_feature_bc_matrix.h5",
    ],
)
@pytest.mark.parametrize("layout", ["dense", "csc"])
def test_samples_of_10x_keep_their_counts_as_small_integers(tmp_path, name, layout):
    written, _ = convert(samples.get(name), tmp_path / "cells.zarr", layout=layout)
    with h5py.File(samples.get(name)) as file:
        node = file["matrix"]
        parts = node["data"][:], node["indices"][:].astype(int), node["indptr"][:].astype(int)
        expected = csc_matrix(parts, shape=tuple(node["shape"][:].astype(int))).T.toarray()
    np.testing.assert_array_equal(to_array(written.X), expected)
    assert written.X.dtype == (np.uint8 if expected.max() < 256 else np.uint16)


def test_tables_of_molecules_are_no_tables_of_cells(tmp_path):
    with pytest.raises(UnsupportedError) as caught:
        convert(samples.get("cosmx-lung12-mini/Lung12/Lung12_tx_file.csv"), tmp_path / "cells.zarr")
    assert caught.value.code == "table-of-molecules"
    assert not (tmp_path / "cells.zarr").exists()


def test_cells_numbered_anew_in_each_image_get_names_of_their_own(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("ImageNumber,ObjectNumber,Intensity_Mean,note\n1,1,0.5,a\n1,2,1.5,b\n2,1,2.5,\n")
    written, _ = convert(path, tmp_path / "cells.zarr")
    assert list(written.obs_names) == ["1", "2", "1-1"]
    assert list(written.obs["ObjectNumber"]) == [1, 2, 1]
    assert to_array(written.X).ravel().tolist() == [0.5, 1.5, 2.5]
