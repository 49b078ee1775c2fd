"""How much of a file is read for a gene: exact counts of values, by hand from the shapes and chunks of small files."""

import asyncio

import anndata as ad
import h5py
import numpy as np
import pytest
from scipy import sparse

from vitrina.gateway.open import open_tree
from vitrina.gateway.tables import dense
from vitrina.gateway.tables import sparse as sparse_matrices
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

N_OBS, N_VARS = 60, 40


def make_values():
    return np.random.default_rng(3).poisson(0.5, (N_OBS, N_VARS)).astype(np.float32)


def get_gene(tree, chunk):
    return asyncio.run(tree.get(f"X/0.{chunk}"))


def open_file(path):
    source = open_source(path)
    return open_tree(source, find_reader(source).read_content(source), etag="e")


@pytest.fixture
def reads(monkeypatch):
    """How many values were read of each dataset."""
    counted, get = {}, h5py.Dataset.__getitem__

    def count(dataset, *args, **options):
        values = get(dataset, *args, **options)
        name = dataset.name.rpartition("/")[2]
        counted[name] = counted.get(name, 0) + np.size(values)
        return values

    monkeypatch.setattr(h5py.Dataset, "__getitem__", count)
    return counted


def write_h5ad(path, values):
    ad.AnnData(values).write_h5ad(path)
    return path


@pytest.mark.parametrize("limit", [10**6, 0], ids=["in memory", "on disk"])
def test_values_of_a_matrix_sorted_by_rows_are_read_once_for_all_genes(tmp_path, monkeypatch, reads, limit):
    monkeypatch.setattr(sparse_matrices, "MAX_MEMORY_VALUES", limit)
    values = make_values()
    tree = open_file(write_h5ad(tmp_path / "a.h5ad", sparse.csr_matrix(values)))
    reads.clear()
    assert all(get_gene(tree, chunk) for chunk in (0, 1, 2, 3, 0, 2))
    n_passes = 1 if limit else 2  # on disk: one to count the values of each gene, one to place them
    assert reads == {
        "data": n_passes * np.count_nonzero(values),
        "indices": n_passes * np.count_nonzero(values),
        "indptr": N_OBS + 1,
    }


def test_of_a_matrix_sorted_by_columns_only_the_values_of_the_gene_are_read(tmp_path, reads):
    values = make_values()
    tree = open_file(write_h5ad(tmp_path / "a.h5ad", sparse.csc_matrix(values)))
    reads.clear()
    assert get_gene(tree, 1)
    n_stored = np.count_nonzero(values[:, 10:20])
    assert reads == {"data": n_stored, "indices": n_stored, "indptr": N_VARS + 1}


def test_bands_of_dense_chunks_are_read_once(tmp_path, monkeypatch, reads):
    monkeypatch.setattr(dense, "MIN_BAND_BYTES", 0)
    write_h5ad(tmp_path / "a.h5ad", make_values())
    with h5py.File(tmp_path / "a.h5ad", "r+") as file:
        del file["X"]
        file.create_dataset("X", data=make_values(), compression="gzip", chunks=(7, 20))
    tree = open_file(tmp_path / "a.h5ad")
    reads.clear()
    assert get_gene(tree, 0)
    assert get_gene(tree, 1)
    assert reads == {"X": N_OBS * 20}
    assert get_gene(tree, 2)
    assert reads == {"X": N_OBS * 40}


def test_rows_wider_than_a_band_are_sorted_on_disk_once(tmp_path, monkeypatch, reads):
    monkeypatch.setattr(dense, "MAX_BAND_BYTES", 1000)
    values = make_values()
    tree = open_file(write_h5ad(tmp_path / "a.h5ad", values))
    reads.clear()
    assert all(get_gene(tree, chunk) for chunk in (0, 1, 2, 3, 0))
    assert reads == {"X": values.size}


def test_a_gene_of_a_loom_file_is_a_row(tmp_path, monkeypatch, reads):
    monkeypatch.setattr(dense, "MIN_BAND_BYTES", 0)
    path = tmp_path / "a.loom"
    with h5py.File(path, "w") as file:
        file.create_dataset("matrix", data=make_values().T)
        file["row_attrs/Gene"] = [f"g{i}" for i in range(N_VARS)]
        file["col_attrs/CellID"] = [f"c{i}" for i in range(N_OBS)]
    tree = open_file(path)
    reads.clear()
    assert get_gene(tree, 3)
    assert reads == {"matrix": N_OBS * 10}
