"""AnnData written for the web, read back with anndata and zarr-python and compared with the source."""

import json

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import samples
import zarr
from scipy.sparse import csr_matrix, random
from tables import assert_tables_equal, to_array

from vitrina.convert.anndata.anndata_zarr import write_anndata_zarr
from vitrina.convert.anndata.options import AnnDataOptions
from vitrina.convert.anndata.write import write_tables
from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.verbs.check import check

H5AD = (
    "h5ad-cellxgene-schema/example_valid.h5ad",
    "h5ad-cellxgene-schema/example_invalid_CL.h5ad",
    "h5ad-multiplex-scimap/example_data.h5ad",
    "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
)


def load(path):
    with without_format_warnings():
        return anndata.read_zarr(path) if path.suffix == ".zarr" else anndata.read_h5ad(path)


def build(values, **parts):
    n_obs, n_vars = values.shape
    obs = pd.DataFrame(index=[f"cell{number}" for number in range(n_obs)])
    var = pd.DataFrame(index=[f"gene{number}" for number in range(n_vars)])
    return anndata.AnnData(values, obs=parts.pop("obs", obs), var=parts.pop("var", var), **parts)


def convert(adata, path, **options):
    findings = write_anndata_zarr(adata, path, AnnDataOptions(**options))
    return load(path), [finding.code for finding in findings]


