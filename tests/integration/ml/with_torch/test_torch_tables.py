"""Tables alone through annbatch; expected rows come from anndata."""

from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse

import vitrina as vt
from vitrina.errors import InputError, NotFoundError
from vitrina.verbs.init import init

pytestmark = [pytest.mark.filterwarnings(f"ignore::{kind}") for kind in ("UserWarning", "FutureWarning")]

RNG = np.random.default_rng(0)


def build_table(n, genes, types):
    counts = RNG.poisson(0.6, (n, len(genes))).astype(np.float32)
    obs = pd.DataFrame(
        {"cell_type": pd.Categorical(RNG.choice(types, n)), "size": RNG.random(n)}, index=[f"c{i}" for i in range(n)]
    )
    return anndata.AnnData(counts, obs=obs, var=pd.DataFrame(index=genes))


@pytest.fixture
def lab(tmp_path):
    vt.connect(init(tmp_path / "lab").instance.settings.folder.parent)
    return tmp_path


def save(lab, name, table, layout=sparse.csr_matrix):
    stored = table.copy()
    stored.X = layout(stored.X)
    path = lab / name
    stored.write_zarr(path) if name.endswith(".zarr") else stored.write_h5ad(path)
    vt.Artifact(path, key=f"tables/{name}").save()
    return table


@pytest.mark.parametrize("layout", [sparse.csr_matrix, sparse.csc_matrix, np.asarray])
@pytest.mark.parametrize("suffix", ["zarr", "h5ad"])
def test_every_cell_comes_once_with_its_counts_and_columns(lab, layout, suffix):
    genes = [f"g{i}" for i in range(20)]
    tables = [
        save(lab, f"a.{suffix}", build_table(130, genes, ["T", "B"]), layout),
        save(lab, f"b.{suffix}", build_table(70, genes, ["B", "NK"]), layout),
    ]
    counts = np.concatenate([table.X for table in tables])
    types = np.concatenate([table.obs["cell_type"].astype(str) for table in tables])
    loader = (
        vt.Artifact.filter()
        .order_by("key")
        .table_loader(columns=["cell_type", "size"], batch_size=32, chunk_size=8, preload_nchunks=8)
    )
    seen = []
    for batch in loader:
        index = np.asarray(batch["index"])
        matrix = batch["X"].to_dense() if batch["X"].layout != torch.strided else batch["X"]
        np.testing.assert_array_equal(matrix.numpy(), counts[index])
        assert batch["obs"]["cell_type"].astype(str).tolist() == types[index].tolist()
        assert batch["obs"]["cell_type"].cat.categories.tolist() == ["B", "NK", "T"]
        seen += index.tolist()
    assert sorted(seen) == list(range(200))
    assert seen != sorted(seen)


def test_datasets_with_different_genes_give_those_that_all_have(lab):
    one = save(lab, "a.zarr", build_table(40, ["x", "y", "z"], ["T"]))
    two = save(lab, "b.zarr", build_table(30, ["z", "w", "x"], ["T"]))
    expected = np.concatenate([one[:, ["x", "z"]].X, two[:, ["x", "z"]].X])
    loader = (
        vt.Artifact.filter()
        .order_by("key")
        .table_loader(batch_size=10, shuffle=False, to=None, chunk_size=5, preload_nchunks=4)
    )
    found = np.concatenate([batch["X"].toarray() for batch in loader])
    np.testing.assert_array_equal(found, expected)


def test_what_is_missing_is_told(lab):
    save(lab, "a.zarr", build_table(40, ["x", "y"], ["T"]))
    with pytest.raises(NotFoundError, match="no column"):
        vt.Artifact.filter().table_loader(columns=["mood"])
    with pytest.raises(NotFoundError, match="no table 'other'"):
        vt.Artifact.filter().table_loader(table="other")
    with pytest.raises(InputError, match="no datasets"):
        vt.Artifact.filter(key="nothing").table_loader()
    save(lab, "b.zarr", build_table(40, ["v", "w"], ["T"]))
    with pytest.raises(InputError, match="no gene in common"):
        vt.Artifact.filter().table_loader()
