"""Small tables made here in each format, odd ones and damaged ones; expected values are those that were put in."""

import asyncio
import errno

import anndata as ad
import h5py
import mudata
import numpy as np
import pandas as pd
import pytest
import zarr
from scipy import sparse
from tree_store import TreeStore

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway.open import open_tree
from vitrina.gateway.tables import dense
from vitrina.gateway.tables import open as opening
from vitrina.gateway.tables import sparse as sparse_matrices
from vitrina.readers import column_spool
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

FORMATS = pytest.mark.parametrize("zarr_format", [2, 3])


def open_file(path, zarr_format=2):
    source = open_source(path)
    return open_tree(source, find_reader(source).read_content(source), etag="e", zarr_format=zarr_format)


def read(path, zarr_format=2, place=""):
    store = TreeStore(open_file(path, zarr_format))
    with without_format_warnings():
        return ad.io.read_zarr(zarr.open_group(store, path=place, mode="r", zarr_format=zarr_format))


def get(tree, key):
    return asyncio.run(tree.get(key))


def write_loom(path, values, **attributes):
    """Genes x cells, as the format has it."""
    with h5py.File(path, "w") as file:
        file.create_dataset("matrix", data=values.T, chunks=(4, 8), compression="gzip")
        file["layers/spliced"] = 2 * values.T
        file["row_attrs/Gene"] = [f"g{i}" for i in range(values.shape[1])]
        file["col_attrs/CellID"] = [f"c{i}" for i in range(values.shape[0])]
        for name, column in attributes.items():
            file[f"col_attrs/{name}"] = column
    return path


def write_tenx(file, group, values, names):
    """Features x barcodes by columns, as Cell Ranger 3 writes them."""
    stored = sparse.csc_matrix(values.T)
    for name, vector in (("data", stored.data), ("indices", stored.indices), ("indptr", stored.indptr)):
        file[f"{group}/{name}"] = vector
    file[f"{group}/shape"] = stored.shape
    file[f"{group}/barcodes"] = [f"b{i}" for i in range(values.shape[0])]
    file[f"{group}/features/id"] = [f"ENSG{i}" for i in range(values.shape[1])]
    file[f"{group}/features/name"] = names
    file[f"{group}/features/feature_type"] = ["Gene Expression"] * values.shape[1]


@FORMATS
def test_a_loom_file_is_cells_by_genes(tmp_path, zarr_format):
    values = np.arange(30 * 11, dtype=np.int32).reshape(30, 11)
    kinds = np.array(["B", "T"] * 15, dtype=object)
    places = np.arange(30, dtype=float)
    path = write_loom(tmp_path / "a.loom", values, Kind=kinds, x=places, y=places + 0.5)
    served = read(path, zarr_format)
    assert (values == served.X).all()
    assert (served.layers["spliced"] == 2 * values).all()
    assert served.obs_names.tolist() == [f"c{i}" for i in range(30)]
    assert served.obs["Kind"].tolist() == kinds.tolist()
    assert (served.obsm["spatial"] == np.stack([places, places + 0.5], axis=1)).all()


@FORMATS
def test_genomes_of_cell_ranger_2_are_tables_beside_each_other(tmp_path, zarr_format):
    values = np.random.default_rng(0).poisson(0.6, (9, 12)).astype(np.int32)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write_tenx(file, "GRCh38", values, [f"g{i}" for i in range(12)])
        write_tenx(file, "mm10", 3 * values, ["twice"] * 12)
    one, other = (read(tmp_path / "a.h5", zarr_format, f"tables/{name}") for name in ("GRCh38", "mm10"))
    assert (values == one.X).all()
    assert (3 * values == other.X).all()
    assert one.var["gene_ids"].tolist() == [f"ENSG{i}" for i in range(12)]
    assert other.var_names.tolist()[:3] == ["twice", "twice-1", "twice-2"]


