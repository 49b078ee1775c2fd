"""Words that OME-XML allows.

Source: https://www.openmicroscopy.org/Schemas/Documentation/Generated/OME-2016-06/ome.html
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = re.compile(r"https?://www\.openmicroscopy\.org/(?:Schemas|XMLschemas)/OME/(\d{4}-\d{2}|FC)(?:/.*)?")
"""Of all schemas since 2003."""

CURRENT: Final = "2016-06"

DIMENSION_ORDERS: Final = ("XYZCT", "XYZTC", "XYCTZ", "XYCZT", "XYTCZ", "XYTZC")

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "int8": "int8", "int16": "int16", "int32": "int32", "uint8": "uint8", "uint16": "uint16", "uint32": "uint32",
        "float": "float32", "double": "float64", "complex": "complex64", "double-complex": "complex128", "bit": "bit",
    }
)  # fmt: skip
"""Pixel types, and how NumPy calls them."""

_PREFIXES: Final = (
    "Y",
    "Z",
    "E",
    "P",
    "T",
    "G",
    "M",
    "k",
    "h",
    "da",
    "",
    "d",
    "c",
    "m",
    "µ",
    "n",
    "p",
    "f",
    "a",
    "z",
    "y",
)

LENGTH_UNITS: Final = frozenset(
    [f"{prefix}m" for prefix in _PREFIXES]
    + ["Å", "thou", "li", "in", "ft", "yd", "mi", "ua", "ly", "pc", "pt", "pixel", "reference frame"]
)
TIME_UNITS: Final = frozenset([*(f"{prefix}s" for prefix in _PREFIXES), "min", "h", "d"])

ID: Final = re.compile(r"(urn:lsid:([\w\-.]+\.[\w\-.]+)+:(?P<a>\w+):\S+)|((?P<b>\w+):\S+)")
"""An identifier of anything; the word says of what."""
