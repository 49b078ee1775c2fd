"""Names of wells: a letter or two for the row, a number for the column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WELL = re.compile(r"([A-Za-z]{1,2})-?0*([1-9][0-9]?)")


def parse_well(name: str) -> tuple[str, str] | None:
    """Row and column of a well such as ``B07``, the column without leading zeros; None where it is no well.

    >>> parse_well("b07")
    ('B', '7')
    """
    match = _WELL.fullmatch(name)
    return (match.group(1).upper(), match.group(2)) if match else None


def name_row(number: int) -> str:
    """The letters of a row counted from 1.

    >>> name_row(1), name_row(26), name_row(27)
    ('A', 'Z', 'AA')
    """
    high, low = divmod(number - 1, 26)
    return ("" if high == 0 else chr(ord("A") + high - 1)) + chr(ord("A") + low)


def sort_wells(wells: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Rows and columns that have wells, as a plate has them: A before AA, 2 before 10."""
    listed = set(wells)
    rows = sorted({row for row, _ in listed}, key=lambda row: (len(row), row))
    columns = sorted({column for _, column in listed}, key=lambda name: (len(name), name))
    return tuple(rows), tuple(columns)