def assert_passes_checks(path):
    for purpose in ("specification", "viewer"):
        report = check(path, purpose=purpose)
        assert [finding for finding in report.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", H5AD)
def test_samples_keep_their_values(tmp_path, name, zarr_format):
    source = open_source(samples.get(name))
    content = find_reader(source).read_content(source)
    path = tmp_path / "table.zarr"
    write_tables(source, content, path, AnnDataOptions(zarr_format=zarr_format))
    written, original = load(path), load(source.path)
    assert_tables_equal(written, original)
    assert sorted(written.uns) == sorted(original.uns)
    assert zarr.open_group(path).metadata.zarr_format == zarr_format
    assert_passes_checks(path)


def make_counts(shape=(300, 60), density=0.2):
    return random(*shape, density=density, format="csr", random_state=0, data_rvs=lambda n: np.arange(n) % 300 + 1.0)


@pytest.mark.parametrize("layout", ["dense", "csc"])
@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("max_files", [2048, 4])
def test_every_layout_gives_the_same_values(tmp_path, layout, zarr_format, max_files):
    counts = make_counts()
    raw = build(counts)
    adata = build(
        counts.toarray(), layers={"log": csr_matrix(np.log1p(counts.toarray()))}, raw={"X": raw.X, "var": raw.var}
    )
    path = tmp_path / "table.zarr"
    options = {"layout": layout, "zarr_format": zarr_format, "max_files": max_files}
    written, codes = convert(adata, path, max_memory_bytes=20_000, **options)
    assert_tables_equal(written, adata)
    assert written.X.dtype == written.raw.X.dtype == np.uint16
    assert codes == ["values-rounded"]  # logarithms
    assert_passes_checks(path)


@pytest.mark.parametrize("kind", ["csr", "csc", "dense"])
@pytest.mark.parametrize("layout", ["dense", "csc"])
def test_matrices_that_stay_in_their_file_are_converted_in_small_blocks(tmp_path, monkeypatch, kind, layout):
    monkeypatch.setattr("vitrina.readers.anndata.MAX_LOADED_BYTES", 0)
    counts = make_counts((2_000, 50))
    values = {"csr": counts, "csc": counts.tocsc(), "dense": counts.toarray()}[kind]
    build(values, layers={"again": values}, raw={"X": values}).write_h5ad(tmp_path / "table.h5ad")
    source = open_source(tmp_path / "table.h5ad")
    content = find_reader(source).read_content(source)
    options = AnnDataOptions(layout=layout, max_memory_bytes=40_000)  # a tenth of one matrix
    write_tables(source, content, tmp_path / "table.zarr", options)
    written = load(tmp_path / "table.zarr")
    for matrix in (written.X, written.layers["again"], written.raw.X):
        np.testing.assert_array_equal(to_array(matrix), counts.toarray())
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["table.h5ad", "table.zarr"]
    assert_passes_checks(tmp_path / "table.zarr")


def test_values_that_a_sparse_matrix_has_twice_are_added(tmp_path):
    twice = csr_matrix((np.array([200, 100, 1.0]), np.array([1, 1, 0]), np.array([0, 2, 3])), shape=(2, 2))
    assert not twice.has_canonical_format
    written, _ = convert(build(twice.copy()), tmp_path / "a.zarr")
    assert to_array(written.X).tolist() == [[0, 300], [1, 0]]
    assert written.X.dtype == np.uint16


@pytest.mark.parametrize(("name", "value"), [("indices", 99), ("indices", -1), ("indptr", 99)])
def test_a_damaged_sparse_matrix_is_refused(tmp_path, monkeypatch, name, value):
    monkeypatch.setattr("vitrina.readers.anndata.MAX_LOADED_BYTES", 0)
    build(make_counts((30, 5))).write_h5ad(tmp_path / "table.h5ad")
    with h5py.File(tmp_path / "table.h5ad", "a") as file:
        file["X"][name][3] = value
    source = open_source(tmp_path / "table.h5ad")
    content = find_reader(source).read_content(source)
    with pytest.raises(UnreadableError) as caught:
        write_tables(source, content, tmp_path / "table.zarr", AnnDataOptions(max_memory_bytes=1000))
    assert caught.value.code == "sparse-matrix-damaged"


def test_columns_get_types_that_browsers_read(tmp_path):
    obs = pd.DataFrame({
        "gaps": pd.array([1, None, 3], dtype="Int64"),
        "no gaps": pd.array([1, 2, 3], dtype="Int64"),
        "truth": pd.array([True, None, False], dtype="boolean"),
        "plain": [True, False, True],
        "number": pd.Categorical([10, 30, 10]),
        "text": ["a", None, "c"],
        "date": pd.to_datetime(["2020-01-01", "2021-01-01", None]),
        "mixed": [1, "a", None],
        "small": np.array([1, 2, 3], dtype="int64"),
        "large": np.array([1, 2, 2**40], dtype="int64"),
        "huge": np.array([1, 2, 2**60 + 1], dtype="int64"),
        "with/slash": [1.5, 2.5, np.nan],
        7: ["x", "y", "z"],
    }, index=["c1", "c2", "c3"])  # fmt: skip
    with without_format_warnings():
        adata = build(np.ones((3, 2)), obs=obs)
    written, codes = convert(adata, tmp_path / "a.zarr")
    columns = written.obs
    np.testing.assert_array_equal(columns["gaps"], [1.0, np.nan, 3.0])
    assert columns["no gaps"].dtype == np.int32
    assert list(columns["truth"]) == ["True", "NA", "False"]
    assert columns["plain"].dtype == bool
    assert list(columns["number"]) == ["10", "30", "10"]
    assert columns["text"].isna().tolist() == [False, True, False]
    assert columns["date"].iloc[1].startswith("2021-01-01")
    assert columns["mixed"].astype(object).tolist()[:2] == ["1", "a"]
    assert (columns["small"].dtype, columns["large"].dtype, columns["huge"].dtype) == ("int32", "float64", "int64")
    assert columns["large"].tolist() == [1, 2, 2**40]
    assert columns["huge"].tolist() == [1, 2, 2**60 + 1]
    np.testing.assert_array_equal(columns["with_slash"], [1.5, 2.5, np.nan])
    assert list(columns["7"]) == ["x", "y", "z"]
    # gaps, truth, number, date, mixed, large, huge
    assert (codes.count("column-changed"), codes.count("name-changed")) == (7, 1)
    assert_passes_checks(tmp_path / "a.zarr")


def test_uns_is_kept_as_far_as_it_can_be(tmp_path):
    uns = {
        "text": "a", "number": 1.5, "none": None, "list": ["a", "b"], "mixed": [1, "a", {"k": 2}], "tuple": (1, 2),
        "nested": {"deep": {"er": np.arange(3)}}, "object": object(), "a/b": 1, "bytes": b"x",
        "frame": pd.DataFrame({"n": pd.array([1, None], dtype="Int64")}, index=["r", "s"]),
        "records": np.array([(1, "x")], dtype=[("n", "i4"), ("t", "U3")]),
    }  # fmt: skip
    adata = build(np.ones((2, 2)))
    adata.uns.update(uns)
    written, codes = convert(adata, tmp_path / "a.zarr")
    assert written.uns["text"] == "a"
    assert written.uns["none"] is None
    assert list(written.uns["list"]) == ["a", "b"]
    assert json.loads(written.uns["mixed"]) == [1, "a", {"k": 2}]
    assert written.uns["nested"]["deep"]["er"].tolist() == [0, 1, 2]
    assert written.uns["frame"]["n"].isna().tolist() == [False, True]
    assert written.uns["records"]["t"].tolist() == ["x"]
    assert written.uns["a_b"] == 1
    assert "object" not in written.uns
    # mixed, tuple and bytes changed their form
    counts = {code: codes.count(code) for code in ("uns-changed", "uns-dropped", "name-changed", "column-changed")}
    assert counts == {"uns-changed": 3, "uns-dropped": 1, "name-changed": 1, "column-changed": 1}
    assert_passes_checks(tmp_path / "a.zarr")


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_empty_tables_are_written(tmp_path, shape, zarr_format):
    written, _ = convert(build(np.zeros(shape)), tmp_path / "a.zarr", zarr_format=zarr_format)
    assert written.shape == shape


def test_what_is_no_number_is_refused(tmp_path):
    adata = build(np.ones((2, 2)))
    adata.layers["names"] = np.array([["a", "b"], ["c", "d"]])
    with pytest.raises(UnsupportedError) as caught:
        convert(adata, tmp_path / "a.zarr")
    assert caught.value.code == "matrix-dtype"


def test_positions_in_columns_become_positions_unless_they_are_unwanted(tmp_path):
    adata = build(np.ones((2, 2)))
    adata.obs["X_centroid"], adata.obs["Y_centroid"] = [1.5, 2.5], [3.0, 4.0]
    written, codes = convert(adata, tmp_path / "a.zarr")
    assert written.obsm["spatial"].tolist() == [[1.5, 3.0], [2.5, 4.0]]
    assert codes == ["positions-guessed"]
    written, codes = convert(adata, tmp_path / "b.zarr", adds_positions=False)
    assert (list(written.obsm), codes) == ([], [])


def test_a_file_that_links_to_another_is_refused(tmp_path):
    for name in ("a", "b"):
        build(make_counts((30, 5))).write_h5ad(tmp_path / f"{name}.h5ad")
    with h5py.File(tmp_path / "a.h5ad", "a") as file:
        del file["uns"]
        file["uns"] = h5py.ExternalLink("b.h5ad", "/uns")
    source = open_source(tmp_path / "a.h5ad")
    reader = find_reader(source)
    with pytest.raises(UnreadableError) as caught:
        reader.read_table(source, reader.read_content(source).elements[0])
    assert caught.value.code == "hdf5-outside-file"
