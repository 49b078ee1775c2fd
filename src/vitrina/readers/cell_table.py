"""A plain table with one row per cell as AnnData."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnsupportedError
from vitrina.model.content import Matrix
from vitrina.model.finding import Finding
from vitrina.readers.anndata_group import MAX_VAR_NAMES
from vitrina.readers.cell_columns import is_of_genes, is_of_molecules, judge_columns
from vitrina.readers.frames import make_names_unique

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from anndata import AnnData

    from vitrina.model.content import Column, TableElement
    from vitrina.readers.cell_columns import CellColumns


def build_cells(frame: pd.DataFrame, columns: Sequence[Column]) -> AnnData:
    """Measurements as ``X``, all other columns as ``obs``, positions as ``obsm["spatial"]`` too.

    The names of cells become the index, and stay a column, so that ids of labels keep their type.

    Args:
        frame: The whole table.
        columns: Its columns, as its reader describes them.

    Raises:
        UnsupportedError: Its rows are molecules, not cells.
    """
    import numpy as np
    import pandas as pd
    from anndata import AnnData

    if is_of_molecules(columns):
        raise UnsupportedError(
            "table-of-molecules",
            "Each row of the table is a molecule of some gene at a position; AnnData has one row per cell.",
            hint="Write it as points: --format points.",
        )
    if is_of_genes(columns):
        return _build_from_genes(frame)
    found = judge_columns(columns)
    names = _name_cells(frame, found)
    obs = frame[list(found.annotations)].set_axis(names, axis="index")
    values = _to_numbers(frame[list(found.measurements)].to_numpy()) if found.measurements else None
    obsm = {}
    if found.positions is not None:
        obsm["spatial"] = frame[list(found.positions)].to_numpy(np.float64, na_value=np.nan)
    var = pd.DataFrame(index=pd.Index(found.measurements, dtype=str))
    return AnnData(X=values, obs=obs, var=var, obsm=dict[str, Any](obsm))


def describe_cells(table: TableElement) -> TableElement:
    """The table as AnnData, as ``build_cells`` makes it of the whole."""
    columns = table.obs_columns
    if not columns or is_of_molecules(columns):
        return table
    matrix = Matrix(encoding="dense", dtype="float64")
    if is_of_genes(columns):
        return replace(
            table,
            n_obs=len(columns) - 1,
            n_vars=table.n_obs,
            matrix=matrix,
            obs_columns=(),
            position_columns=None,
            extent_xy=None,
        )
    found = judge_columns(columns)
    return replace(
        table,
        n_vars=len(found.measurements),
        matrix=matrix if found.measurements else None,
        obs_columns=tuple(column for column in columns if column.name in found.annotations),
        var_names=found.measurements[:MAX_VAR_NAMES],
    )


def tell_guesses(columns: Sequence[Column]) -> Iterator[Finding]:
    """What the columns of a table of cells are taken for when it becomes AnnData."""
    if is_of_genes(columns):
        yield Finding(
            code="columns-guessed",
            severity="info",
            path="#",
            message=f"As AnnData, the rows of this table are taken for genes, named by {columns[0].name!r}, and its "
            "other columns for cells.",
        )
        return
    found = judge_columns(columns)
    if not found.is_about_cells or is_of_molecules(columns):
        return
    parts = []
    if found.measurements:
        parts.append(f"{len(found.measurements):,} as measurements ({_list_some(found.measurements)})")
    if found.instances is not None:
        parts.append(f"{found.instances!r} as the names of the cells")
    if found.positions is not None:
        parts.append(f"{' and '.join(map(repr, found.positions))} as their positions")
    yield Finding(
        code="columns-guessed",
        severity="info",
        path="#",
        message=f"As AnnData, the columns of this table are taken, by their names: {', '.join(parts)}; the others "
        "annotate cells.",
        fix="Rename columns that are taken for something else, and convert again.",
    )


def _build_from_genes(frame: pd.DataFrame) -> AnnData:
    import pandas as pd
    from anndata import AnnData

    genes, cells = frame.iloc[:, 0], frame.columns[1:]
    return AnnData(
        X=_to_numbers(frame.iloc[:, 1:].to_numpy()).T,
        obs=pd.DataFrame(index=pd.Index(cells, dtype=str)),
        var=pd.DataFrame(index=make_names_unique([str(gene) for gene in genes])),
    )


def _name_cells(frame: pd.DataFrame, found: CellColumns) -> pd.Index[Any]:
    """Their names, made unique where the cells of several images are numbered anew in each."""
    import pandas as pd

    if found.instances is None or frame[found.instances].isna().any():
        return pd.Index([str(row) for row in range(len(frame))], dtype=str)
    return make_names_unique([str(name) for name in frame[found.instances]])


def _to_numbers(values: Any) -> Any:
    """Columns of several types of numbers as one; missing ones are NaN."""
    import numpy as np

    return values if values.dtype.kind in "iuf" else values.astype(np.float64)


def _list_some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown}, ..."
