"""SpatialData written by spatialdata in Zarr 2 and 3; expected values come from the object and from hand arithmetic."""

import shutil

import numpy as np
import pytest

from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source


@pytest.fixture
def content(written_spatialdata):
    source = open_source(written_spatialdata[1])
    return find_reader(source).read_content(source)


def get(content, name):
    return next(element for element in content.elements if element.name == name)


def test_the_format_and_the_declaration_of_simulated_data_are_read(content, written_spatialdata):
    zarr_format = written_spatialdata[2]
    assert content.format == "spatialdata"
    assert content.container == f"zarr{zarr_format}"
    assert content.format_version == {2: "0.1", 3: "0.2"}[zarr_format]
    assert content.is_simulated
    assert content.coordinate_systems == ("global", "moved", "sheared", "swapped")
    assert content.findings == ()


def test_placements_of_every_kind_of_transformation_are_composed(content):
    placements = {own.coordinate_system: own.affine_xy for own in get(content, "he").placements}
    assert placements == {
        "global": (0.5, 0.0, 0.0, 0.0, 0.25, 0.0),
        "moved": (2.0, 0.0, 10.0, 0.0, 3.0, 20.0),
        "sheared": (1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
        "swapped": (0.0, 1.0, 0.0, 1.0, 0.0, 0.0),
    }


def test_a_colour_image_is_known_by_its_channel_names(content):
    image = get(content, "he")
    assert isinstance(image, ImageElement)
    assert image.is_rgb
    assert [channel.name for channel in image.channels] == ["r", "g", "b"]
    assert [level.shape for level in image.levels] == [(3, 200, 300), (3, 100, 150), (3, 50, 75)]
    assert [level.scale for level in image.levels] == [(1, 1, 1), (1, 2, 2), (1, 4, 4)]


def test_a_stack_has_a_window_per_channel_from_its_middle_plane(content, written_spatialdata):
    image = get(content, "stack")
    pixels = written_spatialdata[0].images["stack"].values[:, 2]
    assert not image.is_rgb
    assert [axis.name for axis in image.axes] == ["c", "z", "y", "x"]
    expected = [np.percentile(plane, [1, 99.8]) for plane in pixels]
    np.testing.assert_allclose([channel.window for channel in image.channels], expected)


def test_vectors_are_described(content):
    transcripts = get(content, "transcripts")
    assert isinstance(transcripts, PointsElement)
    assert (transcripts.n_points, transcripts.axes, transcripts.feature_key) == (1000, ("x", "y"), "gene")
    assert transcripts.extent_xy == (-5.0, 3.0, 300.0, 200.0)
    gene = next(column for column in transcripts.columns if column.name == "gene")
    assert (gene.dtype, gene.n_categories, set(gene.categories)) == ("category", 2, {"Actb", "Gapdh"})
    cells, circles = get(content, "cells"), get(content, "circles")
    assert isinstance(cells, ShapesElement)
    assert (cells.n_shapes, cells.geometry, cells.extent_xy) == (3, "polygon", (0.0, 0.0, 10.0, 20.0))
    assert get(content, "mixed").geometry == "polygon"
    assert (circles.n_shapes, circles.geometry, circles.extent_xy) == (3, "circle", (0.0, 0.0, 2.0, 4.0))
    assert isinstance(get(content, "nuclei"), LabelsElement)


def test_the_table_is_described(content):
    table = get(content, "table")
    assert isinstance(table, TableElement)
    assert (table.n_obs, table.n_vars, table.path) == (3, 5, "tables/table")
    assert (table.region, table.region_key, table.instance_key) == (("circles",), "region", "id")
    dtypes = {column.name: column.dtype for column in table.obs_columns}
    assert dtypes == {
        "region": "category", "id": "int64", "is_tumor": "bool", "note": "string", "cell_type": "category",
    }  # fmt: skip
    assert table.extent_xy == (0.0, 5.0, 2.0, 7.0)


def test_the_preview_prefers_the_colour_image(written_spatialdata, content):
    source = open_source(written_spatialdata[1])
    preview = find_reader(source).read_preview(source, content, 150)
    assert preview.is_rgb
    np.testing.assert_array_equal(preview.pixels_cyx, written_spatialdata[0].images["he"]["scale1"]["image"].values)


def test_without_rasters_the_preview_is_the_table_in_space(written_spatialdata, tmp_path):
    path = tmp_path / "section.zarr"
    shutil.copytree(written_spatialdata[1], path)
    shutil.rmtree(path / "images")
    shutil.rmtree(path / "labels")
    source = open_source(path)
    reader = find_reader(source)
    preview = reader.read_preview(source, reader.read_content(source), 100)
    assert preview.is_spatial
    np.testing.assert_array_equal(preview.points_xy, [[0, 5], [1, 7], [2, 6]])
    np.testing.assert_array_equal(preview.groups, [1, 0, 1])  # T, B, T


def test_the_object_in_memory_survives_the_loss_of_the_store(written_spatialdata, tmp_path):
    path = tmp_path / "section.zarr"
    shutil.copytree(written_spatialdata[1], path)
    source = open_source(path)
    loaded = find_reader(source).read_object(source)
    shutil.rmtree(path)
    original = written_spatialdata[0]
    assert loaded.path is None
    assert loaded.attrs["vitrina"] == {"simulated": True}
    np.testing.assert_array_equal(
        loaded.images["he"]["scale0"]["image"].values, original.images["he"]["scale0"]["image"].values
    )
    np.testing.assert_array_equal(loaded.labels["nuclei"].values, original.labels["nuclei"].values)
    assert loaded.points["transcripts"].compute()["x"].max() == 300
    assert set(loaded.coordinate_systems) == {"global", "moved", "sheared", "swapped"}


def test_a_zipped_store_is_the_same_as_its_folder(written_spatialdata, content, tmp_path):
    shutil.make_archive(str(tmp_path / "section.zarr"), "zip", written_spatialdata[1])
    source = open_source(tmp_path / "section.zarr.zip")
    zipped = find_reader(source).read_content(source)
    assert zipped.is_zipped
    assert zipped.elements == content.elements
