"""A simulated section as SpatialData, in memory or on disk.

Every element lies in the coordinate system ``global``, in micrometres, as in the output of the instruments: polygons,
transcripts and centres are given in micrometres, images and label images in pixels with a scale.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from vitrina.errors import ConflictError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from spatialdata import SpatialData

    from vitrina.simulate.section import SectionParameters

type Progress = Callable[[int, int], None]
"""Called with steps done and steps in all; the steps take about equally long."""

COMPRESSOR = {"zstd": 1}
"""As small as lz4 at its best on noisy images, and written twice as fast."""
GENERATOR = "vitrina.simulate"
N_STEPS = 10
ROWS_PER_GROUP = 50_000
"""Rows of one row group of the transcripts; they are in Morton order, so that a group is a compact piece of tissue."""


def build_section(parameters: SectionParameters, progress: Progress | None = None) -> SpatialData:
    """A whole section in memory: about 2 GB at its peak for the default parameters."""
    from spatialdata import SpatialData
    from spatialdata.models import TableModel

    from vitrina.simulate.elements import build_image, build_labels, build_points, build_shapes
    from vitrina.simulate.fluorescence import CHANNELS, build_fluorescence
    from vitrina.simulate.histology import build_he
    from vitrina.simulate.specimen import build_specimen
    from vitrina.simulate.table import INSTANCE_KEY, REGION, REGION_KEY, build_table
    from vitrina.simulate.texture import build_texture
    from vitrina.simulate.transcripts import build_transcripts

    tell, pixel_size_um = progress or _ignore, parameters.pixel_size_um
    tell(0, N_STEPS)
    specimen = build_specimen(parameters)
    tell(2, N_STEPS)
    transcripts, texture = build_transcripts(specimen), build_texture(specimen)
    with ThreadPoolExecutor() as pool:  # numpy and scipy let other threads run
        he = pool.submit(build_he, specimen, texture)
        fluorescence = pool.submit(build_fluorescence, specimen, texture)
        table = build_table(specimen, transcripts)
    tell(7, N_STEPS)
    return SpatialData(
        images={
            "he": build_image(he.result(), ("r", "g", "b"), pixel_size_um),
            "fluorescence": build_image(fluorescence.result(), CHANNELS, pixel_size_um),
        },
        labels={
            "cell_labels": build_labels(specimen.labels_yx, pixel_size_um),
            "nucleus_labels": build_labels(specimen.nuclei_yx, pixel_size_um),
        },
        shapes={
            "cells": build_shapes(specimen.outlines.cell_nkxy),
            "nuclei": build_shapes(specimen.outlines.nucleus_nkxy),
        },
        points={"transcripts": build_points(transcripts, parameters.n_genes)},
        tables={
            "table": TableModel.parse(table, region=REGION, region_key=REGION_KEY, instance_key=INSTANCE_KEY),
        },
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
    (progress or _ignore)(8, N_STEPS)
    try:
        section.write(path, shapes_geometry_encoding="WKB", raster_compressor=COMPRESSOR)
        _regroup_rows(path / "points" / "transcripts" / "points.parquet")
    except BaseException as err:
        shutil.rmtree(path, ignore_errors=True)
        if isinstance(err, OSError):
            raise StorageError(
                "section-not-written", f"The simulated section could not be written to {path}: {err}.", where=str(path)
            ) from err
        raise
    (progress or _ignore)(N_STEPS, N_STEPS)


def _ignore(done: int, total: int) -> None:
    """Nobody wants to know."""


def _regroup_rows(folder: Path) -> None:
    """Writes Parquet files anew with small row groups, so that a reader can skip what it does not need."""
    from pyarrow import parquet

    for file in sorted(folder.glob("*.parquet")):
        rows = parquet.read_table(file)
        regrouped = file.with_name(file.name + ".new")
        parquet.write_table(rows, regrouped, row_group_size=ROWS_PER_GROUP, compression="snappy")
        regrouped.replace(file)
