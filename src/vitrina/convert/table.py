"""Data frames to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pandas import DataFrame


def write_table(frame: DataFrame, path: Path) -> None:
    """Write a data frame as Parquet, or as CSV when the path ends in ``.csv``.

    The index is kept unless it only counts the rows; one without a name is called ``index``.
    """
    import pandas as pd

    counts_rows = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
    if not counts_rows and frame.index.nlevels == 1 and frame.index.name is None:
        frame = frame.rename_axis(index="index")
    if path.suffix == ".csv":
        frame.to_csv(path, index=not counts_rows)
    else:
        frame.to_parquet(path, index=not counts_rows)
