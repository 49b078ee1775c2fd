"""MuData written for the web, read back with mudata and compared with what mudata reads from the source."""

import json

import mudata
import pytest
import samples
from tables import assert_frames_equal, assert_tables_equal, to_array

from vitrina.convert.anndata.anndata_zarr import write_anndata_zarr
from vitrina.convert.anndata.options import AnnDataOptions, MuDataOptions
from vitrina.convert.anndata.write import write_tables
from vitrina.errors import InputError, UnsupportedError
from vitrina.readers.elements import read_table
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source
from vitrina.verbs.check import check

NAMES = ("h5mu-hubmap/objects.h5mu", "h5mu-hubmap/secondary_analysis.h5mu")


def open_sample(name):
    source = open_source(samples.get(name))
    return source, find_reader(source).read_content(source)


def load(path):
    with without_format_warnings():
        return mudata.read_zarr(path) if path.suffix == ".zarr" else mudata.read_h5mu(path)


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_samples_keep_the_values_of_all_modalities(tmp_path, name, zarr_format):
    source, content = open_sample(name)
    path = tmp_path / "tables.zarr"
    write_tables(source, content, path, MuDataOptions(zarr_format=zarr_format, adds_positions=False))
    written, original = load(path), load(source.path)
    assert list(written.mod) == list(original.mod)
    assert written.axis == original.axis
    assert_frames_equal(written.obs, original.obs)
    assert_frames_equal(written.var, original.var)
    for part in ("obsm", "varm", "obsmap", "varmap"):
        assert sorted(getattr(written, part)) == sorted(getattr(original, part))
        for key in getattr(original, part):
            assert (to_array(getattr(written, part)[key]) == to_array(getattr(original, part)[key])).all()
    for modality in original.mod:
        assert_tables_equal(written.mod[modality], original.mod[modality])
    assert [finding for finding in check(path).findings if finding.severity != "info"] == []
    for modality in original.mod:
        report = check(path / "mod" / modality, purpose="viewer")
        assert [finding for finding in report.findings if finding.severity != "info"] == []


@pytest.mark.parametrize("name", NAMES)
def test_each_modality_is_a_table_that_can_be_read_and_written_alone(tmp_path, name):
    source, content = open_sample(name)
    original = load(source.path)
    for element in content.elements[1:]:
        table, expected = read_table(source, content, element), original.mod[element.name]
        assert_frames_equal(table.obs, expected.obs)
        assert_frames_equal(table.var, expected.var)
        assert (to_array(table.X) == to_array(expected.X)).all()
    whole = read_table(source, content, content.elements[0])
    assert_frames_equal(whole.obs, original.obs)
    chosen = content.elements[1].name
    write_tables(source, content, tmp_path / "one.zarr", AnnDataOptions(), name=chosen)
    report = check(tmp_path / "one.zarr", purpose="viewer")
    assert [finding for finding in report.findings if finding.severity != "info"] == []


def test_several_tables_ask_for_a_choice(tmp_path):
    source, content = open_sample(NAMES[1])
    with pytest.raises(InputError, match="Choose one of mudata, rna, atac_cbg"):
        write_tables(source, content, tmp_path / "one.zarr", AnnDataOptions())
    with pytest.raises(InputError, match="none is called 'protein'"):
        write_tables(source, content, tmp_path / "one.zarr", AnnDataOptions(), name="protein")
    assert not (tmp_path / "one.zarr").exists()


def test_a_single_table_has_no_modalities(tmp_path):
    source, content = open_sample("h5ad-cellxgene-schema/example_valid.h5ad")
    with pytest.raises(UnsupportedError) as caught:
        write_tables(source, content, tmp_path / "tables.zarr", MuDataOptions())
    assert caught.value.code == "no-modalities"


def test_progress_ends_at_its_end(tmp_path):
    source, content = open_sample(NAMES[1])
    seen = []
    write_tables(source, content, tmp_path / "t.zarr", MuDataOptions(), lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_objects_in_memory_are_written_as_they_are(tmp_path):
    original = load(samples.get(NAMES[1]))
    write_anndata_zarr(original.mod["rna"], tmp_path / "rna.zarr", AnnDataOptions(zarr_format=2))
    attrs = json.loads((tmp_path / "rna.zarr" / ".zattrs").read_text())
    assert attrs == {"encoding-type": "anndata", "encoding-version": "0.1.0"}
