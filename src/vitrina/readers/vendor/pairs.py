"""Expression and locations of cells as two text tables in one folder: seqFISH+, STARmap PLUS, and the like.

Nothing but names of files and ids of cells says that two tables belong together, so both are asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from vitrina.errors import VitrinaError
from vitrina.model.finding import Finding
from vitrina.readers.positions import find_position_columns
from vitrina.readers.vendor.bundle import BundleReader
from vitrina.readers.vendor.cell_table import CellTable, IdentifiedRows
from vitrina.readers.vendor.part import Listing
from vitrina.readers.vendor.text import describe_columns, infer_types, iterate_rows, open_rows, to_numpy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from vitrina.readers.vendor.folder import BundleFolder
    from vitrina.readers.vendor.text import RowFile

MAX_FILES = 60
"""Folders with more text tables than this hold something else."""

MAX_IDS = 2_000
MIN_SHARED = 0.5
"""Share of the first locations whose id the expression table must have."""

_TEXT = r"\.(?:csv|tsv|txt)(?:\.gz)?"
_EXPRESSION = re.compile(rf".*(?:expr|count|cellxgene|cell_by_gene|gene_matrix).*{_TEXT}", re.IGNORECASE)
_LOCATIONS = re.compile(rf".*(?:locs?|coord|centroid|position|spatial|location).*{_TEXT}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two tables of the same cells.

    Attributes:
        name: What the names of both begin with.
        expression: Key of the expression table.
        locations: Key of the table of cells.
        is_transposed: Whether cells are the columns of the expression table.
    """

    name: str
    expression: str
    locations: str
    is_transposed: bool


class PairsReader(BundleReader):
    """Reads pairs of an expression table and a table of locations, each pair as one table."""

    format = "expression-locations"
    vendor = "an expression table with a table of locations"

    def detect_folder(self, folder: BundleFolder) -> bool:
        return bool(find_pairs(folder))

    def list_parts(self, folder: BundleFolder) -> Listing:
        pairs = find_pairs(folder)
        names = [pair.name or f"table_{i}" for i, pair in enumerate(pairs)] if len(pairs) > 1 else ["table"]
        parts = tuple(PairTable(folder.root, pair, name) for pair, name in zip(pairs, names, strict=False))
        return Listing(parts=parts)


class PairTable(CellTable):
    """Cells x genes from two tables; positions are in the unit of the file."""

    def __init__(self, root: Path, pair: Pair, name: str) -> None:
        super().__init__(pair.expression, name, None)
        self._root = root
        self._pair = pair

    def open_counts(self) -> IdentifiedRows | None:
        file = open_rows(self._root / self._pair.expression, self._pair.expression)
        return IdentifiedRows(file=file, id_columns=(file.columns[0],), is_transposed=self._pair.is_transposed)

    def open_cells(self) -> IdentifiedRows | None:
        file = open_rows(self._root / self._pair.locations, self._pair.locations)
        return IdentifiedRows(file=file, id_columns=(file.columns[0],))

    def locate(self, ids: Sequence[str], cells: pd.DataFrame) -> tuple[Any, list[Finding]]:  # noqa: ARG002 columns say it
        from vitrina.readers.frames import describe_columns as describe_frame_columns

        names = find_position_columns(describe_frame_columns(cells))
        if names is None:
            return None, []
        return cells[list(names)].to_numpy(dtype="float64"), [_tell_unit(self._pair.locations, names)]


def find_pairs(folder: BundleFolder) -> list[Pair]:
    """The pairs of a folder: tables with fitting names that share ids, the best named first; each table once."""
    expressions, locations = folder.find_files(_EXPRESSION), folder.find_files(_LOCATIONS)
    if not expressions or not locations or len(expressions) + len(locations) > MAX_FILES:
        return []
    candidates = [(len(_share(one, other)), one, other) for one in expressions for other in locations if one != other]
    pairs: list[Pair] = []
    taken: set[str] = set()
    for _, one, other in sorted(candidates, key=lambda candidate: (-candidate[0], candidate[1:])):
        if one in taken or other in taken:
            continue
        is_transposed = _find_orientation(folder, one, other)
        if is_transposed is not None:
            name = _share(one, other).rstrip("_-. ")
            pairs.append(Pair(name=name, expression=one, locations=other, is_transposed=is_transposed))
            taken |= {one, other}
    return sorted(pairs, key=lambda pair: pair.expression)


def _share(one: str, other: str) -> str:
    """What two names begin with."""
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _find_orientation(folder: BundleFolder, expression: str, locations: str) -> bool | None:
    """Whether cells are columns of the expression table; None when the tables are not of the same cells."""
    try:
        cells = open_rows(folder.get_path(locations), locations)
        if find_position_columns(describe_columns(_infer(cells))) is None:
            return None
        known = set(_read_first_ids(cells))
        if not known:
            return None
        counts = open_rows(folder.get_path(expression), expression)
        if len(known & set(counts.columns)) >= MIN_SHARED * len(known):
            return True
        rows = _read_first_ids(counts)
    except VitrinaError:
        return None
    shared = len(known & set(rows))
    return False if shared and shared >= MIN_SHARED * min(len(known), len(rows)) else None


def _infer(file: RowFile) -> dict[str, Any]:
    import pyarrow as pa

    return infer_types(file, {file.columns[0]: pa.string()})


def _read_first_ids(file: RowFile) -> list[str]:
    import pyarrow as pa

    first = next(iter(iterate_rows(file, [file.columns[0]], {file.columns[0]: pa.string()})), None)
    return [] if first is None else [str(own).strip() for own in to_numpy(first.column(0))[:MAX_IDS] if own]


def _tell_unit(key: str, names: tuple[str, str]) -> Finding:
    return Finding(
        code="unit-unknown",
        severity="info",
        path=f"{key}#",
        message=f"Nothing says in which unit {names[0]} and {names[1]} of {key} are; they are taken as they stand.",
    )
