"""Label images of Xenium, and which cell each label is: ``cells.zarr.zip``.

Label ``p + 1`` is outline ``p`` since version 2, where ``polygon_sets`` tells the cell of each outline; in versions 1.3
to 1.9 ``seg_mask_value`` tells the label of each cell; before, labels are the ids.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-zarr
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Axis, LabelsElement, Level
from vitrina.readers.pixels.zarr import open_zarr_pixels
from vitrina.readers.source import Source
from vitrina.readers.tenx.cell_ids import format_cell_ids
from vitrina.readers.tenx.cells import read_cell_summary
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from vitrina.model.content import Placement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.tenx.cells import Cells

NUCLEI, CELLS = 0, 1
_NAMES = {NUCLEI: "nucleus_labels", CELLS: "cell_labels"}


def describe_masks(
    path: Path, *, key: str, pixel_size_um: float, placements: tuple[Placement, ...]
) -> list[LabelsElement]:
    """The label images that the file holds.

    Raises:
        UnreadableError: It is damaged.
    """
    tree = get_zarr_tree(Source(path))
    axes = tuple(Axis(name=name, type="space", unit="micrometer") for name in "yx")
    elements = []
    for number in (CELLS, NUCLEI):
        info = tree.find_array(f"masks/{number}")
        if info is None:
            continue
        if len(info.shape) != 2:
            raise UnreadableError(
                "masks-damaged", f"masks/{number} of {path} has {len(info.shape)} dimensions, not 2.", where=str(path)
            )
        level = Level(
            path=f"masks/{number}",
            shape=info.shape,
            chunk_shape=info.chunk_shape,
            scale=(pixel_size_um, pixel_size_um),
            translation=(0.0, 0.0),
        )
        elements.append(
            LabelsElement(
                name=_NAMES[number],
                path=f"{key}#masks/{number}",
                axes=axes,
                dtype=info.dtype,
                levels=(level,),
                placements=placements,
            )
        )
    return elements


def open_mask_pixels(path: Path, element: LabelsElement, level: int) -> PixelSource:
    """The pixels of a label image."""
    return open_zarr_pixels(Source(path), replace(element, path=""), level)


def read_label_of_cell(path: Path) -> pd.Series[Any]:
    """The value of each cell in the label image of cells, by id as text."""
    import numpy as np
    import pandas as pd

    with _reading(path) as arrays:
        ids = format_cell_ids(arrays.read("cell_id"))
        if arrays.has(f"polygon_sets/{CELLS}/cell_index"):
            rows = arrays.read(f"polygon_sets/{CELLS}/cell_index").astype(np.int64)
            if len(rows) and not 0 <= int(rows.min()) <= int(rows.max()) < len(ids):
                raise UnreadableError("masks-damaged", f"{path} names cells that it does not list.", where=str(path))
            return pd.Series(np.arange(1, len(rows) + 1), index=pd.Index(ids[rows], dtype=str))
        if arrays.has("seg_mask_value"):
            values = arrays.read("seg_mask_value").astype(np.int64)
        elif all(str(one).isdecimal() for one in ids):
            values = np.asarray([int(one) for one in ids], dtype=np.int64)
        else:
            values = np.arange(1, len(ids) + 1)
        return pd.Series(values, index=pd.Index(ids, dtype=str))


def read_summary(path: Path) -> Cells:
    """The list of cells, where neither CSV nor Parquet is there.

    Raises:
        UnreadableError: It is damaged.
    """
    with _reading(path) as arrays:
        summary, ids = arrays.read("cell_summary"), format_cell_ids(arrays.read("cell_id"))
        names = [str(name) for name in arrays.read_attrs("cell_summary").get("column_names", ())]
    if summary.ndim != 2 or summary.shape != (len(ids), len(names)):
        raise UnreadableError(
            "cells-damaged",
            f"cell_summary of {path} has the shape {summary.shape} for {len(ids):,} cells and {len(names)} columns.",
            where=str(path),
        )
    return read_cell_summary(summary, names, ids)


class _Arrays:
    """The arrays of a file, closed after use."""

    def __init__(self, path: Path) -> None:
        self._tree = get_zarr_tree(Source(path))

    def has(self, name: str) -> bool:
        return self._tree.find_array(name) is not None

    def read(self, name: str) -> Any:
        import numpy as np

        self._tree.get_array(name)
        return np.asarray(self._tree.open_array(name)[...])

    def read_attrs(self, name: str) -> dict[str, Any]:
        return self._tree.read_attrs(name)

    def close(self) -> None:
        self._tree.store.close()


def _reading(path: Path) -> closing[_Arrays]:
    return closing(_Arrays(path))
