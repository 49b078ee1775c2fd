"""MuData written by mudata as h5mu and Zarr; expected values come from the object."""

from __future__ import annotations

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import samples

from vitrina.convert.mudata import write_mudata
from vitrina.errors import UnreadableError
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


@pytest.fixture(scope="module")
def dataset():
    from mudata import MuData

    rna = anndata.AnnData(
        np.arange(12, dtype=np.float32).reshape(4, 3),
        obs=pd.DataFrame({"tissue": pd.Categorical(list("abab"))}, index=list("wxyz")),
        var=pd.DataFrame(index=["g1", "g2", "g3"]),
        obsm={"X_umap": np.ones((4, 2))},
    )
    protein = anndata.AnnData(
        np.ones((3, 2), np.float32), obs=pd.DataFrame(index=list("xyz")), var=pd.DataFrame(index=["p1", "p2"])
    )
    with without_format_warnings():
        return MuData({"rna": rna, "protein": protein})


@pytest.fixture(scope="module", params=["x.h5mu", "x.zarr"])
def source(dataset, request, tmp_path_factory):
    path = tmp_path_factory.mktemp("mudata") / request.param
    write_mudata(dataset, path)
    return open_source(path)


def test_it_is_recognised_and_its_tables_are_described(source):
    content = find_reader(source).read_content(source)
    assert content.format == "mudata"
    assert content.container == ("zarr3" if source.is_folder else "hdf5")
    assert [(one.name, one.path, one.n_obs, one.n_vars) for one in content.elements] == [
        ("mudata", "", 4, 5),
        ("rna", "mod/rna", 4, 3),
        ("protein", "mod/protein", 3, 2),
    ]
    assert [[entry.name for entry in one.embeddings] for one in content.elements] == [[], ["X_umap"], []]
    assert content.elements[1].obs_columns[0].categories == ("a", "b")
    assert content.n_observations == 4


def test_it_is_loaded_detached(source, dataset):
    loaded = find_reader(source).read_object(source)
    assert list(loaded.mod) == list(dataset.mod)
    np.testing.assert_array_equal(loaded["rna"].X, dataset["rna"].X)
    assert list(loaded.obs_names) == list(dataset.obs_names)


def test_it_is_opened_without_reading_its_values(source):
    opened = find_reader(source).open_object(source)
    if source.is_folder:
        assert sorted(opened["mod"]) == ["protein", "rna"]
    else:
        assert opened.isbacked
        opened.file.close()


def test_an_embedding_of_a_modality_is_its_preview(source):
    reader = find_reader(source)
    preview = reader.read_preview(source, reader.read_content(source), 100)
    assert preview.points_xy.shape == (4, 2)


@pytest.mark.parametrize(
    ("name", "modalities"), [("secondary_analysis.h5mu", ["rna", "atac_cbg"]), ("objects.h5mu", ["default"])]
)
def test_files_of_hubmap_are_read(name, modalities):
    source = open_source(samples.get("h5mu-hubmap") / name)
    reader = find_reader(source)
    content = reader.read_content(source)
    loaded = reader.read_object(source)  # by mudata
    assert [one.name for one in content.elements] == ["mudata", *modalities]
    assert [(one.n_obs, one.n_vars) for one in content.elements] == [
        loaded.shape,
        *(loaded[modality].shape for modality in modalities),
    ]


def test_a_truncated_file_is_unreadable(dataset, tmp_path):
    path = tmp_path / "x.h5mu"
    write_mudata(dataset, path)
    path.write_bytes(path.read_bytes()[:2000])
    source = open_source(path)
    with pytest.raises(UnreadableError) as caught:
        find_reader(source).read_content(source)
    assert caught.value.code == "mudata-damaged"


def test_a_file_without_the_leading_words_is_recognised_by_its_groups(tmp_path):
    path = tmp_path / "x.h5mu"
    with h5py.File(path, "w") as file:
        file.attrs["encoding-type"] = "MuData"
    source = open_source(path)
    reader = find_reader(source)
    assert reader.format == "mudata"
    with pytest.raises(UnreadableError) as caught:
        reader.read_content(source)
    assert caught.value.code == "mudata-incomplete"
