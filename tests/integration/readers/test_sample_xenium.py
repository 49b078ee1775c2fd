"""A fragment of Xenium's output: counts and a list of cells, exported from R with row names and floats."""

import gzip

import h5py
import numpy as np
import pandas as pd
import pytest
import samples

from vitrina.model.content import ShapesElement, TableElement
from vitrina.readers.elements import read_shapes, read_table
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

ROOT = "vendor-micro/Xenium_small"


@pytest.fixture(scope="module")
def fragment():
    source = open_source(samples.get(ROOT))
    reader = find_reader(source)
    return source, reader, reader.read_content(source)


@pytest.fixture(scope="module")
def listed():
    with gzip.open(samples.get(f"{ROOT}/cells.csv.gz"), "rt") as file:
        return pd.read_csv(file, index_col=0)


def test_a_fragment_becomes_a_table_with_places(fragment, listed):
    source, _, content = fragment
    (table,) = [element for element in content.elements if isinstance(element, TableElement)]
    loaded = read_table(source, content, table)
    assert content.format == "xenium"
    assert (table.n_obs, table.n_vars) == loaded.shape == (6, 4)
    np.testing.assert_array_equal(loaded.obsm["spatial"], listed[["x_centroid", "y_centroid"]])
    np.testing.assert_array_equal(loaded.obs["cell_id"], listed["cell_id"])
    assert loaded.obs["cell_id"].dtype == np.int64
    with h5py.File(samples.get(f"{ROOT}/cell_feature_matrix.h5")) as file:
        assert loaded.X.sum() == file["matrix/data"][:].sum()
        assert list(loaded.var_names) == [name.decode() for name in file["matrix/features/name"]]


def test_cells_without_outlines_are_circles_of_their_area(fragment, listed):
    source, _, content = fragment
    (shapes,) = [element for element in content.elements if isinstance(element, ShapesElement)]
    circles = read_shapes(source, content, shapes)
    np.testing.assert_allclose(np.pi * circles["radius"] ** 2, listed["cell_area"])
    assert list(circles.index) == list(listed["cell_id"])


def test_what_is_missing_is_named_with_what_is_lost(fragment):
    _, _, content = fragment
    missing = {one.path.rstrip("#") for one in content.findings if one.code == "bundle-file-missing"}
    assert missing == {
        "experiment.xenium",
        "morphology_focus/",
        "cells.zarr.zip",
        "cell_boundaries.parquet",
        "nucleus_boundaries.parquet",
        "transcripts.parquet",
    }


def test_a_fragment_is_drawn_from_the_places_of_its_cells(fragment, listed):
    source, reader, content = fragment
    preview = reader.read_preview(source, content, 256)
    assert preview.is_spatial
    np.testing.assert_array_equal(preview.points_xy, listed[["x_centroid", "y_centroid"]])