def test_indices_that_other_writers_store_as_decimal_numbers_are_read(tmp_path):
    values = np.random.default_rng(1).poisson(0.6, (9, 12)).astype(np.float64)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write_tenx(file, "matrix", values, [f"g{i}" for i in range(12)])
        for name in ("indices", "indptr"):
            vector = file[f"matrix/{name}"][:].astype(np.float64)
            del file[f"matrix/{name}"]
            file[f"matrix/{name}"] = vector
    assert (values == read(tmp_path / "a.h5").X).all()


@FORMATS
def test_columns_of_parquet_become_what_they_are_when_converted(tmp_path, zarr_format):
    frame = pd.DataFrame({
        "cell_id": ["a", "b", "c"],
        "x": [1.5, 2.5, 3.5],
        "y": [1.0, 2.0, 3.0],
        "cluster": pd.array([10, None, 30], dtype="Int64"),
        "kept": pd.array([True, None, False], dtype="boolean"),
        "note": pd.array(["one", None, "größer"], dtype="string"),
        "CD3": [0.25, 0.5, 1.0],
    })  # fmt: skip
    frame.to_parquet(tmp_path / "cells.parquet")
    served = read(tmp_path / "cells.parquet", zarr_format)
    assert served.obs_names.tolist() == ["a", "b", "c"]
    assert served.var_names.tolist() == ["CD3"]
    assert served.X.ravel().tolist() == [0.25, 0.5, 1.0]
    assert served.obs["cluster"].tolist() == pytest.approx([10, np.nan, 30], nan_ok=True)
    assert served.obs["kept"].tolist() == ["True", "NA", "False"]
    assert served.obs["note"].tolist() == ["one", "NA", "größer"]
    assert (served.obsm["spatial"] == frame[["x", "y"]]).all(axis=None)


def test_genes_in_rows_are_turned(tmp_path):
    pd.DataFrame({"gene": ["CD3", "CD8"], "c1": [1, 2], "c2": [3, 4], "c3": [5, 6]}).to_csv(
        tmp_path / "genes.csv", index=False
    )
    served = read(tmp_path / "genes.csv")
    assert served.var_names.tolist() == ["CD3", "CD8"]
    assert served.X.tolist() == [[1, 2], [3, 4], [5, 6]]


@FORMATS
def test_modalities_of_mudata_are_tables_of_their_own(tmp_path, zarr_format):
    rna = ad.AnnData(np.arange(12, dtype=np.float32).reshape(4, 3), obs=pd.DataFrame(index=list("abcd")))
    rna.obs["X_centroid"], rna.obs["Y_centroid"] = np.arange(4.0), np.ones(4)
    protein = ad.AnnData(sparse.csr_matrix(np.eye(3, 2, dtype=np.float32)), obs=pd.DataFrame(index=list("bcd")))
    protein.var_names = ["CD3", "CD8"]
    with without_format_warnings():
        whole = mudata.MuData({"rna": rna, "protein": protein})
        whole.obsm["X_umap"] = np.arange(8.0).reshape(4, 2)
        whole.write_h5mu(tmp_path / "a.h5mu")
        served = mudata.read_zarr(TreeStore(open_file(tmp_path / "a.h5mu", zarr_format)))
    assert list(served.mod) == ["rna", "protein"]
    assert (served["rna"].X == rna.X).all()
    assert (np.eye(3, 2) == served["protein"].X).all()
    assert (served["rna"].obsm["spatial"] == rna.obs[["X_centroid", "Y_centroid"]]).all(axis=None)
    assert (served.obsm["X_umap"] == whole.obsm["X_umap"]).all()
    assert served.obsm["protein"].ravel().tolist() == [False, True, True, True]
    assert served.obs_names.tolist() == list("abcd")


