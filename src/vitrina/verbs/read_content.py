"""What a dataset holds, whether or not a reader knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import MissingExtraError
from vitrina.model.content import Content
from vitrina.model.finding import Finding
from vitrina.readers.registry import find_reader

if TYPE_CHECKING:
    from vitrina.readers.source import Source


def read_content(source: Source) -> Content:
    """What a reader finds in a file or folder; of one that no reader knows, or that needs an extra, that it is so."""
    reader = find_reader(source)
    finding = Finding(
        code="format-unknown",
        severity="info",
        path="",
        message="No reader knows this format, so it is stored as it is and cannot be shown.",
        fix="Convert it to SpatialData, AnnData, OME-Zarr or OME-TIFF to see it in the hub.",
    )
    if reader is not None:
        try:
            return reader.read_content(source)
        except MissingExtraError as err:
            message = f"{err.message} It is stored as it is and cannot be shown."
            finding = Finding(code=err.code, severity="warning", path="", message=message, fix=err.hint)
    return Content(format="folder" if source.is_folder else "file", findings=(finding,))
