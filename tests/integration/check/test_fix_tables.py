"""Tables that are written anew for the viewer; read back with anndata."""

import warnings

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import zarr
from fixable import fix_and_check, list_codes

from vitrina.checks.viewer import tables as viewer_tables
from vitrina.verbs.fix import fix
from vitrina.verbs.fix_tables import flatten_nullable

ADATA = anndata.AnnData(
    X=np.random.default_rng(0).poisson(1, (60, 40)).astype("float32"),
    obs=pd.DataFrame(
        {
            "cluster": pd.Categorical([2, 5, 9] * 20),
            "count": pd.array([1, None, 3] * 20, dtype="Int64"),
            "good": pd.array([True, None, False] * 20, dtype="boolean"),
        },
        index=[f"cell{i}" for i in range(60)],
    ),
    obsm={"spatial": np.zeros((60, 2))},
)


@pytest.fixture(params=[2, 3])
def store(request, tmp_path):
    with warnings.catch_warnings(action="ignore"), anndata.settings.override(zarr_write_format=request.param):
        ADATA.write_zarr(tmp_path / "it.zarr")
    return tmp_path / "it.zarr"


def test_columns_become_what_the_viewer_reads(store):
    assert fix(store).repairs == ()
    fix_and_check(store, "anndata-integer-categories", "anndata-nullable-column", purpose="viewer")
    read = anndata.read_zarr(store)
    assert list(read.obs["cluster"].cat.categories) == ["2", "5", "9"]
    np.testing.assert_array_equal(read.obs["cluster"].cat.codes, ADATA.obs["cluster"].cat.codes)
    np.testing.assert_array_equal(read.obs["count"], [1, np.nan, 3] * 20)
    assert (
        read.obs["good"].astype(object).where(read.obs["good"].notna(), None).tolist() == ["True", None, "False"] * 20
    )
    np.testing.assert_array_equal(read.X, ADATA.X)
    assert "anndata-nullable-column" not in list_codes(store)


@pytest.mark.parametrize("kind", ["dense", "csr"])
def test_the_matrix_is_written_by_variables(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(viewer_tables, "MAX_GENE_BYTES", 1000)
    adata = ADATA[:, :].copy()
    adata.obs = adata.obs[[]]
    adata.X = scipy.sparse.csr_matrix(ADATA.X) if kind == "csr" else ADATA.X
    adata.write_zarr(tmp_path / "it.zarr")
    if kind == "dense":
        monkeypatch.setattr(viewer_tables, "MAX_GENE_BYTES", 4000)
    fix_and_check(tmp_path / "it.zarr", "anndata-chunk-vars", purpose="viewer")
    read = anndata.read_zarr(tmp_path / "it.zarr")
    np.testing.assert_array_equal(read.X.toarray() if kind == "csr" else read.X, ADATA.X)
    if kind == "dense":
        assert zarr.open_array(tmp_path / "it.zarr/X", mode="r").chunks == (60, 10)
    else:
        assert read.X.format == "csc"


def test_the_copy_of_all_metadata_is_made_where_there_is_none(tmp_path):
    ADATA.write_zarr(tmp_path / "it.zarr")
    root = zarr.open_group(tmp_path / "it.zarr", mode="r+", use_consolidated=False)
    if root.metadata.zarr_format == 2:
        (tmp_path / "it.zarr/.zmetadata").unlink()
    else:
        root.attrs.update(root.attrs.asdict())
    done = fix(tmp_path / "it.zarr")
    assert [repair.kind for repair in done.repairs] in ([], ["consolidated"])
    opened = zarr.open_consolidated(tmp_path / "it.zarr")
    np.testing.assert_array_equal(opened["X"][...], ADATA.X)
    assert opened["obs/cluster/codes"].shape == (60,)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (pd.array([1, 2], dtype="Int32"), np.array([1, 2], "int32")),
        (pd.array([1, None], dtype="UInt8"), np.array([1, np.nan])),
        (pd.array([True, False], dtype="boolean"), np.array([True, False])),
        (pd.array([2**53 + 1, None], dtype="Int64"), pd.Categorical(["9007199254740993", None])),
    ],
)
def test_no_value_changes_when_a_mask_goes(value, expected):
    found = flatten_nullable(value)
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype
    assert pd.Series(found).equals(pd.Series(expected))
