"""h5ad files as Zarr, held against anndata, which reads both the file and what is served."""

import asyncio
import json

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import samples
import zarr
from scipy import sparse
from tree_store import TreeStore

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.gateway.open import open_tree
from vitrina.gateway.tables import sparse as sparse_matrices
from vitrina.model.content import Content, TableElement
from vitrina.readers.source import open_source

N_OBS, N_VARS = 57, 23


def make_content(**values):
    table = TableElement(name="table", path="", n_obs=N_OBS, n_vars=N_VARS, **values)
    return Content(format="anndata", container="hdf5", elements=(table,))


def make_table(encode=lambda values: values):
    rng = np.random.default_rng(0)
    values = rng.poisson(0.7, (N_OBS, N_VARS)).astype(np.float32)
    obs = pd.DataFrame(
        {
            "cell_type": pd.Categorical(rng.choice(["B", "T", "NK"], N_OBS)),
            "stage": pd.Categorical(rng.choice([10, 20, 30], N_OBS), ordered=True),
            "area": rng.random(N_OBS),
            "count": rng.integers(0, 9, N_OBS),
            "note": [f"cell {i}" for i in range(N_OBS)],
            "score": pd.array([None if i % 7 == 0 else i for i in range(N_OBS)], dtype="Int64"),
            "kept": pd.array([None if i % 7 == 0 else i % 2 == 0 for i in range(N_OBS)], dtype="boolean"),
        },
        index=[f"obs{i}" for i in range(N_OBS)],
    )
    var = pd.DataFrame(index=[f"Gene{i}" for i in range(N_VARS)])
    table = ad.AnnData(X=encode(values), obs=obs, var=var, obsm={"X_umap": rng.random((N_OBS, 2))})
    table.layers["log"] = encode(np.log1p(values))
    return table, values


def open_file(path, content=None):
    return open_tree(open_source(path), content or make_content(), etag="e")


def open_served(path, content=None):
    return zarr.open_group(TreeStore(open_file(path, content)), mode="r", zarr_format=2)


@pytest.mark.parametrize("encode", [np.asarray, sparse.csr_matrix, sparse.csc_matrix], ids=["dense", "csr", "csc"])
def test_matrices_and_layers_are_served_whole(tmp_path, encode):
    table, values = make_table(encode)
    table.write_h5ad(tmp_path / "a.h5ad")
    served = open_served(tmp_path / "a.h5ad")
    assert (served["X"][...] == values).all()
    assert served["layers/log"][...] == pytest.approx(np.log1p(values))
    assert served["X"].chunks == (N_OBS, 10)


def test_a_csr_matrix_too_large_for_memory_is_sorted_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(sparse_matrices, "MAX_MEMORY_VALUES", 0)
    monkeypatch.setattr(sparse_matrices, "SORT_BYTES", 10_000)
    table, values = make_table(sparse.csr_matrix)
    table.write_h5ad(tmp_path / "a.h5ad")
    assert (open_served(tmp_path / "a.h5ad")["X"][...] == values).all()


def test_anndata_reads_the_served_columns(tmp_path):
    table, _ = make_table()
    table.write_h5ad(tmp_path / "a.h5ad")
    served = open_served(tmp_path / "a.h5ad")
    obs = ad.io.read_elem(served["obs"])
    assert obs.index.tolist() == table.obs_names.tolist()
    assert ad.io.read_elem(served["var"]).index.tolist() == table.var_names.tolist()
    assert obs["cell_type"].tolist() == table.obs["cell_type"].tolist()
    assert obs["stage"].cat.ordered
    assert obs["stage"].cat.categories.tolist() == ["10", "20", "30"]  # integers become text
    assert obs["stage"].tolist() == table.obs["stage"].astype(str).tolist()
    assert obs["area"].tolist() == table.obs["area"].tolist()
    assert obs["count"].tolist() == table.obs["count"].tolist()
    assert obs["note"].tolist() == table.obs["note"].tolist()
    assert obs["score"].tolist() == pytest.approx(table.obs["score"].astype(float).tolist(), nan_ok=True)
    assert obs["kept"].tolist()[:3] == ["NA", "False", "True"]
    assert served["obsm/X_umap"][...] == pytest.approx(table.obsm["X_umap"])


def test_positions_in_columns_become_an_array(tmp_path):
    table, _ = make_table()
    table.write_h5ad(tmp_path / "a.h5ad")
    served = open_served(tmp_path / "a.h5ad", make_content(position_columns=("area", "count")))
    assert served["obsm/spatial"][...] == pytest.approx(table.obs[["area", "count"]].to_numpy())


def test_a_file_of_2018_is_served_as_anndata_reads_it():
    path = samples.get("h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad")
    served = open_served(path)
    with h5py.File(path) as file:  # anndata itself no longer reads all of this file's encodings
        categories = [name.decode() for name in file["uns/bulk_labels_categories"][:]]
        expected = [categories[code] for code in file["obs"]["bulk_labels"]]
        assert (served["X"][...] == file["X"][:]).all()
        assert served["obsm/X_umap"][...] == pytest.approx(file["obsm"]["X_umap"])
    assert ad.io.read_elem(served["obs"])["bulk_labels"].tolist() == expected
    assert len(ad.io.read_elem(served["var"])) == 765


