"""The parts of a section as elements of SpatialData, placed in the coordinate system ``global`` in micrometres.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html (elements, coordinate systems);
https://spatialdata.scverse.org/en/stable/api/models.html (what each model demands).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.simulate.genes import PANEL
from vitrina.simulate.pyramid import build_image_levels, build_label_levels

if TYPE_CHECKING:
    import dask.dataframe
    import geopandas
    import numpy as np
    import numpy.typing as npt
    import xarray

    from vitrina.simulate.arrays import Floats, Ints
    from vitrina.simulate.transcripts import Transcripts

CHUNK_PX = 512
"""Side of a chunk: one tile of the viewer."""


def build_image(image_cyx: Ints, channels: tuple[str, ...], pixel_size_um: float) -> xarray.DataTree:
    """A multiscale image, one channel per chunk: the viewer fetches channels one by one."""
    return _build_tree(build_image_levels(image_cyx), ("c", "y", "x"), {"c": list(channels)}, pixel_size_um)


def build_labels(labels_yx: Ints, pixel_size_um: float) -> xarray.DataTree:
    """A multiscale label image."""
    return _build_tree(build_label_levels(labels_yx), ("y", "x"), {}, pixel_size_um)


def build_shapes(polygons_nkxy: Floats) -> geopandas.GeoDataFrame:
    """Polygons; the index is the id of the cell, from 1."""
    import geopandas
    import numpy as np
    import shapely
    from spatialdata.models import ShapesModel

    polygons = shapely.polygons(polygons_nkxy)
    ids = np.arange(1, len(polygons) + 1)
    return ShapesModel.parse(geopandas.GeoDataFrame({"geometry": polygons}, index=ids))


def build_points(transcripts: Transcripts, n_genes: int) -> dask.dataframe.DataFrame:
    """Transcripts: place, gene by name and by position in the panel, cell (0 outside of all cells), quality."""
    import pandas as pd
    from spatialdata.models import PointsModel

    genes = pd.Index(PANEL[:n_genes], dtype=str)
    frame = pd.DataFrame(
        {
            "x": transcripts.xy[:, 0],
            "y": transcripts.xy[:, 1],
            "gene": pd.Categorical.from_codes(transcripts.gene_code, genes),
            "gene_codes": transcripts.gene_code,
            "cell_id": transcripts.cell_id,
            "qv": transcripts.quality,
        }
    )
    points: dask.dataframe.DataFrame = PointsModel.parse(
        frame, coordinates={"x": "x", "y": "y"}, feature_key="gene", npartitions=1
    )
    return points


def _build_tree(
    levels: list[npt.NDArray[np.generic]], dims: tuple[str, ...], coords: dict[str, Any], pixel_size_um: float
) -> xarray.DataTree:
    """A multiscale element; the coordinates of every level are the centres of its pixels, in pixels of the finest."""
    import dask.array
    import numpy as np
    from spatialdata.models import Image2DModel, Labels2DModel
    from spatialdata.transformations import Scale, set_transformation
    from xarray import DataArray, Dataset, DataTree

    scales = {}
    for index, level in enumerate(levels):
        centres = {
            axis: (np.arange(n) + 0.5) * (full / n)
            for axis, n, full in zip(("y", "x"), level.shape[-2:], levels[0].shape[-2:], strict=True)
        }
        chunk_shape = (1, CHUNK_PX, CHUNK_PX)[-len(dims) :]
        chunks = dask.array.from_array(level, chunk_shape)  # type: ignore[no-untyped-call]  # dask gives no types
        scales[f"scale{index}"] = Dataset({"image": DataArray(chunks, dims=dims, coords=coords | centres)})
    scale = Scale([pixel_size_um, pixel_size_um], axes=("x", "y"))
    scales["scale0"]["image"].attrs["transform"] = {"global": scale}
    tree = DataTree.from_dict(scales)
    set_transformation(tree, scale, "global")  # and to the coarser levels
    (Image2DModel if "c" in dims else Labels2DModel)().validate(tree)
    return tree
