"""Small valid datasets, written by the libraries that own the formats, and what a checker says of them."""

import shutil

import anndata
import mudata
import numpy as np
import pandas as pd
from scipy import sparse

from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.source import open_source

ROWS, GENES = 12, 7


def list_errors(check, path, **options):
    """Codes of all errors, and where each is; warnings and what is worth knowing are left out."""
    checked = check(open_source(path), **options)
    return [(one.code, one.path) for one in checked.findings if one.severity == "error"]


def list_codes(check, path, **options):
    return {one.code for one in check(open_source(path), **options).findings}


def build_anndata(seed=0, prefix="cell"):
    rng = np.random.default_rng(seed)
    names = [f"{prefix}{i}" for i in range(ROWS)]
    counts = sparse.random(ROWS, GENES, density=0.4, format="csr", dtype=np.float32, rng=rng)
    dataset = anndata.AnnData(
        counts,
        obs=pd.DataFrame(
            {
                "cell_type": pd.Categorical(rng.choice(["B", "T"], ROWS), categories=["B", "T", "unused"]),
                "stage": pd.Categorical(rng.choice(["I", "II"], ROWS), ordered=True),
                "n_counts": np.arange(ROWS, dtype=np.int64),
                "is_doublet": rng.random(ROWS) > 0.5,
                "age": pd.array([1, None] * (ROWS // 2), dtype="Int32"),
                "is_tumor": pd.array([True, None] * (ROWS // 2), dtype="boolean"),
                "note": [f"note {i}" for i in range(ROWS)],
            },
            index=names,
        ),
        var=pd.DataFrame({"mean": rng.random(GENES)}, index=[f"{prefix}-gene{i}" for i in range(GENES)]),
        obsm={"X_umap": rng.random((ROWS, 2)), "frame": pd.DataFrame({"a": rng.random(ROWS)}, index=names)},
        varm={"PCs": rng.random((GENES, 3))},
        obsp={"distances": sparse.random(ROWS, ROWS, density=0.2, format="csc", rng=rng)},
        varp={"correlations": rng.random((GENES, GENES))},
        layers={"dense": counts.toarray(), "csc": counts.tocsc()},
        uns={"title": "a title", "number": 3, "nested": {"list": np.array(["a", "b"]), "nothing": None}},
    )
    dataset.raw = dataset.copy()
    return dataset


def write_h5ad(path):
    with without_format_warnings():
        build_anndata().write_h5ad(path)


def write_anndata_zarr(path, zarr_format):
    with without_format_warnings(), anndata.settings.override(zarr_write_format=zarr_format):
        build_anndata().write_zarr(path)


def build_mudata():
    rna, protein = build_anndata(0), build_anndata(1)
    protein.var_names = [f"protein{i}" for i in range(GENES)]
    protein = protein[2:].copy()  # two observations have no proteins
    for one in (rna, protein):
        one.raw = None
    with without_format_warnings():
        return mudata.MuData({"rna": rna, "protein": protein})


def write_h5mu(path):
    with without_format_warnings():
        build_mudata().write_h5mu(path)


def write_mudata_zarr(path):
    with without_format_warnings():
        build_mudata().write_zarr(path)


def build_spatialdata():
    import geopandas
    import spatialdata
    from shapely import Point, Polygon
    from spatialdata import models
    from spatialdata.transformations import Affine, MapAxis, Scale, Sequence, Translation

    rng = np.random.default_rng(0)
    xy = ("x", "y")
    triangle = Polygon([(0, 0), (10, 0), (0, 20)])
    table = anndata.AnnData(
        rng.random((3, 5), dtype=np.float32),
        obs=pd.DataFrame({"region": pd.Categorical(["circles"] * 3), "id": [0, 1, 2]}, index=list("abc")),
    )
    return spatialdata.SpatialData(
        images={
            "he": models.Image2DModel.parse(
                rng.integers(0, 255, (3, 64, 96), dtype=np.uint8),
                dims=("c", "y", "x"),
                scale_factors=[2],
                transformations={
                    "global": Scale([0.5, 0.25], axes=xy),
                    "moved": Sequence([Scale([2, 3], axes=xy), Translation([10, 20], axes=xy)]),
                    "sheared": Affine([[1, 2, 3], [4, 5, 6], [0, 0, 1]], input_axes=xy, output_axes=xy),
                    "swapped": MapAxis({"x": "y", "y": "x"}),
                },
            )
        },
        labels={"nuclei": models.Labels2DModel.parse(np.eye(40, 30, dtype=np.int32), dims=("y", "x"))},
        points={
            "transcripts": models.PointsModel.parse(
                pd.DataFrame(
                    {
                        "x": np.linspace(-5, 300, 50),
                        "y": np.linspace(3, 200, 50),
                        "gene": pd.Categorical(rng.choice(["Actb", "Gapdh"], 50)),
                    }
                ),
                feature_key="gene",
            )
        },
        shapes={
            "cells": models.ShapesModel.parse(geopandas.GeoDataFrame({"geometry": [triangle] * 3})),
            "circles": models.ShapesModel.parse(
                geopandas.GeoDataFrame({"geometry": [Point(i, 2 * i) for i in range(3)], "radius": [1.0, 2.0, 3.0]})
            ),
        },
        tables={"table": models.TableModel.parse(table, region="circles", region_key="region", instance_key="id")},
    )


def write_spatialdata(path, zarr_format):
    from spatialdata._io.format import SpatialDataContainerFormatV01, SpatialDataContainerFormatV02

    formats = {2: SpatialDataContainerFormatV01(), 3: SpatialDataContainerFormatV02()}
    with without_format_warnings():
        build_spatialdata().write(path, sdata_formats=formats[zarr_format])


def zip_folder(folder):
    return shutil.make_archive(str(folder), "zip", folder)