def test_a_file_of_2020_is_served_as_anndata_reads_it():
    path = samples.get("h5ad-multiplex-scimap/example_data.h5ad")
    content = make_content(position_columns=("X_position", "Y_position"))
    served = open_served(path, content)
    with h5py.File(path) as file:
        names = [name.decode() for name in file["obs/__categories/phenotype"][:]]
        expected = [names[code] for code in file["obs/phenotype"][:]]
        assert served["obsm/spatial"][:, 1] == pytest.approx(file["obs/Y_position"][:])
        assert served["X"][...] == pytest.approx(file["X"][:])
    assert ad.io.read_elem(served["obs"])["phenotype"].tolist() == expected


def write_outside(tmp_path, link):
    """A file whose X is somewhere else, in three ways that HDF5 has."""
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["X"] = np.ones((3, 2), np.float32)
    raw = tmp_path / "secret.bin"
    raw.write_bytes(b"\x00" * 24)
    path = tmp_path / "a.h5ad"
    with h5py.File(path, "w") as file:
        if link == "external-link":
            file["X"] = h5py.ExternalLink(secret, "/X")
        elif link == "soft-link":
            file["away"] = h5py.ExternalLink(secret, "/X")
            file["X"] = h5py.SoftLink("/away")
        elif link == "virtual":
            layout = h5py.VirtualLayout((3, 2), np.float32)
            layout[:] = h5py.VirtualSource(secret, "X", (3, 2))
            file.create_virtual_dataset("X", layout)
        else:
            file.create_dataset("X", (3, 2), np.float32, external=[(raw, 0, 24)])
    return path


@pytest.mark.parametrize("link", ["external-link", "soft-link", "virtual", "external-storage"])
def test_values_in_other_files_are_refused(tmp_path, link):
    with pytest.raises(UnreadableError) as caught:
        open_file(write_outside(tmp_path, link))
    assert caught.value.code == "hdf5-outside-file"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("indices", np.array([0, 99], np.int32)),
        ("indices", np.array([0, -1], np.int32)),
        ("indptr", np.array([0, 5, 1, 2], np.int32)),
        ("indptr", np.array([0, 1, 2, 9], np.int32)),
        ("indptr", np.array([0, 1], np.int32)),
    ],
)
@pytest.mark.parametrize("encoding", ["csr_matrix", "csc_matrix"])
def test_indices_that_lead_outside_a_matrix_are_refused(tmp_path, encoding, name, values):
    arrays = {
        "data": np.ones(2, np.float32),
        "indices": np.array([0, 1], np.int32),
        "indptr": np.array([0, 1, 1, 2], np.int32),
        name: values,
    }
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"] = encoding
        group.attrs["shape"] = [3, 3]
        for key, value in arrays.items():
            group[key] = value
    tree = open_file(tmp_path / "a.h5ad")
    with pytest.raises(UnreadableError) as caught:
        asyncio.run(tree.get("X/0.0"))
    assert caught.value.code == "sparse-matrix-damaged"


def test_chunks_that_unpack_to_gigabytes_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file.create_dataset("X", (40_000, 40_000), np.uint8, chunks=(40_000, 40_000), compression="gzip")
        file.create_dataset("obs/_index", (40_000,), "S10")
        file.create_dataset("obs/huge", (2**29,), np.uint8, chunks=(2**29,), compression="gzip")
    tree = open_file(tmp_path / "a.h5ad")
    with pytest.raises(UnsupportedError) as caught:
        asyncio.run(tree.get("X/0.0"))
    assert caught.value.code == "gateway-matrix-too-large"
    assert json.loads(asyncio.run(tree.get("obs/.zattrs")))["column-order"] == []


def test_offsets_that_would_fill_the_memory_are_refused(tmp_path):
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"] = "csc_matrix"
        group.attrs["shape"] = [3, 2**28]
        group.create_dataset("indptr", (2**28 + 1,), np.int64, chunks=(2**20,), compression="gzip")
        group["data"], group["indices"] = np.ones(1, np.float32), np.zeros(1, np.int32)
    with pytest.raises(UnsupportedError) as caught:
        asyncio.run(open_file(tmp_path / "a.h5ad").get("X/0.0"))
    assert caught.value.code == "gateway-matrix-too-large"


def test_long_texts_are_served_in_chunks_that_fit_into_memory(tmp_path):
    with h5py.File(tmp_path / "a.h5ad", "w") as file:
        file.create_dataset("obs/_index", (10_000,), "S1000000", chunks=(1,), compression="gzip")  # 10 GB as declared
        file["X"] = np.ones((10_000, 1), np.float32)
    described = json.loads(asyncio.run(open_file(tmp_path / "a.h5ad").get("obs/_index/.zarray")))
    assert described["chunks"] == [268]  # by hand: 256 MiB in texts of a million bytes


def test_a_truncated_file_is_unreadable(tmp_path):
    whole = samples.get("h5ad-multiplex-scimap/example_data.h5ad").read_bytes()
    (tmp_path / "a.h5ad").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableError):
        open_file(tmp_path / "a.h5ad")