@FORMATS
@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (0, 0)])
@pytest.mark.parametrize("encode", [np.asarray, sparse.csr_matrix, sparse.csc_matrix])
def test_tables_without_cells_or_genes_are_read(tmp_path, shape, encode, zarr_format):
    ad.AnnData(encode(np.zeros(shape, np.float32)), obsm={"X_umap": np.zeros((shape[0], 2))}).write_h5ad(
        tmp_path / "a.h5ad"
    )
    served = read(tmp_path / "a.h5ad", zarr_format)
    assert served.shape == shape
    assert served.X.shape == shape
    assert served.obsm["X_umap"].shape == (shape[0], 2)


@FORMATS
def test_names_that_are_no_keys_get_others(tmp_path, zarr_format):
    obs = pd.DataFrame({"größe µm": [1.0, 2.0], "细胞": pd.Categorical(["甲", "乙"]), "..": [1, 2], "%?#": [3, 4]})
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        ad.io.write_elem(file, "/", ad.AnnData(np.ones((2, 2)), obs=obs.set_axis(["a/1", "b/2"])))
        file["obs/one/two"] = [5.0, 6.0]  # as HDF5 has the name "one/two"
        file["obs"].attrs["column-order"] = [*obs.columns, "one/two"]
    served = read(tmp_path / "a.h5ad", zarr_format)
    assert list(served.obs) == ["größe µm", "细胞", "unnamed", "%?#", "one_two"]
    assert served.obs["细胞"].tolist() == ["甲", "乙"]
    assert served.obs["one_two"].tolist() == [5.0, 6.0]
    assert served.obs_names.tolist() == ["a/1", "b/2"]


def test_genes_of_one_name_are_all_there(tmp_path):
    table = ad.AnnData(np.arange(6.0).reshape(2, 3), var=pd.DataFrame(index=["A", "B", "C"]))
    table.write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        del file["var/_index"]
        file["var/_index"] = ["A", "A", "C"]
    group = zarr.open_group(TreeStore(open_file(tmp_path / "a.h5ad")), mode="r")
    assert group["var/_index"][:].tolist() == ["A", "A", "C"]
    assert group["X"][:].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_what_cannot_be_shown_is_left_out(tmp_path):
    ad.AnnData(np.ones((2, 2)), obs=pd.DataFrame({"kept": [1, 2]}, index=["a", "b"])).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        file["obs/complex"] = np.array([1j, 2j])
        file["obs/square"] = np.ones((2, 2))
        file["obs/record"] = np.zeros(2, [("a", "f4"), ("b", "i4")])
        file["obs"].attrs["column-order"] = ["kept", "complex", "square", "record"]
        file["layers/complex"] = np.array([[1j, 2j], [3j, 4j]])
        file["layers/cube"] = np.ones((2, 2, 2))
        file["obsm/text"] = np.array([["a", "b"]] * 2, dtype="S1")
    served = read(tmp_path / "a.h5ad")
    assert list(served.obs) == ["kept"]
    assert [name for name in served.layers if name is not None] == []  # that without a name is X
    assert list(served.obsm) == []


def test_a_data_frame_of_positions_is_an_array_of_its_numbers(tmp_path):
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [3.0, 4.0], "note": ["a", "b"]}, index=["a", "b"])
    ad.AnnData(np.ones((2, 2)), obs=pd.DataFrame(index=["a", "b"]), obsm={"spatial": frame}).write_h5ad(
        tmp_path / "a.h5ad"
    )
    assert read(tmp_path / "a.h5ad").obsm["spatial"].tolist() == [[1.0, 3.0], [2.0, 4.0]]


