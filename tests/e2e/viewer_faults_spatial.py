"""SpatialData with one fault each."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from viewer_faults_image import make_pixels
from viewer_faults_table import make_table
from viewer_trial import Trial


def make_spatial(
    *, size: int = 1024, scale_factors: list[int] | None = None, shapes: str = "circle", **points: Any
) -> Any:
    """An image, 400 cells as shapes with their table, and points where asked."""
    import geopandas
    import spatialdata as sd
    from shapely.geometry import MultiPolygon, Point, box

    rng = np.random.default_rng(0)
    image = sd.models.Image2DModel.parse(
        make_pixels(size=size)[:, 0], dims=("c", "y", "x"), c_coords=["c0", "c1"], scale_factors=scale_factors
    )
    places = [(40 + 48 * (i % 20), 40 + 48 * (i // 20)) for i in range(400)]
    ids = np.arange(400)
    if shapes == "circle":
        frame = geopandas.GeoDataFrame({"radius": 15.0}, geometry=[Point(p) for p in places], index=ids)
    else:
        boxes: list[Any] = [box(x - 15, y - 15, x + 15, y + 15) for x, y in places]
        if shapes == "multi":
            boxes[::2] = [MultiPolygon([one]) for one in boxes[::2]]
        frame = geopandas.GeoDataFrame(geometry=boxes, index=ids)
    table = make_table(400)
    table.obs["region"] = np.array(["cells"] * 400, dtype=object)
    table.obs["region"] = table.obs["region"].astype("category")
    table.obs["cell_id"] = ids
    table = sd.models.TableModel.parse(table, region="cells", region_key="region", instance_key="cell_id")
    elements: dict[str, Any] = {
        "images": {"image": image},
        "shapes": {"cells": sd.models.ShapesModel.parse(frame)},
        "tables": {"table": table},
    }
    if points:
        elements["points"] = {"transcripts": make_points(rng, **points)}
    return sd.SpatialData(**elements)


def make_points(rng: np.random.Generator, *, n: int, feature_key: str | None = "gene", column: str = "gene") -> Any:
    import pandas as pd
    import spatialdata as sd

    frame = pd.DataFrame({"x": rng.uniform(0, 1000, n), "y": rng.uniform(0, 1000, n)}).astype(np.float32)
    frame[column] = pd.Categorical.from_codes(rng.integers(0, 60, n), [f"g{i}" for i in range(60)])
    return sd.models.PointsModel.parse(frame, coordinates={"x": "x", "y": "y"}, feature_key=feature_key)


def build(make: Callable[[], Any], **options: Any) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            make().write(path, **options)

    return write


TRIALS = [
    Trial(name="sd-good.sdata.zarr", code=None, build=build(lambda: make_spatial(scale_factors=[2]))),
    Trial(name="sd-large.sdata.zarr", code=None, build=build(lambda: make_spatial(size=4096, scale_factors=[2, 2, 2]))),
    Trial(
        name="sd-single-scale.sdata.zarr",
        code="spatialdata-single-scale",
        build=build(lambda: make_spatial(size=4096)),
        like="sd-large.sdata.zarr",
    ),
    Trial(name="sd-polygons.sdata.zarr", code=None, build=build(lambda: make_spatial(shapes="polygon"))),
    Trial(
        name="sd-geoarrow.sdata.zarr",
        code="shapes-geoarrow",
        build=build(lambda: make_spatial(shapes="polygon"), shapes_geometry_encoding="geoarrow"),
        like="sd-polygons.sdata.zarr",
    ),
    Trial(
        name="sd-geoarrow-circles.sdata.zarr",
        code="shapes-geoarrow",
        build=build(make_spatial, shapes_geometry_encoding="geoarrow"),
        like="sd-good.sdata.zarr",
    ),
    Trial(
        name="sd-multi.sdata.zarr",
        code="shapes-mixed",
        build=build(lambda: make_spatial(shapes="multi")),
        like="sd-polygons.sdata.zarr",
    ),
    Trial(name="sd-points.sdata.zarr", code=None, build=build(lambda: make_spatial(n=20_000))),
    Trial(
        name="sd-points-no-key.sdata.zarr",
        code="points-feature-key-missing",
        build=build(lambda: make_spatial(n=20_000, feature_key=None)),
        like="sd-points.sdata.zarr",
    ),
    Trial(
        name="sd-points-no-gene.sdata.zarr",
        code="points-feature-key-missing",
        build=build(lambda: make_spatial(n=20_000, feature_key=None, column="q")),
        like="sd-points.sdata.zarr",
    ),
    Trial(name="sd-points-1m.sdata.zarr", code="points-not-tiled", build=build(lambda: make_spatial(n=1_000_000))),
    Trial(name="sd-points-6m.sdata.zarr", code="points-too-many", build=build(lambda: make_spatial(n=6_000_000))),
]
