"""Matrices of 10x Genomics. Values are compared with what h5py and SciPy make of the files by themselves."""

import h5py
import numpy as np
import pytest
import samples
from scipy.sparse import csc_matrix

from vitrina.errors import UnreadableError
from vitrina.model.content import Matrix
from vitrina.readers.elements import read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.readers.tenx_h5 import read_tenx_h5

VISIUM = "visium-mouse-brain-tiny/outs/filtered_feature_bc_matrix.h5"
NAMES = (
    VISIUM,
    "vendor-micro/Xenium_small/cell_feature_matrix.h5",
    "visium-hd-tiny/outs/binned_outputs/square_008um/filtered_feature_bc_matrix.h5",
    "visium-hd-tiny/outs/binned_outputs/square_016um/filtered_feature_bc_matrix.h5",
)


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader.format == "10x-h5"
    return source, reader.read_content(source)


def read_by_hand(path, group="matrix"):
    with h5py.File(path) as file:
        node = file[group]
        parts = node["data"][:], node["indices"][:].astype(int), node["indptr"][:].astype(int)
        return csc_matrix(parts, shape=tuple(node["shape"][:].astype(int))).T.toarray()


def write_matrix(path, *, group="matrix", **changes):
    """Two barcodes and three features: 5 of the first and 7 of the last feature in the second barcode."""
    entries = {
        "barcodes": [b"AAA-1", b"CCC-1"],
        "data": np.array([5, 7], "int32"),
        "indices": np.array([0, 2], "int64"),
        "indptr": np.array([0, 0, 2], "int64"),
        "shape": np.array([3, 2], "int32"),
        "features/id": [b"E1", b"E2", b"E3"],
        "features/name": [b"TBCE", b"TBCE", b"CD3"],
        "features/feature_type": [b"Gene Expression", b"Gene Expression", b"Antibody Capture"],
        **changes,
    }
    with h5py.File(path, "w") as file:
        file.attrs["chemistry_description"] = "Single Cell 3' v3"
        for name, value in entries.items():
            if value is not None:
                file[f"{group}/{name}"] = value
    return path


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_names_are_those_of_the_file(name):
    source, content = read(samples.get(name))
    (element,) = content.elements
    table = read_table(source, content, element)
    values = read_by_hand(source.path)
    np.testing.assert_array_equal(table.X.toarray(), values)
    assert (element.n_obs, element.n_vars) == values.shape == table.shape
    with h5py.File(source.path) as file:
        assert table.X.dtype == file["matrix/data"].dtype
        assert list(table.obs_names) == [one.decode() for one in file["matrix/barcodes"]]
        assert list(table.var["gene_ids"]) == [one.decode() for one in file["matrix/features/id"]]
        assert list(table.var_names) == [one.decode() for one in file["matrix/features/name"]]
    assert element.matrix == Matrix(encoding="csr", dtype=table.X.dtype.name)
    assert content.findings == ()


def test_names_that_two_features_bear_are_told_apart_and_types_are_kept(tmp_path):
    source, content = read(write_matrix(tmp_path / "counts.h5"))
    table = read_tenx_h5(source.path)
    assert table.X.toarray().tolist() == [[0, 0, 0], [5, 0, 7]]
    assert list(table.var_names) == ["TBCE", "TBCE-1", "CD3"]
    assert list(table.var["feature_types"]) == ["Gene Expression", "Gene Expression", "Antibody Capture"]
    assert table.uns["tenx_h5"] == {"chemistry_description": "Single Cell 3' v3"}
    assert [finding.code for finding in content.findings] == ["names-repeated", "feature-types-mixed"]


def test_each_genome_of_cell_ranger_2_is_a_table(tmp_path):
    path = tmp_path / "old.h5"
    names = {"features/id": None, "features/name": None, "features/feature_type": None}
    write_matrix(path, group="mm10", genes=[b"E1", b"E2", b"E3"], gene_names=[b"A", b"B", b"C"], **names)
    with h5py.File(path, "a") as file:
        file.copy("mm10", "hg19")
    source, content = read(path)
    assert [element.path for element in content.elements] == ["hg19", "mm10"]
    table = read_table(source, content, content.elements[1])
    assert table.X.toarray().tolist() == [[0, 0, 0], [5, 0, 7]]
    assert (list(table.var_names), list(table.var["gene_ids"])) == (["A", "B", "C"], ["E1", "E2", "E3"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"indices": np.array([0, 3])}, "sparse-matrix-damaged"),
        ({"indices": np.array([0, -1])}, "sparse-matrix-damaged"),
        ({"indptr": np.array([0, 2, 1])}, "sparse-matrix-damaged"),
        ({"indptr": np.array([0, 2])}, "sparse-matrix-damaged"),
        ({"data": np.array([5], "int32")}, "sparse-matrix-damaged"),
        ({"indices": np.array([0, 1.5])}, "tenx-damaged"),
        ({"data": np.array([b"5", b"7"])}, "tenx-damaged"),
        ({"shape": np.array([3, 9])}, "tenx-damaged"),
        ({"shape": np.array([3, 2, 1])}, "tenx-damaged"),
        ({"shape": np.array([-3, 2])}, "tenx-damaged"),
        ({"features/name": [b"A"]}, "tenx-damaged"),
    ],
)
def test_matrices_whose_parts_do_not_fit_are_refused(tmp_path, changes, code):
    path = write_matrix(tmp_path / "damaged.h5", **changes)
    with pytest.raises(UnreadableError) as caught:
        read_tenx_h5(path)
    assert caught.value.code == code


def test_values_in_another_file_are_refused(tmp_path):
    write_matrix(tmp_path / "other.h5")
    path = write_matrix(tmp_path / "linked.h5", data=None)
    with h5py.File(path, "a") as file:
        file["matrix/data"] = h5py.ExternalLink("other.h5", "/matrix/data")
    with pytest.raises(UnreadableError) as caught:
        read_tenx_h5(path)
    assert caught.value.code == "hdf5-outside-file"


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "cut.h5"
    path.write_bytes(samples.get(VISIUM).read_bytes()[:100_000])
    with pytest.raises(UnreadableError) as caught:
        read_tenx_h5(path)
    assert caught.value.code == "hdf5-damaged"
