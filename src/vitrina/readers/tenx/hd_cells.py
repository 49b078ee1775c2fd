"""Segmented cells of Visium HD: counts per cell, and the outlines of cells and nuclei."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Embedding, ShapesElement
from vitrina.readers.frames import describe_columns
from vitrina.readers.tenx.bundle import tell_missing
from vitrina.readers.tenx.matrix import describe_matrix, find_matrix, read_matrix
from vitrina.readers.tenx.segmentations import CELL_KEY, count_cells, read_cells

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from anndata import AnnData
    from geopandas import GeoDataFrame

    from vitrina.model.content import Element, Placement
    from vitrina.model.finding import Finding
    from vitrina.readers.tenx.bundle import Bundle

CELLS_TABLE = "cells"
CELLS_SHAPES = "cell_segmentations"
NUCLEI_SHAPES = "nucleus_segmentations"
REGION_KEY = "region"
_STEMS = ("filtered_feature_cell_matrix", "raw_feature_cell_matrix")


def describe_cells(
    bundle: Bundle, folder: str, placements: tuple[Placement, ...]
) -> tuple[list[Element], list[Finding]]:
    """The table and the outlines; nothing where the folder is not there.

    Raises:
        UnreadableError: A file is damaged.
    """
    if not (bundle.root / folder).is_dir():
        return [], []
    elements: list[Element] = []
    findings: list[Finding] = []
    for name in (CELLS_SHAPES, NUCLEI_SHAPES):
        path = bundle.find(f"{folder}/{name}.geojson")
        if path is not None:
            elements.append(_describe_outlines(bundle.name(path), name, path, placements))
    matrix = find_matrix(bundle, *(f"{folder}/{stem}" for stem in _STEMS))
    has_outlines = any(element.name == CELLS_SHAPES for element in elements)
    if not has_outlines:
        findings.append(tell_missing(f"{folder}/{CELLS_SHAPES}.geojson", "segmented cells cannot be drawn"))
    if matrix is None:
        findings.append(tell_missing(f"{folder}/{_STEMS[0]}.h5", "there are no counts of segmented cells"))
        return elements, findings
    table, odd = describe_matrix(matrix)
    key = bundle.name(matrix)
    obs = _build_obs(["-"] * min(1, table.n_obs), has_outlines=has_outlines)
    elements.append(
        replace(
            table,
            name=CELLS_TABLE,
            path=key,
            obs_columns=describe_columns(obs),
            embeddings=(Embedding(name="spatial", n_dims=2),) if has_outlines else (),
            region=(CELLS_SHAPES,) if has_outlines else (),
            region_key=REGION_KEY if has_outlines else None,
            instance_key=CELL_KEY if has_outlines else None,
        )
    )
    return elements, [*findings, *(replace(finding, path=f"{key}{finding.path}") for finding in odd)]


def read_cell_table(bundle: Bundle, folder: str) -> AnnData:
    """The counts, with the middle of each outline as its place.

    Raises:
        UnreadableError: A file is missing or damaged.
    """
    import numpy as np

    matrix = find_matrix(bundle, *(f"{folder}/{stem}" for stem in _STEMS))
    if matrix is None:
        raise UnreadableError("bundle-file-missing", f"{bundle.root} has no counts of segmented cells any more.")
    table = read_matrix(matrix)
    outlines = bundle.find(f"{folder}/{CELLS_SHAPES}.geojson")
    table.obs = _build_obs(list(table.obs_names), has_outlines=outlines is not None)
    if outlines is not None:
        centres = read_cells(outlines).geometry.centroid.reindex(table.obs_names)
        table.obsm["spatial"] = np.column_stack((centres.x, centres.y))
        table.uns["spatialdata_attrs"] = {
            "region": CELLS_SHAPES,
            "region_key": REGION_KEY,
            "instance_key": CELL_KEY,
        }
    return table


def read_cell_shapes(path: Path) -> GeoDataFrame:
    """The outlines of cells or nuclei."""
    return read_cells(path)


def _describe_outlines(key: str, name: str, path: Path, placements: tuple[Placement, ...]) -> ShapesElement:
    return ShapesElement(
        name=name, path=key, n_shapes=count_cells(path), geometry="polygon", columns=(), placements=placements
    )


def _build_obs(barcodes: list[Any], *, has_outlines: bool) -> pd.DataFrame:
    import pandas as pd

    obs = pd.DataFrame(index=pd.Index(barcodes, dtype=str))
    if has_outlines:
        obs[REGION_KEY] = pd.Categorical([CELLS_SHAPES] * len(obs), categories=[CELLS_SHAPES])
        obs[CELL_KEY] = obs.index.to_numpy()
    return obs
