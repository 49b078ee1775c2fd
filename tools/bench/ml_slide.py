"""The slide that training loaders are measured on: stained tissue, 3 x 12,288 x 12,288 pixels, 119,025 cells."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import pandas as pd
import shapely
from anndata import AnnData
from spatialdata import SpatialData
from spatialdata.models import Image2DModel, ShapesModel, TableModel

from vitrina.simulate.cell_types import CELL_TYPES
from vitrina.simulate.histology import build_he
from vitrina.simulate.section import SectionParameters
from vitrina.simulate.specimen import build_specimen
from vitrina.simulate.texture import build_texture

if TYPE_CHECKING:
    from pathlib import Path

N_TIMES = 3
"""The simulated section is mirrored so often along each side."""
CHUNK_PX = 1024
SECTION = SectionParameters(n_cells=13_225, n_genes=50, n_transcripts=1_000)
QUICK = SectionParameters(n_cells=1_469, n_genes=50, n_transcripts=1_000, width_um=683, height_um=683)


def make_slide(path: Path, *, quick: bool) -> None:
    """Write the slide as SpatialData, once: image, circles around the cells and a table with their types."""
    if path.exists():
        return
    import dask.array

    specimen = build_specimen(QUICK if quick else SECTION)
    he = build_he(specimen, build_texture(specimen))
    side = he.shape[1]
    rows = [he, he[:, ::-1], he]
    image = np.concatenate([np.concatenate([row, row[:, :, ::-1], row], axis=2) for row in rows], axis=1)
    centre = specimen.cells.centre_xy / specimen.parameters.pixel_size_um
    places = []
    for down in range(N_TIMES):
        for right in range(N_TIMES):
            x, y = (
                side - own if flipped else own for own, flipped in zip(centre.T, (right == 1, down == 1), strict=True)
            )
            places.append(np.stack([x + right * side, y + down * side], axis=1))
    xy = np.concatenate(places)
    types = np.array([cell_type.name for cell_type in CELL_TYPES])[np.tile(specimen.cells.type_code, N_TIMES**2)]
    circles = geopandas.GeoDataFrame({"geometry": shapely.points(xy), "radius": 8.0}, index=np.arange(len(xy)))
    obs = pd.DataFrame(
        {
            "cell_id": np.arange(len(xy)),
            "region": pd.Categorical(["cells"] * len(xy)),
            "cell_type": pd.Categorical(types),
        },
        index=np.arange(len(xy)).astype(str),
    )
    sdata = SpatialData(
        images={
            "he": Image2DModel.parse(
                dask.array.from_array(image, (3, CHUNK_PX, CHUNK_PX)), dims=("c", "y", "x"), c_coords=["r", "g", "b"]
            )
        },
        shapes={"cells": ShapesModel.parse(circles)},
        tables={
            "table": TableModel.parse(AnnData(obs=obs), region="cells", region_key="region", instance_key="cell_id")
        },
    )
    part = path.with_name(path.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(parents=True, exist_ok=True)
    sdata.write(part)
    part.rename(path)
