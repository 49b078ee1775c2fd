"""Images of 0.5: ``multiscales`` and ``omero`` under ``ome``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.image import Image, build_multiscale, parse_multiscale_image
from vitrina.ngff.json_value import get_object
from vitrina.ngff.omero import build_omero, parse_omero

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject

VERSION = "0.5"


def parse_image(attrs: JsonObject) -> Image:
    """The image that a group's attributes describe.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md
    """
    ome = get_object(attrs.get("ome"), "/ome")
    return parse_multiscale_image(ome, parse_omero(ome.get("omero")), "/ome")


def build_image(image: Image) -> dict[str, Any]:
    """The attributes of a group that holds the image.

    Source: https://ngff.openmicroscopy.org/0.5/#multiscale-md
    """
    ome: dict[str, Any] = {"version": VERSION, "multiscales": [build_multiscale(image)]}
    if image.omero is not None:
        ome["omero"] = build_omero(image.omero)
    if image.is_labels:
        ome["image-label"] = {}
    return {"ome": ome}
