"""A simulated section as SpatialData, in memory or on disk.

Every element lies in the coordinate system ``global``, in micrometres, as in the output of the instruments: polygons,
transcripts and centres are given in micrometres, images and label images in pixels with a scale.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from vitrina.errors import ConflictError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from spatialdata import SpatialData

    from vitrina.simulate.arrays import Doubles, Ints
    from vitrina.simulate.cells import Cells
    from vitrina.simulate.outlines import Outlines
    from vitrina.simulate.section import SectionParameters
    from vitrina.simulate.tissue import Tissue
    from vitrina.simulate.transcripts import Transcripts

type Progress = Callable[[str, float], None]
"""Is told what happens next, and which share of the work is done."""

GENERATOR = "vitrina.simulate"
CHUNK_PX = 512
ROWS_PER_GROUP = 50_000
"""Rows of one row group of the transcripts; they are in Morton order, so that a group is a compact piece of tissue."""


def build_section(parameters: SectionParameters, progress: Progress | None = None) -> SpatialData:
    """A whole section in memory: about 2 GB at its peak for the default parameters."""
    import numpy as np
    from spatialdata import SpatialData

    from vitrina.simulate.cells import build_cells
    from vitrina.simulate.labels import draw_labels
    from vitrina.simulate.outlines import build_outlines
    from vitrina.simulate.table import build_table
    from vitrina.simulate.tissue import build_tissue

    tell = progress or _ignore
    tell("Laying out the tissue", 0.0)
    tissue = build_tissue(parameters)
    tell("Placing the cells", 0.15)
    cells = build_cells(parameters, tissue)
    outlines = build_outlines(parameters, cells)
    labels_yx, nuclei_yx = (
        draw_labels(polygons, parameters.shape_yx, parameters.pixel_size_um)
        for polygons in (outlines.cell_nkxy, outlines.nucleus_nkxy)
    )
    tell("Scattering the transcripts", 0.25)
    transcripts = _build_transcripts(parameters, tissue, cells, outlines, labels_yx)
    tell("Arranging the cells by their genes", 0.35)
    table = build_table(parameters, cells, outlines, transcripts)
    tell("Staining the section", 0.45)
    images = _build_images(parameters, tissue, cells, outlines, labels_yx, nuclei_yx)
    tell("Building the pyramids", 0.8)
    return SpatialData(
        images=images,
        labels={
            "cell_labels": _parse_labels(labels_yx, parameters),
            "nucleus_labels": _parse_labels(nuclei_yx, parameters),
        },
        shapes={
            "cells": _parse_polygons(outlines.cell_nkxy, np.arange(1, parameters.n_cells + 1)),
            "nuclei": _parse_polygons(outlines.nucleus_nkxy, np.arange(1, parameters.n_cells + 1)),
        },
        points={"transcripts": _parse_points(transcripts, parameters)},
        tables={"table": _parse_table(table)},
        attrs={"vitrina": {"simulated": True, "generator": GENERATOR, "parameters": parameters.build_json()}},
    )


def write_section(parameters: SectionParameters, path: Path, progress: Progress | None = None) -> None:
    """Writes a section as SpatialData Zarr, ready for the browser. Nothing is left behind when it fails.

    Raises:
        ConflictError: There is something at the path.
        StorageError: The disk is full, or may not be written to.
    """
    if path.exists():
        raise ConflictError(
            "path-exists",
            f"Cannot write the simulated section: {path} exists.",
            hint="Choose another path.",
            where=str(path),
        )
    section = build_section(parameters, progress)
    (progress or _ignore)("Writing", 0.85)
    try:
        section.write(path, shapes_geometry_encoding="WKB", update_sdata_path=False)
        _regroup_rows(path / "points" / "transcripts" / "points.parquet")
    except BaseException as err:
        shutil.rmtree(path, ignore_errors=True)
        if isinstance(err, OSError):
            raise StorageError(
                "section-not-written", f"The simulated section could not be written to {path}: {err}.", where=str(path)
            ) from err
        raise
    (progress or _ignore)("Done", 1.0)


def _ignore(step: str, share_done: float) -> None:
    """Nobody wants to know."""


def _build_transcripts(
    parameters: SectionParameters, tissue: Tissue, cells: Cells, outlines: Outlines, labels_yx: Ints
) -> Transcripts:
    import numpy as np

    from vitrina.simulate.expression import build_rates
    from vitrina.simulate.outlines import measure_areas
    from vitrina.simulate.transcripts import build_transcripts
    from vitrina.simulate.zones import Zone

    rates = build_rates(parameters, cells, measure_areas(outlines.cell_nkxy))
    tissue_yx = tissue.enlarge((tissue.zone_yx != Zone.GLASS).astype(np.float32), parameters) > 0.5
    return build_transcripts(parameters, rates, outlines, labels_yx, tissue_yx)


def _build_images(
    parameters: SectionParameters, tissue: Tissue, cells: Cells, outlines: Outlines, labels_yx: Ints, nuclei_yx: Ints
) -> dict[str, Any]:
    from vitrina.simulate.fluorescence import CHANNELS, build_fluorescence
    from vitrina.simulate.histology import build_he
    from vitrina.simulate.texture import build_texture

    texture = build_texture(parameters, tissue)
    he_cyx = build_he(parameters, tissue, cells, outlines, labels_yx, nuclei_yx, texture)
    fluorescence_cyx = build_fluorescence(parameters, tissue, cells, labels_yx, nuclei_yx, texture)
    return {
        "he": _parse_image(he_cyx, ("r", "g", "b"), parameters),
        "fluorescence": _parse_image(fluorescence_cyx, CHANNELS, parameters),
    }


def _parse_image(image_cyx: npt.NDArray[np.generic], channels: tuple[str, ...], parameters: SectionParameters) -> Any:
    from vitrina.simulate.pyramid import build_image_levels

    levels = build_image_levels(image_cyx)
    return _build_tree(levels, ("c", "y", "x"), {"c": list(channels)}, parameters)


def _parse_labels(labels_yx: Ints, parameters: SectionParameters) -> Any:
    from vitrina.simulate.pyramid import build_label_levels

    return _build_tree(build_label_levels(labels_yx), ("y", "x"), {}, parameters)


def _build_tree(
    levels: list[npt.NDArray[np.generic]],
    dims: tuple[str, ...],
    coords: dict[str, Any],
    parameters: SectionParameters,
) -> Any:
    """A multiscale element of SpatialData, one channel per chunk: the viewer fetches channels one by one."""
    import dask.array as da
    import numpy as np
    from spatialdata.models import Image2DModel, Labels2DModel
    from spatialdata.transformations import Scale, set_transformation
    from xarray import DataArray, Dataset, DataTree

    chunks = (1, CHUNK_PX, CHUNK_PX)[-len(dims) :]
    scales = {}
    for index, level in enumerate(levels):
        centres = {
            axis: (np.arange(n) + 0.5) * (full / n)
            for axis, n, full in zip(("y", "x"), level.shape[-2:], levels[0].shape[-2:], strict=True)
        }
        array = DataArray(da.from_array(level, chunks), dims=dims, coords=coords | centres)
        scales[f"scale{index}"] = Dataset({"image": array})
    scale = Scale([parameters.pixel_size_um, parameters.pixel_size_um], axes=("x", "y"))
    scales["scale0"]["image"].attrs["transform"] = {"global": scale}
    tree = DataTree.from_dict(scales)
    set_transformation(tree, scale, "global")  # and to the coarser levels
    (Image2DModel if "c" in dims else Labels2DModel)().validate(tree)
    return tree


def _parse_polygons(polygons_nkxy: Doubles, ids: npt.NDArray[np.int64]) -> Any:
    import geopandas
    import numpy as np
    import shapely
    from spatialdata.models import ShapesModel

    closed = np.concatenate((polygons_nkxy, polygons_nkxy[:, :1]), axis=1)
    rings = shapely.linearrings(closed)
    return ShapesModel.parse(geopandas.GeoDataFrame({"geometry": shapely.polygons(rings)}, index=ids))


def _parse_points(transcripts: Transcripts, parameters: SectionParameters) -> Any:
    import dask.dataframe as dd
    import pandas as pd
    from spatialdata.models import PointsModel

    from vitrina.simulate.genes import PANEL

    genes = list(PANEL[: parameters.n_genes])
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
    partition = dd.from_pandas(frame, npartitions=1)
    return PointsModel.parse(partition, coordinates={"x": "x", "y": "y"}, feature_key="gene")


def _parse_table(table: Any) -> Any:
    from spatialdata.models import TableModel

    from vitrina.simulate.table import INSTANCE_KEY, REGION, REGION_KEY

    return TableModel.parse(table, region=REGION, region_key=REGION_KEY, instance_key=INSTANCE_KEY)


def _regroup_rows(folder: Path) -> None:
    """Writes Parquet files anew with small row groups, so that a reader can skip what it does not need."""
    from pyarrow import parquet

    for file in sorted(folder.glob("*.parquet")):
        rows = parquet.read_table(file)
        regrouped = file.with_name(file.name + ".new")
        parquet.write_table(rows, regrouped, row_group_size=ROWS_PER_GROUP, compression="snappy")
        regrouped.replace(file)
