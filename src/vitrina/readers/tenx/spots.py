"""Spots of Visium and bins of Visium HD: where they are, and how they become circles and squares.

Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/spatial-outputs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pandas as pd
    from geopandas import GeoDataFrame

    from vitrina.readers.tenx.bundle import Bundle

COLUMNS = ("barcode", "in_tissue", "array_row", "array_col", "pxl_row_in_fullres", "pxl_col_in_fullres")
POSITION_FILES = ("tissue_positions.parquet", "tissue_positions.csv", "tissue_positions_list.csv")
"""Of Visium HD, of Space Ranger from 2.0 on, and of Space Ranger 1, which writes no header."""

SPOT_PITCH_UM = 100.0
"""From the centre of a spot to that of its neighbours; the slide is made so.

Source: https://kb.10xgenomics.com/hc/en-us/articles/360035487572 (spot size and distance)
"""

MAX_SKEW = 0.25
"""Bins whose centres are further than this share of a bin from a regular grid are drawn without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where the bin of row and column 0 lies, and how far one row and one column lead, in pixels."""

    origin_xy: npt.NDArray[np.float64]
    row_xy: npt.NDArray[np.float64]
    column_xy: npt.NDArray[np.float64]


def find_positions(bundle: Bundle, folder: str = "spatial") -> Path | None:
    """The file of positions, None when there is none."""
    return bundle.find(*(f"{folder}/{name}" for name in POSITION_FILES))


def read_positions(path: Path) -> pd.DataFrame:
    """Row, column and centre of each spot, by barcode; with a header, without one, or in Parquet.

    Raises:
        UnreadableError: It is damaged, or has other columns.
    """
    frame = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise _wrong(path, f"it has no column {missing[0]!r}")
    numbers = list(COLUMNS[1:])
    try:
        frame[numbers] = frame[numbers].astype("float64")
        frame[numbers[:3]] = frame[numbers[:3]].astype("int64")
    except (ValueError, TypeError) as err:
        raise _wrong(path, f"a column holds something else than numbers: {err}") from err
    frame.index = frame.pop("barcode").astype(str)
    return frame[~frame.index.duplicated()]


def measure_pixel_size(positions: pd.DataFrame) -> float | None:
    """Micrometres per pixel of the full-resolution image, from the known distance between neighbouring spots.

    Spots lie in rows that are shifted by half a step; neighbours in a row are two columns apart.
    """
    grid = fit_grid(positions)
    if grid is None:
        return None
    import numpy as np

    pitch_px = float(np.hypot(*(2 * grid.column_xy)))
    return SPOT_PITCH_UM / pitch_px if pitch_px > 0 else None


def fit_grid(positions: pd.DataFrame) -> Grid | None:
    """The regular grid that the centres lie on, None where they lie on none."""
    import numpy as np

    places = positions[["array_row", "array_col"]].to_numpy(dtype=np.float64)
    centres = positions[["pxl_col_in_fullres", "pxl_row_in_fullres"]].to_numpy(dtype=np.float64)
    sound = np.isfinite(centres).all(axis=1)
    if np.count_nonzero(sound) < 3:
        return None
    design = np.column_stack((np.ones(len(places)), places))[sound]
    solution, _, rank, _ = np.linalg.lstsq(design, centres[sound], rcond=None)
    if rank < 3:
        return None
    grid = Grid(origin_xy=solution[0], row_xy=solution[1], column_xy=solution[2])
    away = np.hypot(*(design @ solution - centres[sound]).T)
    step = min(np.hypot(*grid.row_xy), np.hypot(*grid.column_xy))
    return grid if step > 0 and float(np.median(away)) <= MAX_SKEW * step else None


def build_circles(positions: pd.DataFrame, diameter_px: float, instance_key: str) -> GeoDataFrame:
    """Spots as points with a radius, in pixels; numbered from 0 in the order of the table."""
    import geopandas
    import numpy as np

    centres = geopandas.points_from_xy(positions["pxl_col_in_fullres"], positions["pxl_row_in_fullres"])
    radius = np.full(len(positions), diameter_px / 2)
    index = _number(positions, instance_key)
    return geopandas.GeoDataFrame(
        {"radius": radius, "barcode": positions.index.to_numpy()}, geometry=centres, index=index
    )


def build_squares(positions: pd.DataFrame, grid: Grid | None, side_px: float, instance_key: str) -> GeoDataFrame:
    """Bins as squares that touch each other, turned as the grid is; upright ones of the stated side without a grid."""
    import geopandas
    import numpy as np
    import shapely

    centres = positions[["pxl_col_in_fullres", "pxl_row_in_fullres"]].to_numpy(dtype=np.float64)
    upright = Grid(origin_xy=np.zeros(2), row_xy=np.array([0.0, side_px]), column_xy=np.array([side_px, 0.0]))
    steps = grid or upright
    half_row, half_column = steps.row_xy / 2, steps.column_xy / 2
    around = np.stack([-half_row - half_column, half_column - half_row, half_row + half_column, half_row - half_column])
    corners: Any = centres[:, None, :] + np.concatenate((around, around[:1]))
    return geopandas.GeoDataFrame(
        {"barcode": positions.index.to_numpy()},
        geometry=shapely.polygons(corners),
        index=_number(positions, instance_key),
    )


def _number(positions: pd.DataFrame, name: str) -> pd.Index[Any]:
    import pandas as pd

    return pd.RangeIndex(len(positions), name=name)


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        names = [name for name in COLUMNS if name in file.schema_arrow.names]
        frame: pd.DataFrame = file.read(columns=names).to_pandas()
        return frame


def _read_csv(path: Path) -> pd.DataFrame:
    """Whether there is a header is judged by the first line, since names of files do not tell for sure."""
    import pandas as pd

    with path.open(encoding="utf-8", errors="replace") as file:
        first = file.readline(4096)
    has_header = "in_tissue" in first or "barcode" in first
    if not has_header and len(first.split(",")) != len(COLUMNS):
        raise _wrong(path, f"its first line has {len(first.split(','))} columns, not {len(COLUMNS)}")
    return pd.read_csv(path, header=0 if has_header else None, names=None if has_header else list(COLUMNS))


def _wrong(path: Path, reason: str) -> UnreadableError:
    return UnreadableError(
        "tissue-positions-invalid",
        f"{path} is no list of tissue positions: {reason}.",
        hint=f"It has the columns {', '.join(COLUMNS)}; in tissue_positions_list.csv they have no header.",
        where=str(path),
    )
