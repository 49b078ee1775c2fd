"""How points are drawn: all, a sample, or a sample and all from near. What draws was tried in the shipped viewer."""

from dataclasses import replace

import pytest

from vitrina.gateway.vitessce.plan import Urls
from vitrina.gateway.vitessce.spatialdata import plan_spatialdata
from vitrina.model.content import Content, Matrix, Placement, PointsElement, PointTiles, TableElement

TABLE = TableElement(
    name="table",
    path="tables/table",
    n_obs=9,
    n_vars=2,
    matrix=Matrix(encoding="csc", dtype="float32"),
    var_names=("A",),
)
POINTS = PointsElement(
    name="spots",
    path="points/spots",
    n_points=900_000,
    axes=("x", "y"),
    feature_key="gene",
    extent_xy=(0.0, 0.0, 9.0, 9.0),
    placements=(Placement(coordinate_system="global"),),
    tiles=PointTiles(store="points/spots/tiles", path="points/spots_tiles", table="tables/table"),
)
URLS = Urls(data="/data/u/a.zarr", zarr="/zarr/u")


def plan(points, **changes):
    planned = plan_spatialdata(Content(format="spatialdata", elements=(TABLE, points), **changes), URLS)
    files = [file for file in planned.files if file.coordination_values["fileUid"].startswith("points")]
    return planned, files, [layer for layer in planned.layers if layer.kind == "pointLayer"]


def test_many_points_in_tiles_are_a_sample_and_a_hidden_layer_of_all():
    planned, files, layers = plan(POINTS)
    assert [(file.url, sorted(file.options)) for file in files] == [
        ("/zarr/u", ["obsFeatureMatrix", "obsPoints"]),
        ("/data/u/a.zarr/points/spots/tiles", ["obsPoints"]),
        ("/data/u/a.zarr", ["obsFeatureMatrix"]),
    ]
    assert [file.options["obsPoints"]["path"] for file in files[:2]] == ["points/spots", "points/spots_tiles"]
    assert [layer.values["spatialLayerVisible"] for layer in layers] == [True, False]
    types = [layer.values["obsType"] for layer in layers]
    assert types == [files[0].coordination_values["obsType"], files[1].coordination_values["obsType"]]
    assert files[2].coordination_values == files[1].coordination_values
    assert len(set(types)) == 2
    (finding,) = (one for one in planned.findings if one.code == "view-points-sampled")
    assert layers[1].values["spatialLayerLabel"] in finding.fix


@pytest.mark.parametrize(
    ("changes", "url"),
    [
        ({"tiles": None}, "/zarr/u"),
        ({"tiles": replace(POINTS.tiles, table="tables/other")}, "/zarr/u"),
        ({"n_points": 1000}, "/data/u/a.zarr"),
    ],
)
def test_few_points_and_tiles_that_do_not_fit_are_one_layer(changes, url):
    _, files, layers = plan(replace(POINTS, **changes))
    assert [file.url for file in files] == [url]
    assert len(layers) == 1


def test_tiles_in_a_zip_file_are_not_used():
    _, files, layers = plan(POINTS, is_zipped=True)
    assert [file.url for file in files] == ["/zarr/u"]
    assert len(layers) == 1
