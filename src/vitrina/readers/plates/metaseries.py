"""What MetaMorph and MetaXpress write into the description of a TIFF: sizes, wavelengths, positions of the stage.

The description is XML: ``prop`` and ``custom-prop`` elements with an ``id`` and a ``value``.
Source: https://github.com/cgohlke/tifffile reads the same tag; the names are those in files of MetaXpress 6.5.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from vitrina.readers.source import Source
from vitrina.readers.tiff_file import open_tiff_pages

if TYPE_CHECKING:
    from pathlib import Path

MAX_DESCRIPTION = 2**20
"""Characters of a description that are read; those of MetaXpress have seven thousand."""

_PROPERTY = re.compile(r'<(?:custom-)?prop id="([^"]{1,200})" type="[^"]{1,40}" value="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Metaseries:
    """The properties of one plane, by their names."""

    properties: dict[str, str]

    def find_number(self, name: str) -> float | None:
        """A property as a finite number."""
        try:
            number = float(self.properties[name])
        except (KeyError, ValueError):
            return None
        return number if math.isfinite(number) else None

    @property
    def pixel_size_yx_um(self) -> tuple[float | None, float | None]:
        """Of a pixel, where it is calibrated in micrometers."""
        if self.properties.get("spatial-calibration-state") != "on":
            return None, None
        if self.properties.get("spatial-calibration-units", "").lower() not in {"um", "µm", "micron", "microns"}:
            return None, None
        y, x = (self.find_number(f"spatial-calibration-{axis}") for axis in "yx")
        return (y, x) if y and x and y > 0 and x > 0 else (None, None)

    @property
    def stage_yx_um(self) -> tuple[float, float] | None:
        """Position of the stage."""
        y, x = (self.find_number(f"stage-position-{axis}") for axis in "yx")
        return None if y is None or x is None else (y, x)

    @property
    def channel_name(self) -> str | None:
        """As the microscopist called the illumination."""
        return self.properties.get("image-name") or self.properties.get("_IllumSetting_") or None

    @property
    def is_projection(self) -> bool:
        """Whether the plane was made of a stack by the microscope."""
        return "Z Projection Method" in self.properties


def parse_metaseries(description: str) -> Metaseries | None:
    """The properties of a description, None where it is of another program.

    >>> parse_metaseries('<MetaData><prop id="wavelength" type="float" value="536"/></MetaData>').properties
    {'wavelength': '536'}
    >>> parse_metaseries("ImageJ=1.52n") is None
    True
    """
    if not description.lstrip().startswith("<MetaData>"):
        return None
    found = _PROPERTY.finditer(description[:MAX_DESCRIPTION])
    return Metaseries(properties={match.group(1): unescape(match.group(2)) for match in found})


def read_metaseries(path: Path) -> Metaseries | None:
    """The properties of a file, None where it has none.

    Raises:
        UnreadableError: The file is damaged.
    """
    source = Source(path)
    with open_tiff_pages(source) as file:
        return parse_metaseries(file.pages.first.description)
