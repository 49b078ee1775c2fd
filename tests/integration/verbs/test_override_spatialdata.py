"""Overrides of SpatialData as the gateway serves them: the attributes are read back with spatialdata."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import spatialdata
from shapely.geometry import Polygon
from spatialdata.models import Image2DModel, ShapesModel
from spatialdata.transformations import get_transformation

from vitrina.errors import InputError
from vitrina.model.overrides import ElementOverrides
from vitrina.verbs.init import init

AFFINE = (0.5, 0.0, 10.0, 0.1, 0.25, 20.0)
MATRIX = [[0.5, 0.0, 10.0], [0.1, 0.25, 20.0], [0.0, 0.0, 1.0]]


@pytest.fixture
def instance(tmp_path):
    return init(tmp_path / "hub").instance


@pytest.fixture
def artifact(instance):
    geopandas = pytest.importorskip("geopandas")
    cells = geopandas.GeoDataFrame(geometry=[Polygon([(0, 0), (4, 0), (4, 4)])])
    image = Image2DModel.parse(np.ones((2, 32, 32), "uint16"), dims=("c", "y", "x"), c_coords=["a", "b"])
    sdata = spatialdata.SpatialData(images={"he": image}, shapes={"cells": ShapesModel.parse(cells)})
    return instance.add_object(sdata, key="section.zarr").artifact


def test_spatialdata_reads_the_placement_and_the_channels_that_were_said(instance, artifact, tmp_path):
    now = instance.set_overrides(
        artifact,
        [
            ElementOverrides(path="images/he", affine_xy=AFFINE, channel_names=("DAPI", None)),
            ElementOverrides(path="shapes/cells", affine_xy=AFFINE, coordinate_system="slide"),
        ],
    )
    tree = instance.open_tree(now)
    names = {"2": (".zattrs", ".zgroup"), "3": ("zarr.json",)}[now.content.container[-1]]
    copy = instance.checkout(artifact, tmp_path / "copy")
    if len(names) == 1:  # the copy takes the attributes that the gateway serves
        tree = instance.open_tree(now, 3)
    for path in ("images/he", "shapes/cells"):
        (copy / path / names[0]).write_bytes(asyncio.run(tree.get(f"{path}/{names[0]}")))
    (copy / "zarr.json").write_bytes(asyncio.run(tree.get("zarr.json")))  # without the attributes as they were
    found = spatialdata.read_zarr(copy)
    whole = get_transformation(found.images["he"], get_all=True)
    np.testing.assert_allclose(whole["global"].to_affine_matrix(("x", "y"), ("x", "y")), MATRIX)
    slide = get_transformation(found.shapes["cells"], get_all=True)
    assert set(slide) == {"global", "slide"}
    np.testing.assert_allclose(slide["slide"].to_affine_matrix(("x", "y"), ("x", "y")), MATRIX)
    assert list(found.images["he"].coords["c"].values) == ["DAPI", "b"]
    view = instance.build_view(now, "http://hub")
    assert all("/zarr" in file["url"] for file in view["datasets"][0]["files"])  # not the stored attributes


def test_several_elements_must_be_told_apart(instance, artifact):
    with pytest.raises(InputError, match="say which one is meant"):
        instance.override(artifact, ElementOverrides(path="", affine_xy=AFFINE))
    with pytest.raises(InputError, match="SpatialData keeps"):
        instance.override(artifact, ElementOverrides(path="images/he", is_labels=True))
