"""Sample sheets: a table, from CSV, TSV or Excel, with one dataset per row and everything as text."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from vitrina.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MAX_BYTES = 64 * 2**20
"""Sheets are written by people or exported for them; what is larger is something else."""

EXCEL_SUFFIXES = frozenset({".xlsx", ".xlsm"})
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row.

    Attributes:
        number: As a spreadsheet counts: the header is row 1.
        cells: Text by column, without empty cells.
    """

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of text.

    Attributes:
        columns: As they are written.
        rows: In order, without empty ones.
    """

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(path: Path) -> Sheet:
    """Read a sample sheet; of a workbook the first sheet.

    Raises:
        NotFoundError: There is no file.
        InputError: ``sheet-unreadable``, ``sheet-empty``, ``sheet-too-large``, or ``sheet-columns`` for a header that
            lacks names or repeats one.
    """
    if not path.is_file():
        raise NotFoundError("path-missing", f"There is no file {path}.", where=str(path))
    if path.stat().st_size > MAX_BYTES:
        raise InputError(
            "sheet-too-large",
            f"{path} is larger than {MAX_BYTES // 2**20} MiB, so it is no sample sheet.",
            where=str(path),
        )
    lines = _read_excel(path) if path.suffix.lower() in EXCEL_SUFFIXES else _read_text(path)
    return build_sheet(lines, where=str(path))


def build_sheet(lines: Sequence[Sequence[str]], *, where: str) -> Sheet:
    """The sheet of lines of cells, the first of which names the columns.

    Raises:
        InputError: See ``read_sheet``.
    """
    if not lines:
        raise InputError("sheet-empty", f"{where} has no rows.", hint="Write a header and one row per dataset.")
    columns = tuple(cell.strip() for cell in lines[0])
    while columns and not columns[-1]:
        columns = columns[:-1]
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated or not all(columns) or not columns:
        wrong = f"repeats {', '.join(map(repr, repeated))}" if repeated else "has columns without names"
        raise InputError("sheet-columns", f"The header of {where} {wrong}.", where=f"{where}#row 1")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in line[len(columns) :]):
            raise InputError(
                "sheet-unreadable",
                f"Row {number} of {where} has more cells than the header has columns.",
                where=f"{where}#row {number}",
            )
        cells = {name: cell.strip() for name, cell in zip(columns, line, strict=False) if cell.strip()}
        if cells:
            rows.append(SheetRow(number=number, cells=cells))
    if not rows:
        raise InputError("sheet-empty", f"{where} has a header and no rows.", hint="Write one row per dataset.")
    return Sheet(columns=columns, rows=tuple(rows))


def _read_text(path: Path) -> list[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        header = text.partition("\n")[0]
        delimiter = max(_DELIMITERS, key=header.count)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error) as err:
        raise InputError(
            "sheet-unreadable",
            f"{path} is not a table of text: {err}.",
            hint="Save the sheet as CSV in UTF-8, or as .xlsx.",
            where=str(path),
        ) from err


def _read_excel(path: Path) -> list[list[str]]:
    import zipfile
    from xml.etree.ElementTree import ParseError

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
        try:
            return [_write_cells(row) for row in workbook.worksheets[0].iter_rows(values_only=True)]
        finally:
            workbook.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, IndexError, ParseError) as err:
        raise InputError(
            "sheet-unreadable", f"{path} is not an Excel workbook: {err}.", hint="Save it as CSV.", where=str(path)
        ) from err


def _write_cells(row: Iterable[object]) -> list[str]:
    return [_write_cell(cell) for cell in row]


def _write_cell(cell: object) -> str:
    """A cell as a person would have typed it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == datetime.min.time() else cell).isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
