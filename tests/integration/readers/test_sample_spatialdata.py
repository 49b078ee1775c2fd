"""The MERFISH SpatialData sample, compared with what spatialdata reads from the unpacked store."""

import zipfile

import numpy as np
import pytest
import samples
import zarr

from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.registry import find_reader
from vitrina.readers.source import open_source

NAME = "merfish_mouse_ileum_cropped.sdata.zarr"


@pytest.fixture(scope="module")
def source():
    return open_source(samples.get(f"sdata-merfish-ileum/{NAME}.zip"))


@pytest.fixture(scope="module")
def reader(source):
    return find_reader(source)


@pytest.fixture(scope="module")
def content(source, reader):
    return reader.read_content(source)


@pytest.fixture(scope="module")
def unpacked(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("merfish")
    with zipfile.ZipFile(source.path) as archive:
        archive.extractall(folder)
    return folder / NAME


@pytest.fixture(scope="module")
def expected(unpacked):
    import spatialdata

    with without_format_warnings():
        return spatialdata.read_zarr(unpacked)


def get(content, kind):
    return {element.name: element for element in content.elements if isinstance(element, kind)}


def test_the_store_is_found_inside_the_zip_file(content):
    assert (content.format, content.format_version, content.container) == ("spatialdata", "0.1", "zarr2")
    assert (content.is_zipped, content.root) == (True, NAME)
    assert content.coordinate_systems == ("global",)
    assert not content.is_simulated


def test_all_elements_are_listed(content, expected):
    assert set(get(content, ImageElement)) == set(expected.images) == {"stains"}
    assert set(get(content, LabelsElement)) == set(expected.labels) == {"dapi_labels", "membrane_labels"}
    assert set(get(content, PointsElement)) == set(expected.points)
    assert set(get(content, ShapesElement)) == set(expected.shapes)
    assert set(get(content, TableElement)) == set(expected.tables)
    assert len(content.elements) == 1 + 2 + 3 + 11 + 2


def test_the_image_has_its_levels_and_channels(content, unpacked):
    image = get(content, ImageElement)["stains"]
    assert [axis.name for axis in image.axes] == ["c", "z", "y", "x"]
    assert [level.shape for level in image.levels] == [(2, 9, 250, 250), (2, 4, 126, 125), (2, 2, 62, 62)]
    assert [level.path for level in image.levels] == ["images/stains/0", "images/stains/1", "images/stains/2"]
    assert image.levels[1].scale == pytest.approx((1, 9 / 4, 250 / 126, 2))
    assert [channel.name for channel in image.channels] == ["DAPI", "Membrane"]
    coarsest = zarr.open_array(unpacked / "images/stains/2", mode="r")[:, 1]
    windows = [np.percentile(plane, [1, 99.8]) for plane in coarsest]
    np.testing.assert_allclose([channel.window for channel in image.channels], windows)


def test_elements_lie_where_spatialdata_says(content, expected):
    from spatialdata.transformations import get_transformation

    for element in content.elements:
        if isinstance(element, TableElement):
            continue
        transforms = get_transformation(expected[element.name], get_all=True)
        matrices = {name: own.to_affine_matrix(("x", "y"), ("x", "y")) for name, own in transforms.items()}
        placements = {own.coordinate_system: np.reshape(own.affine_xy, (2, 3)) for own in element.placements}
        assert set(placements) == set(matrices)
        for name, matrix in matrices.items():
            np.testing.assert_allclose(placements[name], matrix[:2])


def test_points_are_counted_and_measured(content, expected):
    for name, element in get(content, PointsElement).items():
        points = expected.points[name].compute()
        assert element.n_points == len(points)
        assert element.axes == ("x", "y", "z")
        extent = (points.x.min(), points.y.min(), points.x.max(), points.y.max())
        assert element.extent_xy == pytest.approx(extent)
        assert {column.name for column in element.columns} == set(points.columns) - {"x", "y", "z"}
    keys = {name: element.feature_key for name, element in get(content, PointsElement).items()}
    assert keys == {"molecules": "gene", "molecule_baysor": "gene", "cells_centroids_cellpose": None}
    assert [finding.code for finding in content.findings] == ["feature-key-guessed"] * 2


def test_shapes_are_counted_and_measured(content, expected):
    for name, element in get(content, ShapesElement).items():
        shapes = expected.shapes[name]
        assert element.n_shapes == len(shapes)
        assert element.geometry == ("circle" if "circles" in name else "polygon")
        assert element.extent_xy == pytest.approx(tuple(shapes.total_bounds))
        assert {column.name for column in element.columns} == set(shapes.columns) - {"geometry"}


def test_tables_name_the_element_that_they_annotate(content, expected):
    tables = get(content, TableElement)
    for name, element in tables.items():
        loaded = expected.tables[name]
        assert (element.n_obs, element.n_vars) == loaded.shape
        assert list(element.var_names) == list(loaded.var_names[:100])
        assert [column.name for column in element.obs_columns] == list(loaded.obs.columns)
    cellpose = tables["gene_expression_cellpose"]
    assert (cellpose.n_obs, cellpose.n_vars) == (13, 241)
    assert cellpose.region == ("cells_centroids_cellpose",)
    assert (cellpose.region_key, cellpose.instance_key) == ("region", "cell_id")


def test_the_preview_is_the_middle_plane_of_the_image(source, reader, content, unpacked):
    preview = reader.read_preview(source, content, 250)
    np.testing.assert_array_equal(preview.pixels_cyx, zarr.open_array(unpacked / "images/stains/0", mode="r")[:, 4])


def test_the_object_in_memory_knows_no_path_and_has_all_values(source, reader, expected):
    loaded = reader.read_object(source)
    assert loaded.path is None
    assert not loaded.is_backed()
    np.testing.assert_array_equal(
        loaded.images["stains"]["scale0"]["image"].values, expected.images["stains"]["scale0"]["image"].values
    )
    assert len(loaded.points["molecules"].compute()) == 473
    assert loaded.tables["gene_expression_cellpose"].shape == (13, 241)


def test_the_handle_cannot_write_back(unpacked, reader):
    opened = reader.open_object(open_source(unpacked))
    assert opened.path is None
    with pytest.raises(ValueError, match="not to be backed"):
        opened.write_element("stains")
