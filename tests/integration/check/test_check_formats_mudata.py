"""MuData: valid files have no errors; one broken MUST is told by the code that names it.

What must hold is taken from https://mudata.readthedocs.io/en/latest/io/spec.html.
"""

import shutil

import h5py
import numpy as np
import pytest
import samples
from formats_datasets import GENES, ROWS, list_codes, list_errors, write_h5mu, write_mudata_zarr

from vitrina.checks.formats.mudata import check_mudata, check_mudata_here
from vitrina.readers.source import open_source


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mudata")
    write_h5mu(folder / "cells.h5mu")
    write_mudata_zarr(folder / "cells.zarr")
    return folder


@pytest.mark.parametrize("name", ["cells.h5mu", "cells.zarr"])
def test_what_mudata_writes_is_valid(folder, name):
    checked = check_mudata(open_source(folder / name))
    assert [one for one in checked.findings if one.severity == "error"] == []
    assert (checked.kind, checked.version) == ("mudata", "0.1.0")


@pytest.mark.parametrize("name", ["h5mu-hubmap/objects.h5mu", "h5mu-hubmap/secondary_analysis.h5mu"])
def test_samples_have_no_errors(name):
    assert list_errors(check_mudata, samples.get(name)) == []


def put(path, at, value):
    def change(file):
        file[path][at] = value

    return change


def replace(path, values):
    def change(file):
        attrs = dict(file[path].attrs)
        del file[path]
        file[path] = values
        file[path].attrs.update(attrs)

    return change


def delete(path):
    def change(file):
        del file[path]

    return change


def set_attribute(path, name, value):
    def change(file):
        file[path].attrs[name] = value

    return change


def swap_names(file):
    positions = file["obsmap/rna"][()]
    positions[[3, 4]] = positions[[4, 3]]
    file["obsmap/rna"][...] = positions


def add_map(file):
    file.copy("obsmap/rna", "obsmap/atac")


def forget_a_row(file):
    """The whole has no row for the last observation of a modality."""
    positions = file["obsmap/rna"][()]
    positions[positions == ROWS] = 0
    file["obsmap/rna"][...] = positions


BROKEN = {
    "no modalities": (delete("mod"), "mudata-incomplete", "#/mod"),
    "root of another encoding": (set_attribute("/", "encoding-type", "mu"), "encoding-unknown", "#/encoding-type"),
    "modality of another kind": (set_attribute("mod/rna", "encoding-type", "dict"), "modality-kind", "mod/rna#"),
    "modality without obs": (delete("mod/rna/obs"), "anndata-incomplete", "mod/rna#/obs"),
    "modality whose X is shorter": (
        set_attribute("mod/protein/X", "shape", [ROWS - 2, GENES + 1]), "var-length-differs", "mod/protein/X#"
    ),
    "modality with a broken code": (
        put("mod/rna/obs/cell_type/codes", 0, 50), "codes-out-of-range", "mod/rna/obs/cell_type/codes#"
    ),
    "order that names others": (
        set_attribute("mod", "mod-order", np.array(["rna", "atac"], dtype=object)), "modality-order", "mod#/mod-order"
    ),
    "map of another length": (replace("obsmap/rna", np.arange(3, dtype="u4")), "obs-length-differs", "obsmap/rna#"),
    "map of floats": (replace("obsmap/rna", np.arange(ROWS) * 1.5), "modality-map-dtype", "obsmap/rna#"),
    "map beyond the modality": (put("obsmap/rna", 2, 99), "modality-map-out-of-range", "obsmap/rna#"),
    "map that says a row twice": (put("obsmap/rna", 2, 1), "modality-map-repeated", "obsmap/rna#"),
    "map for no modality": (add_map, "modality-map-unknown", "obsmap#/atac"),
    "map of other names": (swap_names, "modality-names-differ", "obsmap/rna#"),
    "whole without a row of a modality": (forget_a_row, "modality-obs-differs", "obs#"),
    "obs of the whole without its index": (delete("obs/_index"), "index-missing", "obs#/_index"),
    "mask of another length": (replace("obsm/rna", np.ones(3, bool)), "obs-length-differs", "obsm/rna#"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_must_is_told_by_the_code_that_names_it(folder, tmp_path, name):
    change, code, where = BROKEN[name]
    path = tmp_path / "broken.h5mu"
    shutil.copy(folder / "cells.h5mu", path)
    with h5py.File(path, "r+") as file:
        change(file)
    errors = list_errors(check_mudata_here, path)
    assert {found for found, _ in errors} == {code}
    assert all(at.startswith(where) for _, at in errors)


def test_a_file_without_maps_or_its_first_word_is_not_wrong_but_told(folder, tmp_path):
    path = tmp_path / "plain.h5mu"
    with h5py.File(folder / "cells.h5mu") as old, h5py.File(path, "w") as new:
        for name in old:
            if name != "obsmap":
                old.copy(name, new)
        new.attrs.update(old.attrs)
    assert list_codes(check_mudata_here, path) >= {"mudata-header-missing", "modality-map-missing"}
    assert list_errors(check_mudata_here, path) == []
