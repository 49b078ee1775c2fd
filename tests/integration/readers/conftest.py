"""Datasets written by the libraries that own the formats."""

import numpy as np
import pytest

from vitrina.readers.quiet import without_format_warnings


def build_spatialdata():
    import anndata
    import geopandas
    import pandas as pd
    import spatialdata
    from shapely import MultiPolygon, Point, Polygon
    from spatialdata import models
    from spatialdata.transformations import Affine, MapAxis, Scale, Sequence, Translation

    rng = np.random.default_rng(0)
    xy = ("x", "y")
    triangle = Polygon([(0, 0), (10, 0), (0, 20)])
    table = anndata.AnnData(
        rng.random((3, 5), dtype=np.float32),
        obs=pd.DataFrame(
            {
                "region": pd.Categorical(["circles"] * 3),
                "id": [0, 1, 2],
                "is_tumor": pd.array([True, None, False], dtype="boolean"),
                "note": ["a", "b", "c"],
                "cell_type": pd.Categorical(["T", "B", "T"]),
            },
            index=list("abc"),
        ),
    )
    table.obsm["spatial"] = np.array([[0.0, 5.0], [1.0, 7.0], [2.0, 6.0]])
    return spatialdata.SpatialData(
        images={
            "he": models.Image2DModel.parse(
                rng.integers(0, 255, (3, 200, 300), dtype=np.uint8),
                dims=("c", "y", "x"),
                c_coords=["r", "g", "b"],
                scale_factors=[2, 2],
                transformations={
                    "global": Scale([0.5, 0.25], axes=xy),
                    "moved": Sequence([Scale([2, 3], axes=xy), Translation([10, 20], axes=xy)]),
                    "sheared": Affine([[1, 2, 3], [4, 5, 6], [0, 0, 1]], input_axes=xy, output_axes=xy),
                    "swapped": MapAxis({"x": "y", "y": "x"}),
                },
            ),
            "stack": models.Image3DModel.parse(
                rng.integers(0, 900, (2, 4, 64, 32)).astype(np.uint16), dims=("c", "z", "y", "x")
            ),
        },
        labels={"nuclei": models.Labels2DModel.parse(np.eye(40, 30, dtype=np.int32), dims=("y", "x"))},
        points={
            "transcripts": models.PointsModel.parse(
                pd.DataFrame(
                    {
                        "x": np.linspace(-5, 300, 1000),
                        "y": np.linspace(3, 200, 1000),
                        "gene": pd.Categorical(rng.choice(["Actb", "Gapdh"], 1000)),
                        "quality": rng.random(1000),
                    }
                ),
                feature_key="gene",
            )
        },
        shapes={
            "cells": models.ShapesModel.parse(geopandas.GeoDataFrame({"geometry": [triangle] * 3})),
            "mixed": models.ShapesModel.parse(
                geopandas.GeoDataFrame({"geometry": [triangle, MultiPolygon([triangle])]})
            ),
            "circles": models.ShapesModel.parse(
                geopandas.GeoDataFrame({"geometry": [Point(i, 2 * i) for i in range(3)], "radius": [1.0, 2.0, 3.0]})
            ),
        },
        tables={"table": models.TableModel.parse(table, region="circles", region_key="region", instance_key="id")},
        attrs={"vitrina": {"simulated": True}},
    )


@pytest.fixture(scope="session", params=[2, 3], ids=["zarr2", "zarr3"])
def written_spatialdata(request, tmp_path_factory):
    """A SpatialData object, the store it was written to, and the Zarr format of it."""
    from spatialdata._io.format import SpatialDataContainerFormatV01, SpatialDataContainerFormatV02

    path = tmp_path_factory.mktemp("written") / "section.zarr"
    formats = {2: SpatialDataContainerFormatV01(), 3: SpatialDataContainerFormatV02()}
    with without_format_warnings():
        dataset = build_spatialdata()
        dataset.write(path, sdata_formats=formats[request.param])
    return dataset, path, request.param


def build_anndata():
    import anndata
    import pandas as pd
    from scipy import sparse

    rng = np.random.default_rng(0)
    counts = sparse.random(60, 150, density=0.2, format="csc", dtype=np.float32, rng=rng)
    dataset = anndata.AnnData(
        counts,
        obs=pd.DataFrame(
            {
                "cell_type": pd.Categorical(rng.choice(["B", "T", "NK"], 60), categories=["B", "T", "NK", "unused"]),
                "batch": pd.Categorical(rng.integers(0, 2, 60)),
                "n_counts": np.arange(60, dtype=np.int64),
                "is_doublet": rng.random(60) > 0.5,
                "age": pd.array([1, None] * 30, dtype="Int32"),
            },
            index=[f"cell{i}" for i in range(60)],
        ),
        var=pd.DataFrame({"mean": rng.random(150)}, index=[f"gene{i}" for i in range(150)]),
        obsm={
            "X_umap": rng.random((60, 2)),
            "spatial": rng.random((60, 2)) * 100,
            "frame": pd.DataFrame(rng.random((60, 3)), columns=list("abc"), index=[f"cell{i}" for i in range(60)]),
        },
        layers={"raw": counts.copy()},
        uns={"vitrina": {"simulated": True}},
    )
    dataset.strings_to_categoricals()
    return dataset


@pytest.fixture(scope="session", params=["h5ad", "zarr2", "zarr3", "zip"])
def written_anndata(request, tmp_path_factory):
    """An AnnData object, the file or store it was written to, and how."""
    import shutil

    import anndata

    folder = tmp_path_factory.mktemp("anndata")
    with without_format_warnings():
        dataset = build_anndata()
        if request.param == "h5ad":
            path = folder / "cells.h5ad"
            dataset.write_h5ad(path)
            return dataset, path, request.param
        path = folder / "cells.zarr"
        with anndata.settings.override(zarr_write_format=2 if request.param == "zarr2" else 3):
            dataset.write_zarr(path)
    if request.param == "zip":
        shutil.make_archive(str(path), "zip", path)
        path = folder / "cells.zarr.zip"
    return dataset, path, request.param
