"""Expression tables of text as sparse matrices, block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.model.finding import Finding
from vitrina.readers.vendor.text import iterate_rows, read_column, to_numpy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    from scipy.sparse import csr_matrix

    from vitrina.readers.vendor.text import RowFile

CONTROL_MARKS = ("blank", "negprb", "negative", "falsecode", "systemcontrol", "custom-control")
"""How names of probes for no gene begin, at Vizgen (blank) and NanoString (the others).

Source: https://vizgen.github.io/vizgen-postprocessing/output_data_formats/cell_by_gene_format.html
Source: https://nanostring-biostats.github.io/CosMx-Analysis-Scratch-Space/posts/flat-file-exports/flat-files-compare.html
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """An expression table.

    Attributes:
        matrix: Rows x value columns of the file, float32.
        ids: Per id column, the values of all rows as text.
        names: Of the value columns.
    """

    matrix: csr_matrix
    ids: tuple[npt.NDArray[np.object_], ...]
    names: tuple[str, ...]


def read_counts(file: RowFile, id_columns: Sequence[str]) -> Counts:
    """The whole table; memory holds what is not zero, and one block of text.

    Args:
        file: The table.
        id_columns: Columns that are no values.

    Raises:
        UnreadableError: A value is no number, or lines have different lengths.
    """
    import numpy as np
    import pyarrow as pa
    from scipy import sparse

    names = tuple(name for name in file.columns if name not in id_columns)
    types = dict.fromkeys(id_columns, pa.string()) | dict.fromkeys(names, pa.float32())
    blocks, ids = [], [[] for _ in id_columns]  # type: list[Any], list[list[Any]]
    for batch in iterate_rows(file, [*id_columns, *names], types):
        for i, own in enumerate(ids):
            own.append(to_numpy(batch.column(i)))
        values = np.empty((batch.num_rows, 0), np.float32)
        if names:
            values = batch.select(list(names)).to_tensor(null_to_nan=True).to_numpy()
        blocks.append(sparse.csr_matrix(np.nan_to_num(values, posinf=0, neginf=0)))
    matrix = sparse.vstack(blocks, format="csr") if blocks else sparse.csr_matrix((0, len(names)), dtype=np.float32)
    return Counts(matrix=matrix, ids=tuple(_join(own) for own in ids), names=names)


def read_ids(file: RowFile, column: str) -> npt.NDArray[np.object_]:
    """One id column as text; the lines are checked to have equally many fields on the way.

    Raises:
        UnreadableError: They do not.
    """
    import pyarrow as pa

    found: npt.NDArray[np.object_] = read_column(file, column, pa.string())
    return found


def name_observations(ids: Sequence[str]) -> list[str]:
    """Names that are not empty and appear once: an empty id becomes ``no-id-<row>``, a second ``a`` becomes ``a-1``."""
    taken: set[str] = set()
    names = []
    for row, own in enumerate(ids):
        name = own.strip() or f"no-id-{row}"
        unique, number = name, 0
        while unique in taken:
            number += 1
            unique = f"{name}-{number}"
        taken.add(unique)
        names.append(unique)
    return names


def check_ids(ids: Sequence[str], key: str) -> list[Finding]:
    """Whether every cell has an id of its own."""
    n_empty = sum(not own.strip() for own in ids)
    n_repeated = len(ids) - n_empty - len({own for own in ids if own.strip()})
    findings = []
    if n_empty:
        findings.append(
            Finding(
                code="ids-empty",
                severity="warning",
                path=f"{key}#",
                message=f"{n_empty:,} of {len(ids):,} rows of {key} have no id; they are named no-id-<row>.",
            )
        )
    if n_repeated:
        findings.append(
            Finding(
                code="ids-repeated",
                severity="warning",
                path=f"{key}#",
                message=f"{n_repeated:,} rows of {key} have an id that another row has; a number is put behind it.",
            )
        )
    return findings


def is_control(name: str) -> bool:
    """Whether a value column counts a probe for no gene."""
    return name.lower().startswith(CONTROL_MARKS)


def _join(parts: list[Any]) -> Any:
    import numpy as np

    return np.concatenate(parts) if parts else np.empty(0, dtype=object)
