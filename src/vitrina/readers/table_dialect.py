"""Whether text is a table with a header, and how its columns are separated."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

DELIMITERS = (",", "\t", ";", " ")

MIN_COLUMNS = 2
MIN_UNNAMED_ROWS = 3
"""A file whose name does not promise a table needs this many rows to pass for one."""

_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*|\s*[-+]?(nan|inf)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a text table is written."""

    delimiter: str
    columns: tuple[str, ...]


def find_dialect(sample: bytes, *, is_whole: bool, is_named: bool) -> Dialect | None:
    """The dialect of a table with a header, None when the text is no such table. Rather no than a wrong yes.

    Args:
        sample: The first bytes of the file.
        is_whole: Whether the sample is the whole file; otherwise its last line is cut off and left out.
        is_named: Whether the name of the file promises a table.
    """
    lines = _split_lines(sample, is_whole=is_whole)
    if len(lines) < 2 or lines[0].lstrip().startswith(("{", "[", "<", "#", "%")):
        return None
    for delimiter in DELIMITERS:
        rows = _parse_rows(lines, delimiter)
        if rows is not None and _is_table(rows, is_named=is_named and delimiter != " "):
            return Dialect(delimiter=delimiter, columns=_name_columns(rows[0]))
    return None


def _split_lines(sample: bytes, *, is_whole: bool) -> list[str]:
    """Up to 50 lines; none when the bytes are not text."""
    if b"\0" in sample:
        return []
    try:
        text = sample.decode("utf-8-sig", "strict" if is_whole else "ignore")
    except UnicodeDecodeError:
        return []
    lines = text.splitlines()
    return [line for line in (lines if is_whole else lines[:-1]) if line.strip()][:50]


def _parse_rows(lines: list[str], delimiter: str) -> list[list[str]] | None:
    """The fields of each line, None when the lines do not have equally many, two or more."""
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    n_columns = len(rows[0])
    return rows if n_columns >= MIN_COLUMNS and all(len(row) == n_columns for row in rows) else None


def _is_table(rows: list[list[str]], *, is_named: bool) -> bool:
    """Whether the first row names the columns and the others look like values."""
    header, body = rows[0], rows[1:]
    named = header[1:]  # the first may be empty: pandas and R write the index there
    if not body or any(not name.strip() or _NUMBER.fullmatch(name) for name in named):
        return False
    if _NUMBER.fullmatch(header[0]) or len(set(header)) < len(header):
        return False
    has_numbers = any(all(_NUMBER.fullmatch(row[i]) for row in body) for i in range(len(header)))
    return is_named or (has_numbers and len(body) >= MIN_UNNAMED_ROWS)


def _name_columns(header: list[str]) -> tuple[str, ...]:
    """The names as pandas gives them: an empty one becomes ``Unnamed: 0``."""
    return tuple(name or f"Unnamed: {i}" for i, name in enumerate(header))
