"""Columns of data frames in memory, changed as they are when a table is written for the web."""

from __future__ import annotations

from typing import Any

from vitrina.gateway.tables.served import INDEX, FrameColumn
from vitrina.readers.flat_columns import flatten_texts
from vitrina.readers.flat_frames import flatten_column, flatten_index


def serve_frame(frame: Any) -> list[FrameColumn]:
    """The columns of a data frame of pandas, with its index first."""
    columns = [
        _serve_column(str(name), flatten_column(frame.iloc[:, i]).values) for i, name in enumerate(frame.columns)
    ]
    return [_serve_column(INDEX, flatten_index(frame.index)), *columns]


def _serve_column(name: str, values: Any) -> FrameColumn:
    import numpy as np
    import pandas as pd

    if isinstance(values, pd.Categorical):
        codes = np.asarray(values.codes)
        return FrameColumn(
            name=name,
            n_rows=len(codes),
            dtype=codes.dtype.name,
            read=codes.__getitem__,
            categories=_serve_column("categories", flatten_index(values.categories)),
            is_ordered=bool(values.ordered),
        )
    if not isinstance(values, np.ndarray):  # texts, of which some are missing
        is_missing = np.asarray(values.isna())
        values = np.asarray(flatten_texts(values.fillna(""), is_missing), dtype=object)
    dtype = None if values.dtype.kind == "O" else values.dtype.name
    return FrameColumn(name=name, n_rows=len(values), dtype=dtype, read=values.__getitem__)
