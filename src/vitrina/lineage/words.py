"""What stands on a node: names that fit, and what is told of them. Pure."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"

_FORMATS = {
    "spatialdata": "SpatialData",
    "anndata": "AnnData",
    "mudata": "MuData",
    "10x-h5": "10x HDF5",
    "loom": "Loom",
    "ome-zarr": "OME-Zarr",
    "ome-tiff": "OME-TIFF",
    "tiff": "TIFF",
    "table": "Table",
    "file": "File",
    "folder": "Folder",
}

# What XML 1.0 can hold: https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def get_format_name(name: str) -> str:
    """A format as people write it."""
    return _FORMATS.get(name, name)


def clean(text: str) -> str:
    """The text on one line, without characters that XML cannot hold or that turn the rest of a line around."""
    return " ".join(_BIDI.sub("", _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)).split())


def split_key(key: str) -> tuple[str, str]:
    """The last part of a key, and what stands before it."""
    folder, _, name = clean(key).rpartition("/")
    return (name, folder) if name else (folder, "")


def measure(text: str) -> float:
    """Width of a text in units of the font's average character: wide characters of East Asia count twice."""
    return sum(
        0.0 if unicodedata.combining(char) else 1.9 if unicodedata.east_asian_width(char) in "WF" else 1.0
        for char in text
    )


def shorten(text: str, width: float) -> str:
    """The text, or its beginning and end around an ellipsis, so that it is no wider; ends tell most files apart."""
    if measure(text) <= width:
        return text
    room = max(width - 1, 0.0)
    head, tail = "", ""
    for char in text:
        if measure(head + char) > room * 0.55:
            break
        head += char
    for char in reversed(text):
        if measure(head + char + tail) > room:
            break
        tail = char + tail
    return f"{head}{ELLIPSIS}{tail}"
