"""Units of length and time: their names in NGFF, their symbols in OME-XML, their lengths.

Source: https://www.openmicroscopy.org/Schemas/Documentation/Generated/OME-2016-06/ome_xsd.html#UnitsLength and
#UnitsTime; https://ngff.openmicroscopy.org/0.5/#axes-md for the names.
"""

from __future__ import annotations

_PREFIXES = {
    "yotta": ("Y", 24), "zetta": ("Z", 21), "exa": ("E", 18), "peta": ("P", 15), "tera": ("T", 12), "giga": ("G", 9),
    "mega": ("M", 6), "kilo": ("k", 3), "hecto": ("h", 2), "deca": ("da", 1), "": ("", 0), "deci": ("d", -1),
    "centi": ("c", -2), "milli": ("m", -3), "micro": ("µ", -6), "nano": ("n", -9), "pico": ("p", -12),
    "femto": ("f", -15), "atto": ("a", -18), "zepto": ("z", -21), "yocto": ("y", -24),
}  # fmt: skip

_LENGTHS = {
    **{f"{prefix}meter": (f"{symbol}m", 10.0 ** (exponent + 6)) for prefix, (symbol, exponent) in _PREFIXES.items()},
    "angstrom": ("Å", 1e-4), "inch": ("in", 25_400.0), "foot": ("ft", 304_800.0), "yard": ("yd", 914_400.0),
    "mile": ("mi", 1_609_344_000.0), "parsec": ("pc", 3.085_677_581_491_367e22),
}  # fmt: skip
"""Symbol, and length in micrometers."""

_TIMES = {
    **{f"{prefix}second": f"{symbol}s" for prefix, (symbol, _) in _PREFIXES.items()},
    "minute": "min", "hour": "h", "day": "d",
}  # fmt: skip

UNKNOWN_LENGTH = "reference frame"
"""What OME-XML calls a length in a unit that it does not know."""


def get_length_symbol(unit: str | None) -> str:
    """The OME symbol of a unit of length; ``reference frame`` for one that OME-XML does not have."""
    return _LENGTHS[unit][0] if unit in _LENGTHS else UNKNOWN_LENGTH


def find_time_symbol(unit: str | None) -> str | None:
    """The OME symbol of a unit of time; None for one that OME-XML does not have."""
    return _TIMES.get(unit or "")


def find_length_um(unit: str | None) -> float | None:
    """How many micrometers a unit has; None where it is no known length."""
    return _LENGTHS[unit][1] if unit in _LENGTHS else None
