"""The spots of Visium, or the bins of one size of Visium HD: a table of counts, and the shapes that it annotates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Column, Embedding, Placement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.frames import describe_columns
from vitrina.readers.parquet import read_extent
from vitrina.readers.scatter import measure_extent
from vitrina.readers.tenx.bundle import tell_missing
from vitrina.readers.tenx.matrix import describe_matrix, read_barcodes, read_matrix
from vitrina.readers.tenx.spots import build_circles, build_squares, fit_grid, read_positions

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from anndata import AnnData
    from geopandas import GeoDataFrame

    from vitrina.readers.tenx.spots import Grid

REGION_KEY = "region"
MAX_MATCHED = 3_000_000
"""Longer lists, of 2 µm bins, are matched to the counts when the table is read, not when it is described."""

MAX_SIDE_ERROR = 0.1
_OBS = ("in_tissue", "array_row", "array_col")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotSet:
    """Where its files are, and what it is called.

    Attributes:
        table_name: Of the table.
        shapes_name: Of the shapes.
        matrix: The counts, None where they are missing.
        positions: The list of positions.
        matrix_key: Path of the table's element.
        positions_key: Path of the shapes' element.
        diameter_px: Of a spot, or the side of a bin, in pixels of the full-resolution image.
        is_square: Whether the shapes are squares.
        instance_key: Column that numbers the shapes.
        placements: Of the shapes.
    """

    table_name: str
    shapes_name: str
    matrix: Path | None
    positions: Path
    matrix_key: str
    positions_key: str
    diameter_px: float
    is_square: bool
    instance_key: str
    placements: tuple[Placement, ...]


type Described = tuple[tuple[ShapesElement | TableElement, ...], tuple[Finding, ...]]


def describe_spots(spots: SpotSet) -> Described:
    """Shapes, then the table.

    Raises:
        UnreadableError: A file is damaged.
    """
    if spots.matrix is None:
        return _describe_positions(spots)
    table, findings = describe_matrix(spots.matrix)
    findings = tuple(replace(finding, path=f"{spots.matrix_key}{finding.path}") for finding in findings)
    table = replace(
        table,
        name=spots.table_name,
        path=spots.matrix_key,
        embeddings=(Embedding(name="spatial", n_dims=2),),
        region=(spots.shapes_name,),
        region_key=REGION_KEY,
        instance_key=spots.instance_key,
    )
    if _is_large(spots.positions):
        return (_describe_shapes(spots, table.n_obs, _read_whole_extent(spots.positions)), table), findings
    positions = read_positions(spots.positions)
    kept, lost = match_positions(read_barcodes(spots.matrix), positions)
    extent = measure_extent(_get_centres(kept))
    obs = _build_obs(kept, spots)
    table = replace(table, n_obs=len(kept), obs_columns=describe_columns(obs), extent_xy=extent)
    found = (*findings, *_check_lost(spots, lost, len(kept)), *_check_grid(spots, positions))
    return (_describe_shapes(spots, len(kept), extent), table), found


def read_spot_table(spots: SpotSet) -> AnnData:
    """The counts of the spots that have a position.

    Raises:
        UnreadableError: A file is damaged.
    """
    if spots.matrix is None:
        raise UnreadableError("tenx-incomplete", f"There are no counts beside {spots.positions}.")
    table = read_matrix(spots.matrix)
    kept, lost = match_positions(table.obs_names, read_positions(spots.positions))
    if lost:
        table = table[kept.index.to_numpy()].copy()
    table.obs = _build_obs(kept, spots)
    table.obsm["spatial"] = _get_centres(kept)
    table.uns["spatialdata_attrs"] = {
        "region": spots.shapes_name,
        "region_key": REGION_KEY,
        "instance_key": spots.instance_key,
    }
    return table


def read_spot_shapes(spots: SpotSet) -> GeoDataFrame:
    """Circles, or squares, in the order of the table; of spots under tissue where there are no counts.

    Raises:
        UnreadableError: A file is damaged.
    """
    positions = read_positions(spots.positions)
    kept = (
        _select_tissue(positions)
        if spots.matrix is None
        else match_positions(read_barcodes(spots.matrix), positions)[0]
    )
    if not spots.is_square:
        return build_circles(kept, spots.diameter_px, spots.instance_key)
    return build_squares(kept, _find_fitting_grid(spots, positions), spots.diameter_px, spots.instance_key)


def match_positions(barcodes: pd.Index[Any], positions: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The positions of barcodes in their order, of those that have finite ones; and how many have none."""
    import numpy as np

    places = positions.index.get_indexer(barcodes)
    known = positions.iloc[places[places >= 0]]
    finite = np.isfinite(_get_centres(known)).all(axis=1)
    kept = known[finite]
    return kept[~kept.index.duplicated()], len(barcodes) - int(np.count_nonzero(finite))


