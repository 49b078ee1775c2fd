"""A small SpatialData object, and whether two hold the same: pixels, coordinates, places, tables, transformations."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely
import spatialdata
from anndata import AnnData
from geopandas.testing import assert_geodataframe_equal
from spatialdata.models import Image2DModel, Labels2DModel, PointsModel, ShapesModel, TableModel
from spatialdata.transformations import Affine, Identity, Scale, get_transformation
from xarray import DataTree

AXES = ("x", "y", "z")


def build_small(n_points=2000):
    rng = np.random.default_rng(7)
    ids = np.arange(1, 31)
    table = AnnData(
        rng.poisson(2, (30, 5)).astype("float32"),
        obs=pd.DataFrame({"region": pd.Categorical(["cells"] * 30), "cell_id": ids}, index=[f"c{i}" for i in ids]),
    )
    places = rng.uniform(0, 90, (30, 2))
    frame = pd.DataFrame(rng.uniform(0, 100, (n_points, 2)), columns=["x", "y"])
    frame["gene"] = pd.Categorical.from_codes(rng.integers(0, 4, n_points), ["A", "B", "C", "D"])
    affine = Affine([[2, 0.5, 3], [-0.5, 2, 4], [0, 0, 1]], input_axes=("x", "y"), output_axes=("x", "y"))
    return spatialdata.SpatialData(
        images={
            "flat": Image2DModel.parse(rng.integers(0, 999, (2, 60, 70)).astype("uint16"), dims=("c", "y", "x")),
            "deep": Image2DModel.parse(
                rng.integers(0, 255, (3, 128, 96)).astype("uint8"),
                dims=("c", "y", "x"),
                c_coords=["r", "g", "b"],
                scale_factors=[2, 2],
                transformations={"global": Scale([0.5, 0.25], axes=("x", "y")), "slide": affine},
            ),
        },
        labels={"ids": Labels2DModel.parse(rng.integers(0, 30, (64, 64)).astype("int32"), dims=("y", "x"))},
        points={"spots": PointsModel.parse(frame, feature_key="gene", transformations={"global": affine})},
        shapes={
            "cells": ShapesModel.parse(
                geopandas.GeoDataFrame({"geometry": [shapely.box(x, y, x + 5, y + 7) for x, y in places]}, index=ids)
            ),
            "beads": ShapesModel.parse(places, geometry=0, radius=2.5, transformations={"global": Identity()}),
        },
        tables={"table": TableModel.parse(table, region="cells", region_key="region", instance_key="cell_id")},
    )


def assert_same_spatialdata(found, expected, *, in_order=True):
    for kind in ("images", "labels", "points", "shapes", "tables"):
        names = sorted(getattr(expected, kind))
        assert sorted(getattr(found, kind)) == names, kind
        for name in names:
            one, other = getattr(found, kind)[name], getattr(expected, kind)[name]
            match kind:
                case "points":
                    assert_same_points(one, other, in_order=in_order)
                case "shapes":
                    assert_same_shapes(one, other)
                case "tables":
                    assert_same_table(one, other)
                case _:
                    assert_same_raster(one, other)
            if kind != "tables":
                assert_same_transformations(one, other)


def list_levels(raster):
    if isinstance(raster, DataTree):
        return [next(iter(node.ds.data_vars.values())) for node in raster.children.values()]
    return [raster]


def assert_same_raster(found, expected):
    levels, others = list_levels(found), list_levels(expected)
    assert len(levels) == len(others)
    for level, other in zip(levels, others, strict=True):
        assert level.dims == other.dims
        assert level.dtype == other.dtype
        np.testing.assert_array_equal(level.values, other.values)
        for name in other.coords:
            if name == "c":  # names of channels are text in OME-Zarr; spatialdata also writes numbers
                assert list(map(str, level.coords["c"].values)) == list(map(str, other.coords["c"].values))
            else:
                np.testing.assert_allclose(level.coords[name].values, other.coords[name].values, rtol=1e-14)


def assert_same_points(found, expected, *, in_order=True):
    one, other = found.compute(), expected.compute()
    assert sorted(one.columns) == sorted(other.columns)
    one, other = one[sorted(one.columns)], other[sorted(one.columns)]
    if not in_order:
        one, other = (_sort(frame) for frame in (one, other))
    ours, theirs = (element.attrs.get("spatialdata_attrs", {}) for element in (found, expected))
    if "feature_key" not in theirs and "feature_key" in ours:  # ours names the column of genes, which theirs left open
        theirs = {**theirs, "feature_key": ours["feature_key"]}
        one, other = (frame.astype({ours["feature_key"]: str}) for frame in (one, other))
    assert ours == theirs
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), check_categorical=False)


def assert_same_shapes(found, expected):
    assert_geodataframe_equal(found, expected, check_like=True, check_crs=False)


def assert_same_table(found, expected):
    pd.testing.assert_frame_equal(_widen(found.obs), _widen(expected.obs))
    pd.testing.assert_frame_equal(_widen(found.var), _widen(expected.var))
    for key in expected.obsm:
        np.testing.assert_array_equal(np.asarray(found.obsm[key]), np.asarray(expected.obsm[key]))
    if expected.X is None:
        assert found.X is None
    else:
        np.testing.assert_array_equal(_to_dense(found.X), _to_dense(expected.X))
    assert sorted(found.layers) == sorted(expected.layers)
    assert _read_link(found) == _read_link(expected)


def assert_same_transformations(found, expected):
    ours, theirs = (get_transformation(element, get_all=True) for element in (found, expected))
    assert sorted(ours) == sorted(theirs)
    for name, transformation in theirs.items():
        matrices = [one.to_affine_matrix(AXES, AXES) for one in (ours[name], transformation)]
        np.testing.assert_allclose(matrices[0], matrices[1], rtol=0, atol=1e-12)


def _read_link(table):
    link = dict(table.uns.get("spatialdata_attrs", {}))
    if "region" in link:  # one name, or a list of one, says the same
        link["region"] = [link["region"]] if isinstance(link["region"], str) else list(link["region"])
    return link


def _widen(frame):
    """Whole numbers of 64 bits: for the web they are written with as few as hold them."""
    return frame.astype({name: "int64" for name, dtype in frame.dtypes.items() if dtype.kind in "iu"})


def _sort(frame):
    """Rows by their values, not by the order of categories."""
    texts = {name: str for name, dtype in frame.dtypes.items() if dtype == "category"}
    return frame.astype(texts).sort_values(list(frame.columns), kind="stable")


def _to_dense(matrix):
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
