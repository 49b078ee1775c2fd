"""The OME-XML that a dataset carries, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.readers.tiff_file import open_tiff_pages
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from vitrina.model.content import Content
    from vitrina.readers.source import Source

ZARR_KEY = "OME/METADATA.ome.xml"
"""Source: https://ngff.openmicroscopy.org/0.4/#bf2raw"""


def find_ome_xml(source: Source, content: Content) -> str | None:
    """The OME-XML of an OME-TIFF or an OME-Zarr, None for what has none."""
    match content.format:
        case "ome-tiff":
            with open_tiff_pages(source) as tiff:
                text: str | None = tiff.ome_metadata
                return text
        case "ome-zarr":
            data = get_zarr_tree(source).tree.get(ZARR_KEY)
            return None if data is None else data.decode("utf-8", errors="replace")
    return None