def _describe_positions(spots: SpotSet) -> Described:
    """Without counts, the spots under tissue are all that can be shown."""
    kept = _select_tissue(read_positions(spots.positions))
    missing = tell_missing(spots.matrix_key, "there are no counts; spots under tissue are shown alone")
    return (_describe_shapes(spots, len(kept), measure_extent(_get_centres(kept))),), (missing,)


def _describe_shapes(spots: SpotSet, n_shapes: int, extent: Any) -> ShapesElement:
    radius = () if spots.is_square else (Column(name="radius", dtype="float64"),)
    return ShapesElement(
        name=spots.shapes_name,
        path=spots.positions_key,
        n_shapes=n_shapes,
        geometry="polygon" if spots.is_square else "circle",
        columns=(*radius, Column(name="barcode", dtype="string")),
        extent_xy=extent,
        placements=spots.placements,
    )


def _build_obs(kept: pd.DataFrame, spots: SpotSet) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    obs = kept[list(_OBS)].copy()
    obs.index.name = None
    obs[REGION_KEY] = pd.Categorical([spots.shapes_name] * len(obs), categories=[spots.shapes_name])
    obs[spots.instance_key] = np.arange(len(obs))
    return obs


def _get_centres(positions: pd.DataFrame) -> npt.NDArray[np.float64]:
    import numpy as np

    centres: npt.NDArray[np.float64] = positions[["pxl_col_in_fullres", "pxl_row_in_fullres"]].to_numpy(
        dtype=np.float64
    )
    return centres


def _select_tissue(positions: pd.DataFrame) -> pd.DataFrame:
    under = positions[positions["in_tissue"] == 1]
    return under if len(under) else positions


def _is_large(positions: Path) -> bool:
    if positions.suffix != ".parquet":
        return False
    import pyarrow.parquet as pq

    return int(pq.read_metadata(positions).num_rows) > MAX_MATCHED


def _read_whole_extent(positions: Path) -> Any:
    import pyarrow.parquet as pq

    with pq.ParquetFile(positions) as file:
        return read_extent([file], "pxl_col_in_fullres", "pxl_row_in_fullres")


def _find_fitting_grid(spots: SpotSet, positions: pd.DataFrame) -> Grid | None:
    """The grid of the positions, where its step is the side of the bins."""
    import numpy as np

    grid = fit_grid(positions)
    if grid is None:
        return None
    steps = [float(np.hypot(*step)) for step in (grid.row_xy, grid.column_xy)]
    return grid if all(abs(step / spots.diameter_px - 1) <= MAX_SIDE_ERROR for step in steps) else None


def _check_lost(spots: SpotSet, lost: int, n_kept: int) -> tuple[Finding, ...]:
    if not lost:
        return ()
    if not n_kept:
        raise UnreadableError(
            "tissue-positions-foreign",
            f"None of the {lost:,} barcodes of {spots.matrix} has a position in {spots.positions.name}.",
            hint="The two files are probably of different samples.",
            where=str(spots.positions),
        )
    return (
        Finding(
            code="barcodes-without-position",
            severity="warning",
            path=f"{spots.matrix_key}#",
            message=f"{lost:,} of {lost + n_kept:,} barcodes have no position in {spots.positions_key}; they are left "
            f"out of the table {spots.table_name!r}.",
            fix="Check that counts and positions are of one run of Space Ranger.",
        ),
    )


def _check_grid(spots: SpotSet, positions: pd.DataFrame) -> tuple[Finding, ...]:
    if not spots.is_square or _find_fitting_grid(spots, positions) is not None:
        return ()
    return (
        Finding(
            code="bin-grid-mismatch",
            severity="warning",
            path=f"{spots.positions_key}#",
            message=f"The centres of the bins do not lie on a grid of {spots.diameter_px:.2f} pixels, the size that "
            "scalefactors_json.json gives; the bins are drawn as upright squares of that size.",
            fix="Check that positions and scale factors are of one bin size.",
        ),
    )
