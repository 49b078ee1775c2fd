"""How large the pixels of a plane are, as its own file says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, UnsupportedError
from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.ome_tiff import OmeTiffReader
from vitrina.readers.source import Source
from vitrina.readers.tiff import TiffReader

if TYPE_CHECKING:
    from pathlib import Path

_UM = {"micrometer": 1.0, "nanometer": 1e-3, "millimeter": 1e3, "meter": 1e6, "centimeter": 1e4, "angstrom": 1e-4}


def read_pixel_size_zyx_um(path: Path) -> tuple[float | None, float | None, float | None]:
    """Of a pixel along depth, height and width; None for what the file does not say."""
    source = Source(path)
    reader = OmeTiffReader() if OmeTiffReader().detect(source) else TiffReader()
    try:
        (element, *_) = reader.read_content(source).elements
    except (UnreadableError, UnsupportedError):
        return None, None, None
    found: dict[str, float] = {}
    if isinstance(element, ImageElement | LabelsElement):
        for axis, scale in zip(element.axes, element.levels[0].scale, strict=True):
            if axis.unit in _UM:
                found[axis.name] = scale * _UM[axis.unit]
    return found.get("z"), found.get("y"), found.get("x")
