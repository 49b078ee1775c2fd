"""PNG and JPEG pictures of an output folder, placed among its other elements."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitrina.model.content import ImageElement, LabelsElement
from vitrina.readers.described import build_image
from vitrina.readers.picture import PictureReader
from vitrina.readers.source import Source
from vitrina.readers.tenx.tiffs import resize_pixels

if TYPE_CHECKING:
    from pathlib import Path

    from vitrina.model.content import Placement
    from vitrina.model.finding import Finding

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")


def describe_picture(
    path: Path, *, name: str, element_path: str, pixel_size_um: float | None, placements: tuple[Placement, ...]
) -> tuple[ImageElement, tuple[Finding, ...]]:
    """The element of a picture, and what was converted in it.

    Raises:
        UnreadableError: It is damaged.
        UnsupportedError: It is too large to be decoded in memory.
    """
    content = PictureReader().read_content(Source(path))
    (raster,) = (element for element in content.elements if isinstance(element, ImageElement | LabelsElement))
    image = build_image(raster, (), ()) if isinstance(raster, LabelsElement) else raster
    sized = image if pixel_size_um is None else resize_pixels(image, pixel_size_um)
    findings = tuple(
        replace(finding, path=f"{element_path}#") for finding in content.findings if finding.code != "labels-guessed"
    )
    return replace(sized, name=name, path=element_path, placements=placements), findings
