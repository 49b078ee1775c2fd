"""Whether two SpatialData objects hold the same: pixels, coordinates, positions, tables, transformations."""

from __future__ import annotations

import numpy as np
import pandas as pd
from geopandas.testing import assert_geodataframe_equal
from spatialdata.transformations import get_transformation
from xarray import DataTree

AXES = ("x", "y", "z")


def assert_same_spatialdata(found, expected):
    for kind in ("images", "labels", "points", "shapes", "tables"):
        names = sorted(getattr(expected, kind))
        assert sorted(getattr(found, kind)) == names, kind
        for name in names:
            one, other = getattr(found, kind)[name], getattr(expected, kind)[name]
            {"images": assert_same_raster, "labels": assert_same_raster, "points": assert_same_points}.get(
                kind, assert_same_shapes if kind == "shapes" else assert_same_table
            )(one, other)
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
    pd.testing.assert_frame_equal(found.obs, expected.obs)
    pd.testing.assert_frame_equal(found.var, expected.var)
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


def _sort(frame):
    return frame.sort_values(list(frame.columns), kind="stable")


def _to_dense(matrix):
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)
