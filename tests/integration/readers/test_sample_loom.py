"""Loom files. Values are compared with what h5py reads by itself."""

import h5py
import numpy as np
import pytest
import samples
from scipy.sparse import issparse

from vitrina.errors import UnreadableError
from vitrina.readers import loom
from vitrina.readers.elements import read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

NAME = "osmfish-cortex-loom/osmFISH_SScortex_mouse_all_cells.loom"


def read(path):
    source = open_source(path)
    reader = find_reader(source)
    assert reader.format == "loom"
    content = reader.read_content(source)
    return content, read_table(source, content, content.elements[0])


def write_loom(path, **changes):
    """Two genes and three cells."""
    entries = {
        "matrix": np.array([[1, 0, 2], [0, 3, 0]], "float32"),
        "row_attrs/Gene": [b"A", b"B"],
        "col_attrs/CellID": [b"c1", b"c2", b"c3"],
        "layers/spliced": np.array([[1, 0, 1], [0, 2, 0]], "float32"),
        "attrs/LOOM_SPEC_VERSION": "3.0.0",
        **changes,
    }
    with h5py.File(path, "w") as file:
        for name in ("row_attrs", "col_attrs"):
            file.create_group(name)
        for name, value in entries.items():
            if value is not None:
                file[name] = value
    return path


def test_the_sample_has_the_values_names_and_positions_of_the_file():
    content, table = read(samples.get(NAME))
    with h5py.File(samples.get(NAME)) as file:
        np.testing.assert_array_equal(table.X, file["matrix"][:].T)
        assert list(table.obs_names) == [one.decode() for one in file["col_attrs/CellID"]]
        assert list(table.var_names) == [one.decode() for one in file["row_attrs/Gene"]]
        assert list(table.obs["ClusterName"]) == [one.decode() for one in file["col_attrs/ClusterName"]]
        np.testing.assert_array_equal(table.obs["Total_molecules"], file["col_attrs/Total_molecules"])
        positions = np.stack([file["col_attrs/X"], file["col_attrs/Y"]], axis=1)
        np.testing.assert_array_equal(table.obsm["spatial"], positions)
        tsne = np.stack([file["col_attrs/_tSNE_1"], file["col_attrs/_tSNE_2"]], axis=1)
        np.testing.assert_array_equal(table.obsm["X_tsne"], tsne)
        assert table.uns["loom"]["description"] == file.attrs["description"].decode()
    (element,) = content.elements
    assert (element.n_obs, element.n_vars) == (6471, 33)  # its SOURCE.md
    assert element.extent_xy == pytest.approx((*positions.min(axis=0), *positions.max(axis=0)))
    assert [finding.code for finding in content.findings] == ["positions-guessed", "embedding-guessed"]


def test_the_sample_previews_its_cells_in_space():
    source = open_source(samples.get(NAME))
    reader = find_reader(source)
    preview = reader.read_preview(source, reader.read_content(source), 512)
    assert preview.is_spatial
    assert len(preview.points_xy) == 6471
    assert len(set(preview.groups)) > 1


def test_layers_and_the_version_are_read(tmp_path):
    content, table = read(write_loom(tmp_path / "a.loom"))
    assert table.X.tolist() == [[1, 0], [0, 3], [2, 0]]
    assert table.layers["spliced"].tolist() == [[1, 0], [0, 2], [1, 0]]
    assert content.format_version == "3.0.0"
    assert content.elements[0].layers == ("spliced",)
    assert content.findings == ()


def test_a_large_matrix_becomes_sparse_while_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(loom, "MAX_LOADED_BYTES", 1)
    monkeypatch.setattr(loom, "BLOCK_VALUES", 3)
    _, table = read(write_loom(tmp_path / "a.loom"))
    assert issparse(table.X)
    assert table.X.toarray().tolist() == [[1, 0], [0, 3], [2, 0]]


def test_what_has_no_names_is_numbered_and_names_that_repeat_are_told_apart(tmp_path):
    changes = {"row_attrs/Gene": [b"A", b"A"], "col_attrs/CellID": None}
    content, table = read(write_loom(tmp_path / "a.loom", **changes))
    assert list(table.obs_names) == ["0", "1", "2"]
    assert list(table.var_names) == ["A", "A-1"]
    assert sorted(finding.code for finding in content.findings) == ["names-missing", "names-repeated"]


@pytest.mark.parametrize(
    "changes",
    [
        {"col_attrs/CellID": [b"c1"]},
        {"row_attrs/Gene": np.array(5)},
        {"matrix": np.array([1, 2, 3])},
        {"matrix": np.array([[b"a"], [b"b"]])},
    ],
)
def test_files_whose_parts_do_not_fit_are_refused(tmp_path, changes):
    with pytest.raises(UnreadableError) as caught:
        read(write_loom(tmp_path / "a.loom", **changes))
    assert caught.value.code == "loom-damaged"


def test_values_in_another_file_are_refused(tmp_path):
    write_loom(tmp_path / "other.loom")
    path = write_loom(tmp_path / "a.loom", **{"col_attrs/CellID": None})
    with h5py.File(path, "a") as file:
        file["col_attrs/CellID"] = h5py.ExternalLink("other.loom", "/col_attrs/CellID")
    with pytest.raises(UnreadableError) as caught:
        read(path)
    assert caught.value.code == "hdf5-outside-file"


def test_truncated_and_empty_files_are_refused(tmp_path):
    path = tmp_path / "a.loom"
    path.write_bytes(samples.get(NAME).read_bytes()[:50_000])
    with pytest.raises(UnreadableError):
        read(path)
    path.write_bytes(b"")
    with pytest.raises(UnreadableError) as caught:
        read(path)
    assert caught.value.code == "file-empty"
