"""Data frames to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from pandas import DataFrame


def write_table(frame: DataFrame, path: Path) -> None:
    """Write a data frame as Parquet, or as CSV when the path ends in ``.csv``. The index is kept when it has a name."""
    keep_index = frame.index.name is not None
    if path.suffix == ".csv":
        frame.to_csv(path, index=keep_index)
    else:
        frame.to_parquet(path, index=keep_index)
