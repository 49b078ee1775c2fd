"""The ``.HTD`` file that MetaXpress writes beside the images of a plate: lines of a name and values, as CSV.

Source: ``"NWavelengths", 3`` and ``"WaveName1", "DAPI"`` and so on, as in the files that MetaXpress 5 and 6 write.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 2**20
"""Real ones have a few kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Htd:
    """What is said of a plate.

    Attributes:
        wave_names: By the number of the wavelength, from 1.
        n_z: Planes of a stack; None without stacks.
        n_t: Time points; None where it is silent.
    """

    wave_names: dict[int, str]
    n_z: int | None
    n_t: int | None


def parse_htd(text: str) -> Htd:
    r"""What the text of such a file says; silent lines are left out.

    >>> parse_htd('"ZSeries", TRUE\n"ZSteps", 10\n"WaveName1", "DAPI"')
    Htd(wave_names={1: 'DAPI'}, n_z=10, n_t=None)
    """
    values: dict[str, str] = {}
    for row in csv.reader(text.splitlines(), skipinitialspace=True):
        if len(row) >= 2:
            values[row[0].strip()] = row[1].strip()
    waves = {
        int(key[8:]): name for key, name in values.items() if key[:8] == "WaveName" and key[8:].isdecimal() and name
    }
    has_z = values.get("ZSeries", "").upper() == "TRUE"
    return Htd(
        wave_names=waves,
        n_z=_find_count(values.get("ZSteps")) if has_z else None,
        n_t=_find_count(values.get("TimePoints")),
    )


def read_htd(path: Path) -> Htd | None:
    """What a file says; None for one that is too large to be such."""
    if path.stat().st_size > MAX_BYTES:
        return None
    return parse_htd(path.read_bytes().decode("utf-8", "replace"))


def _find_count(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and 0 < int(text[:9]) < 100_000 else None
