"""AnnData written for the web, read back with anndata and zarr-python and compared with the source."""

import anndata
import pandas as pd
import pytest
import samples
import zarr
from tables import assert_tables_equal

from vitrina.convert.anndata.anndata_zarr import write_anndata_zarr
from vitrina.convert.anndata.options import AnnDataOptions
from vitrina.convert.anndata.write import write_tables
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
