"""Data frames to Zarr.

Source: https://anndata.readthedocs.io/en/stable/fileformat-prose.html#dataframes
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vitrina.model.finding import Finding
from vitrina.readers.flat_frames import flatten_column, flatten_index
from vitrina.readers.zarr_names import make_names_safe, tell_renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import zarr

MAX_ROWS_PER_CHUNK = 2**17
INDEX = "_index"


def write_frame(group: zarr.Group, name: str, frame: pd.DataFrame, path: str) -> Iterator[Finding]:
    """Write a data frame in types that a viewer reads; what that changes is told.

    Args:
        group: Where it goes.
        name: Of the frame in the group.
        frame: The data.
        path: Of the frame in the whole, for findings.
    """
    node = group.create_group(name)
    names = make_names_safe(frame.columns)
    yield from tell_renamed(frame.columns, names, path)
    index = frame.index.name if isinstance(frame.index.name, str) else INDEX
    if index in names or make_names_safe([index]) != [index]:
        index = INDEX
    for place, column in enumerate(names):
        flat = flatten_column(frame.iloc[:, place])
        if flat.change is not None:
            yield Finding(
                code="column-changed",
                severity="info",
                path=f"{path}/{column}#",
                message=f"The column {column!r} of {path} {flat.change}.",
            )
        write_column(node, column, flat.values)
    write_column(node, index, flatten_index(frame.index))
    node.attrs.update(
        {
            "encoding-type": "dataframe",
            "encoding-version": "0.2.0",
            "_index": index,
            "column-order": names,
        }
    )


def write_column(group: zarr.Group, name: str, values: Any) -> None:
    """Write a vector of numbers, truth values, texts or categories; one chunk as long as that is reasonable."""
    if isinstance(values, pd.Categorical):
        node = group.create_group(name)
        write_column(node, "codes", np.asarray(values.codes))
        write_column(node, "categories", flatten_index(values.categories))
        node.attrs.update(
            {
                "encoding-type": "categorical",
                "encoding-version": "0.2.0",
                "ordered": bool(values.ordered),
            }
        )
        return
    from anndata.io import write_elem

    write_elem(group, name, values, dataset_kwargs={"chunks": choose_chunks(values)})


def choose_chunks(values: npt.NDArray[Any] | Any) -> tuple[int, ...]:
    """All of an array, or as many rows of it as make a chunk of reasonable size."""
    rows, *others = np.shape(values)
    return (min(max(rows, 1), MAX_ROWS_PER_CHUNK), *(max(size, 1) for size in others))
