"""The elements of a Xenium folder: which files become which, and how they refer to each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column, Placement, ShapesElement, TableElement
from vitrina.readers.frames import describe_frames
from vitrina.readers.tenx.boundaries import describe_boundaries, read_boundaries
from vitrina.readers.tenx.bundle import describing, tell_missing
from vitrina.readers.tenx.cells import CELL_ID, CENTROIDS, build_obs, check_cells, read_cells
from vitrina.readers.tenx.columns import find_columns_file
from vitrina.readers.tenx.masks import describe_masks, read_label_of_cell, read_summary
from vitrina.readers.tenx.matrix import describe_matrix, list_matrices, read_barcodes, read_matrix
from vitrina.readers.tenx.transcripts import describe_transcripts
from vitrina.readers.tenx.xenium_images import GLOBAL, describe_images

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from anndata import AnnData
    from geopandas import GeoDataFrame

    from vitrina.model.content import Element
    from vitrina.model.finding import Finding
    from vitrina.readers.tenx.bundle import Bundle
    from vitrina.readers.tenx.cells import Cells

CELLS_ZARR = "cells.zarr.zip"
OUTLINES = "cell_boundaries"
NUCLEI = "nucleus_boundaries"
CIRCLES = "cell_circles"
MATRIX_STEM = "cell_feature_matrix"
REGION_KEY = "region"
LABEL = "cell_labels"
"""Column with the value of each cell in the label image of cells; spatialdata-io calls it so."""

_MICROMETERS = (Placement(coordinate_system=GLOBAL),)
_CONSEQUENCES = {
    OUTLINES: "cells are drawn as circles of their area",
    NUCLEI: "nuclei are not drawn",
    "transcripts": "molecules are not shown",
}


def describe_elements(bundle: Bundle, pixel_size_um: float, findings: list[Finding]) -> list[Element]:
    """Images, label images, outlines, transcripts, the table; what is damaged is left out and told."""
    elements: list[Element] = list(describe_images(bundle, pixel_size_um, findings))
    scaled = (Placement(coordinate_system=GLOBAL, affine_xy=(pixel_size_um, 0.0, 0.0, 0.0, pixel_size_um, 0.0)),)
    masks = bundle.find(CELLS_ZARR)
    if masks is None:
        findings.append(tell_missing(CELLS_ZARR, "there are no label images of cells and nuclei"))
    else:
        with describing(bundle.name(masks), findings):
            key = bundle.name(masks)
            elements += describe_masks(masks, key=key, pixel_size_um=pixel_size_um, placements=scaled)
    outlines = [_describe_outlines(bundle, name, findings) for name in (OUTLINES, NUCLEI)]
    points = _describe_points(bundle, findings)
    cells = _read_listed_cells(bundle, findings)
    region = OUTLINES if outlines[0] is not None else CIRCLES if cells is not None else None
    table = _describe_table(bundle, cells, region, findings)
    if region == CIRCLES and table is not None and cells is not None:
        elements.append(_describe_circles(bundle, table))
    elements += [element for element in (*outlines, points, table) if element is not None]
    return elements


def read_cell_table(bundle: Bundle, element: TableElement) -> AnnData:
    """Counts and cells in one table; with no variables where there are no counts.

    Raises:
        UnreadableError: A file is damaged.
    """
    import anndata
    import numpy as np
    from scipy.sparse import csr_matrix

    cells, matrix, region = _read_listed_cells(bundle, []), _find_counts(bundle, element.path), element.region
    if matrix is not None:
        table = read_matrix(matrix)
        obs, _ = build_obs(table.obs_names, cells)
    elif cells is not None:
        obs, _ = build_obs(cells.frame.index, cells)
        table = anndata.AnnData(X=csr_matrix((len(obs), 0), dtype=np.float32), obs=obs[[]].copy())
    else:
        raise UnreadableError("xenium-incomplete", f"{bundle.root} has no cells any more.", where=str(bundle.root))
    table.obs = _annotate(bundle, obs, region[0] if region else None)
    if set(CENTROIDS) <= set(obs.columns):
        table.obsm["spatial"] = _get_places(obs)
    if region:
        table.uns["spatialdata_attrs"] = {"region": region[0], "region_key": REGION_KEY, "instance_key": CELL_ID}
    return table


def read_cell_circles(bundle: Bundle, key: str) -> GeoDataFrame:
    """Each cell with a place as a circle of its area, in micrometres.

    Args:
        bundle: The output folder.
        key: Path of the circles, which begins with that of the table.

    Raises:
        UnreadableError: A file is damaged.
    """
    import geopandas
    import numpy as np
    import pandas as pd

    cells, matrix = _read_listed_cells(bundle, []), _find_counts(bundle, key)
    if cells is None:
        raise UnreadableError("xenium-incomplete", f"{bundle.root} lists no cells any more.", where=str(bundle.root))
    obs, _ = build_obs(cells.frame.index if matrix is None else read_barcodes(matrix), cells)
    obs = obs[np.isfinite(_get_places(obs)).all(axis=1)]
    area = obs["cell_area"].to_numpy(dtype=float) if "cell_area" in obs else np.full(len(obs), np.nan)
    known = area[np.isfinite(area) & (area > 0)]
    typical = float(np.median(known)) if len(known) else 100.0
    radius = np.sqrt(np.where(np.isfinite(area) & (area > 0), area, typical) / np.pi)
    places = geopandas.points_from_xy(obs[CENTROIDS[0]], obs[CENTROIDS[1]])
    return geopandas.GeoDataFrame(
        {"radius": radius}, geometry=places, index=pd.Index(obs[CELL_ID].to_numpy(), name=None)
    )


def read_outlines(bundle: Bundle, element: ShapesElement) -> GeoDataFrame:
    """The outlines of cells or nuclei."""
    cells = _read_listed_cells(bundle, [])
    has_number_ids = cells.has_number_ids if cells is not None else element.columns[0].dtype == "int64"
    return read_boundaries(bundle.get(element.path), by_cell=element.name == OUTLINES, has_number_ids=has_number_ids)


def _find_counts(bundle: Bundle, key: str) -> Path | None:
    """The counts that the path of an element begins with, None where it is the path of the list of cells."""
    name = key.split("#", 1)[0]
    return next((path for path in list_matrices(bundle, MATRIX_STEM) if bundle.name(path) == name), None)


def _read_listed_cells(bundle: Bundle, findings: list[Finding]) -> Cells | None:
    """The list of cells from the first of its files that can be read, None without one."""
    path = find_columns_file(bundle, "cells")
    if path is not None:
        key = bundle.name(path)
        with describing(key, findings):
            cells = read_cells(path)
            findings += check_cells(cells, key)
            return cells
    summary = bundle.find(CELLS_ZARR)
    if summary is not None:
        with describing(f"cell_summary in {CELLS_ZARR}", findings):
            return read_summary(summary)
    if path is None:
        findings.append(tell_missing("cells.parquet", "cells have no places and areas"))
    return None


def _describe_outlines(bundle: Bundle, name: str, findings: list[Finding]) -> ShapesElement | None:
    path = find_columns_file(bundle, name)
    if path is None:
        findings.append(tell_missing(f"{name}.parquet", _CONSEQUENCES[name]))
        return None
    with describing(bundle.name(path), findings):
        return describe_boundaries(path, name=name, key=bundle.name(path), placements=_MICROMETERS)
    return None


def _describe_points(bundle: Bundle, findings: list[Finding]) -> Any:
    path = find_columns_file(bundle, "transcripts")
    if path is None:
        findings.append(tell_missing("transcripts.parquet", _CONSEQUENCES["transcripts"]))
        return None
    with describing(bundle.name(path), findings):
        return describe_transcripts(path, key=bundle.name(path), placements=_MICROMETERS)
    return None


def _describe_table(
    bundle: Bundle, cells: Cells | None, region: str | None, findings: list[Finding]
) -> TableElement | None:
    matrices = list_matrices(bundle, MATRIX_STEM)
    for matrix in matrices:
        key = bundle.name(matrix)
        with describing(key, findings):
            counts, odd = describe_matrix(matrix)
            obs, more = build_obs(read_barcodes(matrix), cells)
            findings += [*(replace(finding, path=f"{key}{finding.path}") for finding in odd), *more]
            return _complete(bundle, counts, obs, key, region)
    if not matrices:
        findings.append(tell_missing(f"{MATRIX_STEM}.h5", "there are no counts of genes"))
    if cells is None:
        return None
    obs, _ = build_obs(cells.frame.index, cells)
    path = find_columns_file(bundle, "cells") or bundle.find(CELLS_ZARR)
    empty = TableElement(name="table", path="", n_obs=len(obs))
    return _complete(bundle, empty, obs, "cells" if path is None else bundle.name(path), region)


def _complete(bundle: Bundle, table: TableElement, obs: pd.DataFrame, key: str, region: str | None) -> TableElement:
    """The table with the annotations of its cells."""
    annotated = _annotate(bundle, obs, region)
    obsm = {"spatial": _get_places(obs)} if set(CENTROIDS) <= set(obs.columns) else {}
    described = describe_frames(annotated, annotated.iloc[:0, :0], name="table", path=key, matrix=None, obsm=obsm)
    return replace(
        table,
        name="table",
        path=key,
        n_obs=len(obs),
        obs_columns=described.obs_columns,
        embeddings=described.embeddings,
        extent_xy=described.extent_xy,
        region=() if region is None else (region,),
        region_key=None if region is None else REGION_KEY,
        instance_key=None if region is None else CELL_ID,
    )


def _annotate(bundle: Bundle, obs: pd.DataFrame, region: str | None) -> pd.DataFrame:
    """The columns of cells, with the element that they annotate and their label."""
    import pandas as pd

    annotated = obs.copy()
    masks = bundle.find(CELLS_ZARR)
    with describing(CELLS_ZARR, []):
        labels = None if masks is None else read_label_of_cell(masks)
        if labels is not None and labels.index.is_unique and (places := labels.reindex(obs.index)).notna().all():
            annotated[LABEL] = places.astype("int64")
    if region is not None:
        annotated[REGION_KEY] = pd.Categorical([region] * len(obs), categories=[region])
    return annotated


def _describe_circles(bundle: Bundle, table: TableElement) -> ShapesElement:
    circles = read_cell_circles(bundle, table.path)
    return ShapesElement(
        name=CIRCLES,
        path=f"{table.path}#{CIRCLES}",
        n_shapes=len(circles),
        geometry="circle",
        columns=(Column(name="radius", dtype="float64"),),
        extent_xy=table.extent_xy,
        placements=_MICROMETERS,
    )


def _get_places(obs: pd.DataFrame) -> npt.NDArray[np.float64]:
    import numpy as np

    places: npt.NDArray[np.float64] = obs[list(CENTROIDS)].to_numpy(dtype=np.float64, na_value=np.nan)
    return places
