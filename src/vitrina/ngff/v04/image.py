"""Images of 0.4: ``multiscales`` and ``omero`` at the root of the attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.image import Image, build_multiscale, parse_multiscale_image
from vitrina.ngff.omero import build_omero, parse_omero

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject

VERSION = "0.4"


def parse_image(attrs: JsonObject) -> Image:
    """The image that a group's attributes describe.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md
    """
    return parse_multiscale_image(attrs, parse_omero(attrs.get("omero")), "")


def build_image(image: Image) -> dict[str, Any]:
    """The attributes of a group that holds the image, for its ``.zattrs``.

    Source: https://ngff.openmicroscopy.org/0.4/#multiscale-md
    """
    attrs: dict[str, Any] = {"multiscales": [{"version": VERSION, **build_multiscale(image)}]}
    if image.omero is not None:
        attrs["omero"] = {"version": VERSION, **build_omero(image.omero)}
    if image.is_labels:
        attrs["image-label"] = {"version": VERSION}
    return attrs
