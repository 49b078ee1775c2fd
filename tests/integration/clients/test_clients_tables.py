"""anndata and mudata open every table of ``../shared/data`` over HTTP: names, values, columns are the file's."""

import warnings

import anndata
import fsspec
import mudata
import numpy as np
import pandas as pd
import pytest
import samples
import zarr
from counts import COUNTS, H5AD, H5MU, read_h5ad
from pictures import ILEUM
from scipy.sparse import issparse

FORMATS = pytest.mark.parametrize("zarr_format", [2, 3])


def to_dense(matrix):
    return np.asarray(matrix.toarray() if issparse(matrix) else matrix)


def check_frame(found, expected):
    """Columns are kept; categories of numbers are text for the viewer's sake, and missing text is ``NA``."""
    assert list(found.index) == [str(name) for name in expected.index]
    assert set(found.columns) == set(expected.columns)
    for name in expected.columns:
        values, kept = expected[name], found[name]
        if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
            np.testing.assert_array_equal(kept.to_numpy(float), values.to_numpy(float))
        else:
            is_there = ~values.isna().to_numpy()
            assert kept[is_there].astype(str).tolist() == values[is_there].astype(str).tolist()


def check_table(found, expected):
    assert found.shape == expected.shape
    check_frame(found.obs, expected.obs)
    check_frame(found.var, expected.var)
    np.testing.assert_array_equal(to_dense(found.X), to_dense(expected.X).astype("float32"))
    for name, values in expected.obsm.items():
        if not isinstance(values, pd.DataFrame):
            np.testing.assert_array_equal(to_dense(found.obsm[name]), to_dense(values).astype("float32"))
    for name, values in expected.layers.items():
        if name is not None:
            np.testing.assert_array_equal(to_dense(found.layers[name]), to_dense(values).astype("float32"))


@FORMATS
@pytest.mark.parametrize("name", H5AD)
def test_anndata_reads_h5ad_as_zarr(hub, name, zarr_format):
    found = anndata.read_zarr(hub.build_zarr_url(hub.add_sample(name), zarr_format))
    check_table(found, read_h5ad(samples.get(name)))


@FORMATS
@pytest.mark.parametrize("name", H5AD)
def test_one_gene_is_read_without_the_matrix(hub, name, zarr_format):
    expected = read_h5ad(samples.get(name))
    lazy = anndata.experimental.read_lazy(hub.build_zarr_url(hub.add_sample(name), zarr_format))
    gene = expected.n_vars // 2
    np.testing.assert_array_equal(
        np.asarray(lazy.X[:, gene].compute(scheduler="synchronous")).ravel(),
        to_dense(expected.X[:, gene]).ravel().astype("float32"),
    )
    assert lazy.obs_names.tolist() == expected.obs_names.tolist()


@pytest.mark.parametrize("name", H5AD)
def test_a_stored_h5ad_is_read_with_all_that_it_holds(hub, name):
    with fsspec.open(hub.build_data_url(hub.add_sample(name))) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of files that are old
        found = anndata.read_h5ad(file)
    expected = read_h5ad(samples.get(name))
    assert set(found.uns) == set(expected.uns)
    np.testing.assert_array_equal(to_dense(found.X), to_dense(expected.X))


@FORMATS
@pytest.mark.parametrize("counts", COUNTS, ids=str)
def test_anndata_reads_tables_of_any_format(hub, counts, zarr_format):
    path = samples.get(counts.name)
    found = anndata.read_zarr(hub.build_zarr_url(hub.add_sample(counts.name), zarr_format, counts.node))
    expected = counts.read(path)
    if not expected.index.is_unique:  # names that come again get a number
        expected.index = found.obs_names
    assert set(found.obs_names) <= set(expected.index)
    expected = expected.loc[found.obs_names]
    measured = [name for name in expected.columns if name not in found.obs.columns]
    assert list(found.var_names) == measured
    np.testing.assert_array_equal(to_dense(found.X), expected[measured].to_numpy("float32"))
    for name in set(expected.columns) - set(measured):
        np.testing.assert_allclose(found.obs[name].to_numpy(float), expected[name].to_numpy(float), rtol=1e-6)
    if counts.xy is not None:
        np.testing.assert_array_equal(found.obsm["spatial"], counts.xy(path).astype("float32"))


@FORMATS
@pytest.mark.parametrize("name", H5MU)
def test_mudata_reads_h5mu_as_zarr(hub, name, zarr_format):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are not unique
        found = mudata.read_zarr(hub.build_zarr_url(hub.add_sample(name), zarr_format))
        expected = mudata.read_h5mu(samples.get(name))
    assert list(found.mod) == list(expected.mod)
    assert found.obs_names.tolist() == expected.obs_names.tolist()
    for part, table in expected.mod.items():
        check_table(found.mod[part], table)


@FORMATS
def test_anndata_reads_a_table_inside_spatialdata(hub, zarr_format):
    artifact = hub.add_sample(ILEUM)
    store = zarr.storage.ZipStore(samples.get(ILEUM), mode="r")
    stored = zarr.open_group(store, path=f"{artifact.content.root}/tables", mode="r")
    served = zarr.open_group(hub.build_zarr_url(artifact, zarr_format, "tables"), mode="r")
    assert set(served) == set(stored) == {"gene_expression_baysor", "gene_expression_cellpose"}
    for name in served:
        found = anndata.read_zarr(hub.build_zarr_url(artifact, zarr_format, f"tables/{name}"))
        expected = anndata.read_zarr(stored[name])
        check_table(found, expected)
        assert found.uns["spatialdata_attrs"]["instance_key"] == expected.uns["spatialdata_attrs"]["instance_key"]


@FORMATS
@pytest.mark.parametrize("stored_format", [2, 3])
def test_anndata_reads_stored_zarr_in_either_format(hub, zarr_format, stored_format, tmp_path_factory):
    expected = read_h5ad(samples.get("h5ad-cellxgene-schema/example_invalid_CL.h5ad"))
    path = tmp_path_factory.mktemp("stored") / "a.zarr"
    anndata.io.write_elem(zarr.open_group(path, mode="w", zarr_format=stored_format), "/", expected)
    found = anndata.read_zarr(hub.build_zarr_url(hub.add(path), zarr_format))
    check_table(found, expected)
    assert found.uns.keys() == expected.uns.keys()
