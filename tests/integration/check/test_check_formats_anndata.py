"""AnnData: valid files of every container and age have no errors; one broken MUST is told by the code that names it.

What must hold is taken from https://anndata.readthedocs.io/en/latest/fileformat-prose.html.
"""

import json
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import samples
from formats_datasets import GENES, ROWS, list_codes, list_errors, write_anndata_zarr, write_h5ad, zip_folder

from vitrina.checks.formats.anndata import check_anndata, check_anndata_here
from vitrina.errors import UnreadableError
from vitrina.readers.source import open_source


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("anndata")
    write_h5ad(folder / "cells.h5ad")
    for zarr_format in (2, 3):
        write_anndata_zarr(folder / f"cells{zarr_format}.zarr", zarr_format)
    return folder


@pytest.mark.parametrize("name", ["cells.h5ad", "cells2.zarr", "cells3.zarr"])
@pytest.mark.parametrize("is_metadata_only", [False, True])
def test_what_anndata_writes_is_valid(folder, name, is_metadata_only):
    checked = check_anndata(open_source(folder / name), is_metadata_only=is_metadata_only)
    assert checked.findings == ()
    assert (checked.kind, checked.version) == ("anndata", "0.1.0")


def test_a_zip_file_is_checked_as_it_is(folder):
    assert list_codes(check_anndata, Path(zip_folder(folder / "cells3.zarr"))) == set()


@pytest.mark.parametrize(
    "name",
    [
        "h5ad-cellxgene-schema/example_valid.h5ad",
        "h5ad-cellxgene-schema/example_invalid_CL.h5ad",  # wrong terms, right format
        "h5ad-multiplex-scimap/example_data.h5ad",
        "h5ad-pbmc68k/10x_pbmc68k_reduced.h5ad",
    ],
)
def test_samples_of_every_age_have_no_errors(name):
    assert list_errors(check_anndata, samples.get(name)) == []


def test_old_files_are_told_to_be_old():
    codes = list_codes(check_anndata, samples.get("h5ad-multiplex-scimap/example_data.h5ad"))
    assert codes == {"anndata-old", "encoding-old"}


def set_attribute(path, name, value):
    def change(file):
        file[path].attrs[name] = value

    return change


def delete_attribute(path, name):
    def change(file):
        del file[path].attrs[name]

    return change


def delete(path):
    def change(file):
        del file[path]

    return change


def replace(path, values):
    """Other values in the same place, with the attributes of the old ones."""

    def change(file):
        attrs = dict(file[path].attrs)
        new = values(file[path][()]) if callable(values) else values
        del file[path]
        file[path] = new
        file[path].attrs.update(attrs)

    return change


def put(path, at, value):
    def change(file):
        file[path][at] = value

    return change


def append_column(file):
    file["obs"].attrs["column-order"] = np.array([*file["obs"].attrs["column-order"], "n_counts"], dtype=object)


def link_outside(file):
    del file["obsm/X_umap"]
    file["obsm/X_umap"] = h5py.ExternalLink("/etc/passwd", "/X")


def link_to_nothing(file):
    del file["obsm/X_umap"]
    file["obsm/X_umap"] = h5py.SoftLink("/nowhere")


def link_through_a_group(file):
    file["outside"] = h5py.ExternalLink("other.h5", "/")
    del file["obsm/X_umap"]
    file["obsm/X_umap"] = h5py.SoftLink("/outside/X_umap")
    del file["outside"]
    file["uns/outside"] = h5py.ExternalLink("other.h5", "/")


def make_virtual(file):
    del file["obsm/X_umap"]
    layout = h5py.VirtualLayout(shape=(ROWS, 2), dtype="f8")
    layout[:] = h5py.VirtualSource("other.h5", "X", shape=(ROWS, 2))
    dataset = file.create_virtual_dataset("obsm/X_umap", layout)
    dataset.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def store_outside(file):
    del file["obsm/X_umap"]
    dataset = file.create_dataset("obsm/X_umap", (ROWS, 2), "f8", external=[("other.raw", 0, ROWS * 16)])
    dataset.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def say_dict(file):
    file["obs"].attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})


