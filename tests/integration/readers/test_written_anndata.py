"""AnnData written by anndata as h5ad, Zarr 2, Zarr 3 and zipped; expected values come from the object."""

import numpy as np
import pytest

from vitrina.model.content import Embedding
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


@pytest.fixture
def read(written_anndata):
    source = open_source(written_anndata[1])
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


def test_the_container_is_told(read, written_anndata):
    _, _, content = read
    container, is_zipped = {
        "h5ad": ("hdf5", False), "zarr2": ("zarr2", False), "zarr3": ("zarr3", False), "zip": ("zarr3", True),
    }[written_anndata[2]]  # fmt: skip
    assert (content.format, content.container, content.is_zipped) == ("anndata", container, is_zipped)
    assert content.is_simulated
    assert content.findings == ()


def test_the_table_is_described(read, written_anndata):
    table = read[2].elements[0]
    dataset = written_anndata[0]
    assert (table.n_obs, table.n_vars) == dataset.shape
    assert (table.matrix.encoding, table.matrix.dtype) == ("csc", "float32")
    assert table.layers == ("raw",)
    assert set(table.embeddings) == {
        Embedding(name="X_umap", n_dims=2), Embedding(name="spatial", n_dims=2), Embedding(name="frame", n_dims=3),
    }  # fmt: skip
    assert list(table.var_names) == list(dataset.var_names[:100])
    assert [(column.name, column.dtype) for column in table.obs_columns] == [
        ("cell_type", "category"),
        ("batch", "category"),
        ("n_counts", "int64"),
        ("is_doublet", "bool"),
        ("age", "int32"),
    ]
    assert [column.categories for column in table.obs_columns[:2]] == [("B", "T", "NK", "unused"), ("0", "1")]
    assert [(column.name, column.dtype) for column in table.var_columns] == [("mean", "float64")]


def test_positions_in_space_are_measured(read, written_anndata):
    table = read[2].elements[0]
    spatial = written_anndata[0].obsm["spatial"]
    assert table.position_columns is None
    assert table.extent_xy == pytest.approx((*spatial.min(axis=0), *spatial.max(axis=0)))


def test_the_preview_shows_positions_in_the_colours_of_cell_types(read, written_anndata):
    source, reader, content = read
    preview = reader.read_preview(source, content, 100)
    dataset = written_anndata[0]
    assert preview.is_spatial
    np.testing.assert_allclose(preview.points_xy, dataset.obsm["spatial"])
    np.testing.assert_array_equal(preview.groups, dataset.obs["cell_type"].cat.codes)


def test_the_object_in_memory_has_all_values(read, written_anndata):
    source, reader, _ = read
    loaded = reader.read_object(source)
    dataset = written_anndata[0]
    assert not loaded.isbacked
    np.testing.assert_array_equal(loaded.X.toarray(), dataset.X.toarray())
    assert list(loaded.obs["cell_type"]) == list(dataset.obs["cell_type"])


def test_the_handle_is_lazy(read, written_anndata):
    source, reader, _ = read
    opened = reader.open_object(source)
    assert opened.shape == written_anndata[0].shape
    if written_anndata[2] == "h5ad":
        assert opened.isbacked
        opened.file.close()