@pytest.mark.parametrize("encode", [sparse.csr_matrix, sparse.csc_matrix], ids=["csr", "csc"])
def test_a_value_that_is_stored_twice_is_the_sum(tmp_path, encode):
    ad.AnnData(encode(np.eye(3, dtype=np.float32))).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        file["X/indices"][:] = 0
        file["X/indptr"][:] = [0, 3, 3, 3]
    assert read(tmp_path / "a.h5ad").X.tolist() == [[3, 0, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("dtype", "served_as"),
    [
        ("bool", "uint8"),
        ("uint8", "uint8"),
        ("int64", "float64"),
        ("uint64", "float64"),
        ("float64", "float32"),
        (">f4", "float32"),
        ("float16", "float32"),
        (">i2", "int16"),
    ],
)
def test_matrices_are_served_in_types_that_browsers_draw(tmp_path, dtype, served_as):
    ad.AnnData(np.ones((2, 2), np.float32)).write_h5ad(tmp_path / "a.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        del file["X"]
        ad.io.write_elem(file, "X", np.array([[0, 1], [1, 0]]).astype(dtype))
    array = zarr.open_group(TreeStore(open_file(tmp_path / "a.h5ad")), mode="r")["X"]
    assert array.dtype == served_as
    assert array[:].tolist() == [[0, 1], [1, 0]]


def test_a_number_too_large_for_its_served_type_is_infinite(tmp_path):
    ad.AnnData(np.array([[1e300, 1.0]])).write_h5ad(tmp_path / "a.h5ad")
    assert read(tmp_path / "a.h5ad").X.tolist() == [[np.inf, 1.0]]


def test_a_table_of_molecules_is_no_table_of_cells(tmp_path):
    pd.DataFrame({"gene": ["A", "B"], "x": [1.0, 2.0], "y": [1.0, 2.0]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(UnsupportedError) as caught:
        get(open_file(tmp_path / "a.csv"), ".zgroup")
    assert caught.value.code == "table-of-molecules"


def test_a_table_too_large_for_memory_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_LOADED_ROWS", 2)
    pd.DataFrame({"cell_id": [1, 2, 3], "CD3": [1.0, 2.0, 3.0]}).to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(UnsupportedError) as caught:
        get(open_file(tmp_path / "a.csv"), ".zgroup")
    assert caught.value.code == "gateway-table-too-large"


@pytest.mark.parametrize("encode", [np.asarray, sparse.csr_matrix], ids=["dense", "csr"])
def test_a_full_disk_is_told(tmp_path, monkeypatch, encode):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(column_spool.os, "posix_fallocate", refuse)
    monkeypatch.setattr(dense, "MAX_BAND_BYTES", 1)
    monkeypatch.setattr(sparse_matrices, "MAX_MEMORY_VALUES", 0)
    ad.AnnData(encode(np.ones((4, 4), np.float32))).write_h5ad(tmp_path / "a.h5ad")
    with pytest.raises(UnsupportedError) as caught:
        get(open_file(tmp_path / "a.h5ad"), "X/0.0")
    assert caught.value.code == "gateway-matrix-too-large"
    assert "No space left" in caught.value.message


def test_a_damaged_matrix_of_10x_is_told(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        write_tenx(file, "matrix", np.eye(4, dtype=np.int32), list("abcd"))
    tree = open_file(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        write_tenx(file, "matrix", np.eye(4, dtype=np.int32), list("abcd"))
        file["matrix/indptr"][1] = 9
    assert get(tree, "X/0.0") is not None
    with pytest.raises(UnreadableError) as caught:
        get(open_file(tmp_path / "b.h5"), "X/0.0")
    assert caught.value.code == "sparse-matrix-damaged"


def test_loom_files_that_name_other_files_are_refused(tmp_path):
    path = write_loom(tmp_path / "a.loom", np.ones((9, 8), np.float32))
    tree = open_file(path)
    assert get(tree, "X/0.0") is not None
    with h5py.File(tmp_path / "b.loom", "w") as file:
        file["row_attrs/Gene"] = list("ab")
        file["col_attrs/CellID"] = list("abc")
        file["matrix"] = np.ones((2, 3))
        file["layers/spliced"] = h5py.ExternalLink(path, "/matrix")
    with pytest.raises(UnreadableError) as caught:
        open_file(tmp_path / "b.loom")
    assert caught.value.code == "hdf5-outside-file"