def widen_index(file):
    del file["obsm/frame/_index"]
    file["obsm/frame/_index"] = np.zeros((ROWS, 2))
    file["obsm/frame/_index"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def nest_in_itself(file):
    file["uns/nested/again"] = file["uns/nested"]


BROKEN = {
    "no obs": (delete("obs"), "anndata-incomplete", "#/obs"),
    "no var": (delete("var"), "anndata-incomplete", "#/var"),
    "root of another encoding": (set_attribute("/", "encoding-type", "loom"), "encoding-unknown", "#/encoding-type"),
    "root without a version": (delete_attribute("/", "encoding-version"), "encoding-version", "#/encoding-version"),
    "root of another version": (set_attribute("/", "encoding-version", "9"), "encoding-version", "#/encoding-version"),
    "element without encoding": (delete_attribute("X", "encoding-type"), "encoding-missing", "X#"),
    "array without encoding": (
        delete_attribute("obs/n_counts", "encoding-type"), "encoding-missing", "obs/n_counts#/encoding-type"
    ),
    "unknown encoding": (set_attribute("obs/n_counts", "encoding-type", "list"), "encoding-unknown", "obs/n_counts#"),
    "unknown version": (set_attribute("obs/cell_type", "encoding-version", "7"), "encoding-version", "obs/cell_type#"),
    "array that is said to be a group": (
        set_attribute("obsm/X_umap", "encoding-type", "dataframe"), "encoding-kind", "obsm/X_umap#"
    ),
    "group said to be an array": (set_attribute("uns/nested", "encoding-type", "array"), "encoding-kind", "uns"),
    "scalar with several values": (replace("uns/number", np.arange(3)), "scalar-shape", "uns/number#"),
    "text stored as numbers": (replace("obs/note/values", np.arange(ROWS)), "nullable-dtype", "obs/note/values#"),
    "numbers stored as text": (replace("obs/n_counts", [b"a"] * ROWS), "array-dtype", "obs/n_counts#"),
    "scalar text stored as a number": (replace("uns/title", 5), "string-dtype", "uns/title#"),
    "records without fields": (
        set_attribute("obs/n_counts", "encoding-type", "rec-array"), "rec-array-dtype", "obs/n_counts#"
    ),
    "categories absent": (delete("obs/cell_type/categories"), "categorical-incomplete", "obs/cell_type#/categories"),
    "codes absent": (delete("obs/cell_type/codes"), "categorical-incomplete", "obs/cell_type#/codes"),
    "order not said": (delete_attribute("obs/stage", "ordered"), "categorical-ordered", "obs/stage#/ordered"),
    "codes that are floats": (
        replace("obs/cell_type/codes", lambda codes: codes.astype("f4")), "codes-dtype", "obs/cell_type/codes#"
    ),
    "code above the categories": (put("obs/cell_type/codes", 4, 3), "codes-out-of-range", "obs/cell_type/codes#"),
    "code below -1": (put("obs/cell_type/codes", 4, -2), "codes-out-of-range", "obs/cell_type/codes#"),
    "categories that repeat": (
        put("obs/cell_type/categories", 1, "B"), "categories-repeated", "obs/cell_type/categories"
    ),
    "mask absent": (delete("obs/age/mask"), "nullable-incomplete", "obs/age#/mask"),
    "values absent": (delete("obs/age/values"), "nullable-incomplete", "obs/age#/values"),
    "mask of numbers": (replace("obs/age/mask", np.zeros(ROWS, "i8")), "nullable-mask", "obs/age/mask#"),
    "mask of another length": (replace("obs/age/mask", np.zeros(3, bool)), "nullable-mask", "obs/age/mask#"),
    "integers that are floats": (replace("obs/age/values", np.zeros(ROWS)), "nullable-dtype", "obs/age/values#"),
    "index not named": (delete_attribute("obs", "_index"), "index-attribute-missing", "obs#/_index"),
    "index named that is absent": (set_attribute("obs", "_index", "rows"), "index-missing", "obs#/_index"),
    "index with two axes": (widen_index, "index-shape", "obsm/frame/_index#"),
    "column order not said": (delete_attribute("obs", "column-order"), "column-order-missing", "obs#/column-order"),
    "column named that is absent": (delete("obs/n_counts"), "column-missing", "obs#/column-order"),
    "column named twice": (append_column, "columns-repeated", "obs#/column-order"),
    "column of another length": (replace("obs/n_counts", np.arange(5)), "column-length-differs", "obs/n_counts#"),
    "sparse shape not said": (delete_attribute("X", "shape"), "sparse-shape", "X#/shape"),
    "sparse shape of three": (set_attribute("X", "shape", [1, 2, 3]), "sparse-shape", "X#/shape"),
    "indices absent": (delete("X/indices"), "sparse-incomplete", "X#/indices"),
    "more values than indices": (
        replace("layers/csc/data", lambda data: np.append(data, 1)), "sparse-length-differs", "layers/csc#"
    ),
    "pointers too few": (replace("X/indptr", lambda old: old[:-1]), "sparse-indptr-length", "X/indptr#"),
    "indices that are floats": (replace("X/indices", lambda old: old * 1.0), "sparse-index-dtype", "X/indices#"),
    "pointers that do not begin with 0": (put("X/indptr", 0, 1), "sparse-indptr-values", "X/indptr#"),
    "pointers that fall": (put("X/indptr", 3, 999), "sparse-indptr-values", "X/indptr#"),
    "pointers that end early": (
        replace("X/indptr", lambda old: np.minimum(old, old[-1] - 1)), "sparse-indptr-values", "X/indptr#"
    ),
    "index above the columns": (put("X/indices", 2, GENES), "sparse-index-out-of-range", "X/indices#"),
    "index below 0": (put("obsp/distances/indices", 0, -1), "sparse-index-out-of-range", "obsp/distances/indices#"),
    "X with fewer rows": (
        replace("layers/dense", lambda old: old[:-1]), "obs-length-differs", "layers/dense#"
    ),
    "X with more columns": (set_attribute("X", "shape", [ROWS, GENES + 1]), "var-length-differs", "X#"),
    "obsm with fewer rows": (replace("obsm/X_umap", np.zeros((3, 2))), "obs-length-differs", "obsm/X_umap#"),
    "varm with more rows": (replace("varm/PCs", np.zeros((GENES + 1, 2))), "var-length-differs", "varm/PCs#"),
    "obsp that is not square": (
        replace("varp/correlations", np.zeros((GENES, 3))), "var-length-differs", "varp/correlations#"
    ),
    "layer with one axis": (replace("layers/dense", np.zeros(ROWS)), "entry-axes", "layers/dense#"),
    "obs that is a dict": (say_dict, "entry-kind", "obs#"),
    "layer that is a data frame": (
        lambda file: file.copy("obs", "layers/frame"), "entry-kind", "layers/frame#/encoding-type"
    ),
    "raw without var": (delete("raw/var"), "raw-incomplete", "raw#/var"),
    "raw with another number of rows": (
        set_attribute("raw/X", "shape", [ROWS + 1, GENES]), "obs-length-differs", "raw/X#"
    ),
    "external link": (link_outside, "link-external", "obsm/X_umap#"),
    "soft link to nothing": (link_to_nothing, "link-broken", "obsm/X_umap#"),
    "virtual dataset": (make_virtual, "link-external", "obsm/X_umap#"),
    "external storage": (store_outside, "link-external", "obsm/X_umap#"),
    "group in itself": (nest_in_itself, "nested-too-deep", "uns/nested"),
}  # fmt: skip

FOLLOWS = {
    # without its shape, X also has one pointer less or more than its rows; without pointers there are none to count
    "raw with another number of rows": {"sparse-indptr-length"},
}


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_must_is_told_by_the_code_that_names_it(folder, tmp_path, name):
    change, code, where = BROKEN[name]
    path = tmp_path / "broken.h5ad"
    shutil.copy(folder / "cells.h5ad", path)
    with h5py.File(path, "r+") as file:
        change(file)
    errors = list_errors(check_anndata_here, path)
    assert {found for found, _ in errors} - FOLLOWS.get(name, set()) == {code}
    assert all(at.startswith(where) for found, at in errors if found == code)


def test_a_link_is_not_followed_out_of_the_file_by_way_of_a_group(folder, tmp_path):
    path = tmp_path / "broken.h5ad"
    shutil.copy(folder / "cells.h5ad", path)
    with h5py.File(path, "r+") as file:
        link_through_a_group(file)
    assert {code for code, _ in list_errors(check_anndata_here, path)} == {"link-external", "link-broken"}


def test_a_soft_link_inside_of_the_file_is_as_good_as_a_copy(folder, tmp_path):
    path = tmp_path / "linked.h5ad"
    shutil.copy(folder / "cells.h5ad", path)
    with h5py.File(path, "r+") as file:
        file["obsm/X_pca"] = h5py.SoftLink("/obsm/X_umap")
        file["obsm/X_tsne"] = h5py.SoftLink("X_pca")
    assert list_errors(check_anndata_here, path) == []


def test_names_that_repeat_are_a_warning_and_unsorted_indices_worth_knowing(folder, tmp_path):
    path = tmp_path / "odd.h5ad"
    shutil.copy(folder / "cells.h5ad", path)
    with h5py.File(path, "r+") as file:
        file["obs/_index/values"][3] = "cell1"
        row = np.flatnonzero(np.diff(file["X/indptr"][()]) > 1)[0]
        start, stop = file["X/indptr"][row : row + 2]
        file["X/indices"][start:stop] = file["X/indices"][start:stop][::-1]
    findings = check_anndata_here(open_source(path)).findings
    assert {(one.code, one.severity) for one in findings} == {
        ("names-repeated", "warning"),
        ("sparse-unsorted", "info"),
    }
    assert "'cell1'" in next(one.message for one in findings if one.code == "names-repeated")


def test_values_are_left_alone_where_only_metadata_is_asked_for(folder, tmp_path):
    path = tmp_path / "broken.h5ad"
    shutil.copy(folder / "cells.h5ad", path)
    with h5py.File(path, "r+") as file:
        file["obs/cell_type/codes"][0] = 100
        file["X/indices"][0] = 100
    assert list_codes(check_anndata_here, path, is_metadata_only=True) == set()
    assert list_codes(check_anndata_here, path) == {"codes-out-of-range", "sparse-index-out-of-range"}


def edit_json(path, change):
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


def consolidate(path):
    from zarr import consolidate_metadata

    from vitrina.readers.quiet import without_format_warnings

    with without_format_warnings():
        consolidate_metadata(path)


def drop_copy(path):
    """Only the metadata itself counts here."""
    (path / ".zmetadata").unlink(missing_ok=True)
    if (path / "zarr.json").exists():
        edit_json(path / "zarr.json", lambda document: document.pop("consolidated_metadata", None))


def edit_attrs(path, zarr_format, change):
    if zarr_format == 2:
        edit_json(path / ".zattrs", change)
    else:
        edit_json(path / "zarr.json", lambda document: change(document["attributes"]))


def edit_array(path, zarr_format, change):
    edit_json(path / (".zarray" if zarr_format == 2 else "zarr.json"), change)


ZARR_BROKEN = {
    "element without encoding": (
        lambda path, version: edit_attrs(path / "X", version, lambda attrs: attrs.pop("encoding-type")),
        "encoding-missing",
    ),
    "sparse shape of text": (
        lambda path, version: edit_attrs(path / "X", version, lambda attrs: attrs.update(shape=["a", 2])),
        "sparse-shape",
    ),
    "column order that is text": (
        lambda path, version: edit_attrs(path / "obs", version, lambda attrs: attrs.update({"column-order": "x"})),
        "column-order-missing",
    ),
    "encoding that is a list": (
        lambda path, version: edit_attrs(path / "obsm" / "X_umap", version, lambda a: a.update({"encoding-type": []})),
        "encoding-unknown",
    ),
    "array with another shape": (
        lambda path, version: edit_array(path / "obs" / "n_counts", version, lambda a: a.update(shape=[5])),
        "column-length-differs",
    ),
    "shape below 0": (
        lambda path, version: edit_array(path / "obs" / "n_counts", version, lambda a: a.update(shape=[-5])),
        "element-unreadable",
    ),
    "metadata that is no JSON": (
        lambda path, version: (path / "var" / (".zattrs" if version == 2 else "zarr.json")).write_text("{"),
        "element-unreadable",
    ),
    "chunk that is truncated": (
        lambda path, version: (path / "X" / "indices" / ("0" if version == 2 else "c/0")).write_bytes(b"\x02"),
        "element-unreadable",
    ),
    "copy of metadata that is out of date": (
        lambda path, version: (consolidate(path), edit_attrs(path / "uns", version, lambda attrs: attrs.update(a=1))),
        "consolidated-stale",
    ),
}  # fmt: skip


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("name", ZARR_BROKEN)
def test_one_broken_must_in_zarr_is_told(folder, tmp_path, name, zarr_format):
    change, code = ZARR_BROKEN[name]
    path = tmp_path / "broken.zarr"
    shutil.copytree(folder / f"cells{zarr_format}.zarr", path)
    drop_copy(path)
    change(path, zarr_format)
    assert {found for found, _ in list_errors(check_anndata_here, path)} == {code}


def test_a_group_that_lost_its_metadata_is_told(folder, tmp_path):
    path = tmp_path / "broken.zarr"
    shutil.copytree(folder / "cells2.zarr", path)
    drop_copy(path)
    (path / "uns" / "nested" / ".zgroup").unlink()
    assert {code for code, _ in list_errors(check_anndata_here, path)} == {"node-type-missing"}


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89HDF\r\n\x1a\n" + bytes(500), b"PK\x03\x04" + bytes(60)])
def test_what_is_no_dataset_at_all_cannot_be_read(tmp_path, content):
    path = tmp_path / "cells.h5ad"
    path.write_bytes(content)
    with pytest.raises(UnreadableError):
        check_anndata(open_source(path))


def test_categories_of_old_files_are_held_against_their_codes(tmp_path):
    path = tmp_path / "old.h5ad"
    shutil.copyfile(samples.get("h5ad-multiplex-scimap/example_data.h5ad"), path)
    with h5py.File(path, "r+") as file:
        file["obs/phenotype"][7] = 90
    assert list_errors(check_anndata_here, path) == [("codes-out-of-range", "obs/phenotype#")]


def test_a_zip_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("vitrina.readers.source.MAX_INFLATED_BYTES", 2**20)
    path = tmp_path / "bomb.zarr.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(".zgroup", '{"zarr_format": 2}')
        with archive.open("X/0.0", "w", force_zip64=True) as entry:
            for _ in range(2):
                entry.write(bytes(2**20))
    with pytest.raises(UnreadableError, match="inflate"):
        check_anndata_here(open_source(path))
