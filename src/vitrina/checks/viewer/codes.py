"""Every code of the findings about viewing, how bad it is, and what it means.

``docs/reference/viewer-readiness.md`` is made from this table, and holds the trials behind each severity.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.finding import Severity

HEALED = "Vitrina shows it all the same, through its gateway."
"""Ends the message of what is wrong with the stored bytes, and mended while they are served."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means, and how bad it is unless the rule that gives it says otherwise."""

    severity: Severity
    meaning: str


def build_finding(
    code: str, path: str, message: str, *, fix: str | None = None, severity: Severity | None = None
) -> Finding:
    """A finding with one of the codes of this table; it is as bad as the table says unless ``severity`` is given."""
    return Finding(code=code, severity=severity or CODES[code].severity, path=path, message=message, fix=fix)


_FORMATS = {
    "format-not-viewable": Code("error", "The viewer has no way to show the format."),
    "elements-not-viewable": Code("warning", "Of a format that Vitrina serves, only images and tables are shown."),
    "image-format-served": Code("info", "Images lie in a format that the viewer does not read."),
    "anndata-not-zarr": Code("info", "A table lies in a format that is not Zarr, from which the viewer reads."),
    "tiff-not-ome": Code("info", "A TIFF says nothing in OME-XML, which the viewer asks for."),
}

_TABLES = {
    "anndata-path-missing": Code("error", "Something that the metadata of a table lists is not there."),
    "anndata-chunk-vars": Code("warning", "To show one variable the viewer reads many others."),
    "anndata-chunk-obs": Code("warning", "To show one variable the viewer makes many requests."),
    "anndata-nullable-column": Code("warning", "A column is stored as values and a mask."),
    "anndata-integer-categories": Code("warning", "Categories are numbers, and are shown as their codes."),
    "zarr-dtype-unsupported": Code("error", "Numbers are of a type that the viewer cannot draw."),
    "zarr-string-encoding": Code("error", "Text is stored in a way that the viewer cannot read."),
    "zarr-codec-unsupported": Code("error", "An array is compressed in a way that the viewer cannot undo."),
}

_VECTORS = {
    "points-too-many": Code("info", "There are more points than the viewer loads."),
    "points-not-tiled": Code("info", "Many points are not sorted into tiles, and are all loaded at once."),
    "points-feature-key-missing": Code("warning", "Nothing says which column of points holds genes."),
    "shapes-geoarrow": Code("error", "Shapes are stored as GeoArrow, and the viewer reads WKB."),
    "shapes-mixed": Code("warning", "Shapes are of several kinds, or of several parts."),
    "shapes-too-many": Code("warning", "There are more shapes than a browser tab holds."),
}

_IMAGES = {
    "image-not-pyramidal": Code("warning", "A large image has no lower resolutions."),
    "image-not-tiled": Code("warning", "A large image is stored in parts that are too large or too small."),
    "spatialdata-single-scale": Code("warning", "A large image of SpatialData has no lower resolutions."),
}

_TIFF = {
    "tiff-no-subifds": Code("info", "Lower resolutions lie beside the image, not below it."),
    "tiff-offsets-missing": Code("info", "No list says where the planes of the file lie."),
    "tiff-offsets-stale": Code("info", "The list of where the planes lie is of another file."),
    "tiff-compression-unsupported": Code("info", "The viewer cannot decode the compression."),
    "tiff-photometric": Code("info", "Colour is stored in a way that the viewer takes for something else."),
    "tiff-physical-size-missing": Code("info", "The size of a pixel is not told, or in no unit."),
    "transform-length": Code(
        "error", "A scale or translation has more or fewer numbers than the image has dimensions."
    ),
    "channel-names-missing": Code("info", "Channels have no names."),
}

_NGFF = {
    "ngff-factor-not-2": Code("info", "A lower resolution is not half as large as the one before."),
    "ngff-z-downsampled": Code("warning", "Lower resolutions have fewer planes."),
    "ngff-z-chunked": Code("warning", "A chunk holds several planes."),
    "ngff-version-unsupported-by-viewer": Code("info", "The viewer does not know the version of OME-Zarr."),
    "ngff-omero-missing": Code("info", "An image has no omero block."),
    "ngff-omero-channels": Code("info", "The omero block does not describe the channels."),
    "ngff-omero-rdefs": Code("info", "The omero block has no rdefs."),
    "ngff-rgb-model": Code("info", "The rendering model is not that of the pixels."),
    "ngff-labels-hcs-unsupported": Code("info", "The viewer opens neither plates nor the label images of an image."),
}

_SERVING = {
    "http-cors-range": Code("error", "A server does not let a page read parts of files."),
}

CODES: Mapping[str, Code] = MappingProxyType(_FORMATS | _TABLES | _VECTORS | _IMAGES | _TIFF | _NGFF | _SERVING)
"""By code."""
