"""SpatialData over HTTP: element by element from the gateway, and whole once its files are fetched.

spatialdata 0.8 itself opens nothing but local paths: of an address it fails before it asks for anything.
"""

import json
import urllib.parse
import urllib.request
from pathlib import Path

import anndata
import dask.array
import geopandas
import numpy as np
import pandas as pd
import pytest
import spatialdata
import zarr
from geopandas.testing import assert_geodataframe_equal
from same_spatialdata import assert_same_spatialdata, build_small, list_levels
from spatialdata._io.format import SpatialDataContainerFormatV01, SpatialDataContainerFormatV02

FORMATS = {"0.1": SpatialDataContainerFormatV01(), "0.2": SpatialDataContainerFormatV02()}

pytestmark = pytest.mark.filterwarnings("ignore:SpatialData is not stored in the most current format:UserWarning")


@pytest.fixture(scope="module", params=FORMATS)
def stored(request, tmp_path_factory):
    """A small object, written by spatialdata in one of its formats: Zarr 2 and Zarr 3."""
    path = tmp_path_factory.mktemp("spatialdata") / f"small-{request.param}.zarr"
    build_small().write(path, sdata_formats=FORMATS[request.param])
    return path


@pytest.fixture(params=[2, 3])
def url(request, hub, stored):
    return hub.build_zarr_url(hub.add(stored), request.param)


@pytest.fixture
def expected(stored):
    return spatialdata.read_zarr(stored)


def test_groups_name_the_elements(url, expected):
    group = zarr.open_group(url, mode="r")
    for kind in ("images", "labels", "points", "shapes", "tables"):
        assert set(group[kind].keys()) == set(getattr(expected, kind))


def test_pixels_are_read_level_by_level(url, expected):
    group = zarr.open_group(url, mode="r")
    for path, raster in {
        **{f"images/{name}": raster for name, raster in expected.images.items()},
        **{f"labels/{name}": raster for name, raster in expected.labels.items()},
    }.items():
        attrs = group[path].attrs
        datasets = attrs.get("ome", attrs)["multiscales"][0]["datasets"]
        levels = list_levels(raster)
        assert len(datasets) == len(levels)
        for dataset, level in zip(datasets, levels, strict=True):
            found = dask.array.from_zarr(f"{url}/{path}", component=dataset["path"])
            np.testing.assert_array_equal(found.compute(scheduler="synchronous"), level.values)


def test_shapes_and_points_are_parquet(url, expected):
    for name, shapes in expected.shapes.items():
        found = geopandas.read_parquet(f"{url}/shapes/{name}/shapes.parquet")
        assert_geodataframe_equal(found, shapes, check_like=True, check_crs=False)
    for name, points in expected.points.items():
        found = pd.read_parquet(f"{url}/points/{name}/points.parquet/part.0.parquet")
        found.index.name = None  # dask's own
        pd.testing.assert_frame_equal(found, points.compute(), check_like=True, check_categorical=False)


def test_tables_are_anndata(url, expected):
    for name, table in expected.tables.items():
        found = anndata.read_zarr(f"{url}/tables/{name}")
        pd.testing.assert_frame_equal(found.obs, table.obs)
        np.testing.assert_array_equal(found.X, table.X)
        assert found.uns["spatialdata_attrs"]["instance_key"] == table.uns["spatialdata_attrs"]["instance_key"]


def fetch(hub_url, uid, folder):
    """The files of a dataset, as docs/how-to/clients.md fetches them."""

    def read_json(path):
        with urllib.request.urlopen(f"{hub_url}/api/v1/artifacts/{uid}{path}") as answer:
            return json.load(answer)

    def fetch_folder(inside):
        query = urllib.parse.urlencode({"folder": inside, "limit": 10_000})
        for entry in read_json(f"/files?{query}")["items"]:
            path = f"{inside}/{entry['name']}".lstrip("/")
            if entry["is_folder"]:
                fetch_folder(path)
            else:
                target = Path(folder, basename, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                urllib.request.urlretrieve(f"{hub_url}/data/{uid}/{basename}/{urllib.parse.quote(path)}", target)

    basename = read_json("")["basename"]
    fetch_folder("")
    return Path(folder, basename)


def test_spatialdata_reads_what_is_fetched(hub, stored, expected, tmp_path):
    fetched = fetch(hub.url, hub.add(stored).uid, tmp_path)
    assert_same_spatialdata(spatialdata.read_zarr(fetched), expected)


def test_spatialdata_opens_no_address(url):
    with pytest.raises(TypeError, match=r"isinstance\(\) arg 2 must be a type"):
        spatialdata.read_zarr(url)
