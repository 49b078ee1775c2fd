"""The cells of Xenium: places and areas beside their counts.

Source: https://www.10xgenomics.com/support/software/xenium-onboard-analysis/latest/analysis/xoa-output-understanding-outputs
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.finding import Finding
from vitrina.readers.tenx.cell_ids import decode_ids
from vitrina.readers.tenx.columns import check_columns, decode_column, read_whole

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pandas as pd

CELL_ID = "cell_id"
CENTROIDS = ("x_centroid", "y_centroid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The list of cells.

    Attributes:
        frame: By id as text; without the ids.
        has_number_ids: Whether ids are numbers, as before version 1.3 of the onboard analysis.
        n_empty: Rows that were left out since they have no id.
        n_repeated: Rows that were left out since their id had been there.
    """

    frame: pd.DataFrame
    has_number_ids: bool
    n_empty: int
    n_repeated: int


def read_cells(path: Path) -> Cells:
    """The list of cells in CSV or Parquet.

    Raises:
        UnreadableError: It is damaged, or has no ids or places.
    """
    import pyarrow as pa

    table = read_whole(path)
    check_columns(path, table.column_names, (CELL_ID, *CENTROIDS))
    ids = table.column(CELL_ID)
    has_number_ids = pa.types.is_integer(ids.type) or pa.types.is_floating(ids.type)
    columns = {name: decode_column(table.column(name)) for name in table.column_names if name != CELL_ID}
    frame = pa.table(columns).to_pandas()
    try:
        frame[list(CENTROIDS)] = frame[list(CENTROIDS)].astype("float64")
    except (ValueError, TypeError) as err:
        raise UnreadableError(
            "columns-invalid", f"{path}: places of cells are no numbers: {err}.", where=str(path)
        ) from err
    return _index(frame, decode_ids(decode_column(ids).to_numpy(zero_copy_only=False)), has_number_ids=has_number_ids)


def read_cell_summary(summary: npt.NDArray[Any], names: list[str], ids: npt.NDArray[np.object_]) -> Cells:
    """The list of cells that ``cells.zarr.zip`` holds."""
    import pandas as pd

    renamed = {"cell_centroid_x": CENTROIDS[0], "cell_centroid_y": CENTROIDS[1]}
    frame = pd.DataFrame(summary, columns=[renamed.get(name, name) for name in names])
    return _index(frame, ids, has_number_ids=all(str(one).isdecimal() for one in ids[:100]))


def build_obs(barcodes: pd.Index[Any], cells: Cells | None) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The cells in the order of the counts, and what does not fit.

    Args:
        barcodes: Of the counts; the cells' own ids where there are no counts.
        cells: The list of cells, None where it is missing.
    """
    import pandas as pd

    if cells is None:
        obs = pd.DataFrame(index=barcodes)
        obs.insert(0, CELL_ID, type_ids(list(barcodes), is_number=_are_numbers(barcodes)))
        return obs, ()
    places, how = _match(barcodes, cells.frame.index)
    obs = cells.frame.take(places.clip(min=0)) if len(cells.frame) else cells.frame.reindex(barcodes)
    obs = obs.set_axis(barcodes)
    if (places < 0).any():
        obs = _blank(obs, places < 0)
    obs.insert(0, CELL_ID, type_ids(list(barcodes), is_number=cells.has_number_ids))
    return obs, (*how, *_check_match(len(barcodes), int((places < 0).sum()), len(cells.frame)))


def type_ids(ids: list[str], *, is_number: bool) -> npt.NDArray[Any]:
    """Ids as numbers where the vendor's are, else as text."""
    import numpy as np

    if is_number and all(one.lstrip("-").isdecimal() for one in ids):
        return np.asarray([int(one) for one in ids], dtype=np.int64)
    return np.asarray(ids, dtype=object)


def check_cells(cells: Cells, key: str) -> tuple[Finding, ...]:
    """What is odd about the list itself."""
    told = (
        (cells.n_empty, "cell-ids-empty", "have no id"),
        (cells.n_repeated, "cell-ids-repeated", "repeat the id of another row"),
    )
    return tuple(
        Finding(
            code=code,
            severity="warning",
            path=f"{key}#{CELL_ID}",
            message=f"{count:,} rows of {key} {what}; they are left out.",
        )
        for count, code, what in told
        if count
    )


def _index(frame: pd.DataFrame, ids: npt.NDArray[np.object_], *, has_number_ids: bool) -> Cells:
    import pandas as pd

    frame = frame.set_axis(pd.Index(ids, dtype=str))
    kept = frame[frame.index != ""]
    unique = kept[~kept.index.duplicated()]
    return Cells(
        frame=unique,
        has_number_ids=has_number_ids,
        n_empty=len(frame) - len(kept),
        n_repeated=len(kept) - len(unique),
    )


def _match(barcodes: pd.Index[Any], ids: pd.Index[Any]) -> tuple[npt.NDArray[np.intp], tuple[Finding, ...]]:
    """The row of each barcode, -1 for none; without what follows the hyphen where no whole id fits."""
    places = ids.get_indexer(barcodes)
    if not len(barcodes) or (places >= 0).any():
        return places, ()
    short_ids, short = ids.str.replace(r"-\d+$", "", regex=True), barcodes.str.replace(r"-\d+$", "", regex=True)
    if not short_ids.is_unique:
        return places, ()
    places = short_ids.get_indexer(short)
    if not (places >= 0).any():
        return places, ()
    finding = Finding(
        code="cell-ids-suffix",
        severity="info",
        path=f"{CELL_ID}#",
        message="Ids of counts and of the list of cells differ in the number after the hyphen, which is passed over.",
    )
    return places, (finding,)


def _blank(obs: pd.DataFrame, is_unknown: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Missing values in some rows; whole numbers become floats for it."""
    blank = obs.copy()
    for name in blank.columns:
        values = blank[name].astype("float64") if blank[name].dtype.kind in "iub" else blank[name].copy()
        values[is_unknown] = None
        blank[name] = values
    return blank


def _check_match(n_barcodes: int, n_unknown: int, n_cells: int) -> tuple[Finding, ...]:
    if n_unknown:
        return (
            Finding(
                code="cells-without-position",
                severity="warning" if n_unknown < n_barcodes else "error",
                path=f"{CELL_ID}#",
                message=f"{n_unknown:,} of {n_barcodes:,} cells with counts are not in the list of cells, so they have "
                "no place.",
                fix="Check that the files are of one run.",
            ),
        )
    if n_cells > n_barcodes:
        message = f"{n_cells - n_barcodes:,} of {n_cells:,} listed cells have no counts; they are not in the table."
        return (Finding(code="cells-without-counts", severity="info", path=f"{CELL_ID}#", message=message),)
    return ()


def _are_numbers(barcodes: pd.Index[Any]) -> bool:
    return bool(len(barcodes)) and all(str(one).isdecimal() for one in barcodes[:1000])
