"""NGFF attributes of stored images, completed for viewers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.v04 import image as image_v04
from vitrina.ngff.v05 import image as image_v05
from vitrina.readers.ngff_image import describe_image

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.content import ImageElement, LabelsElement


def complete_attrs(attrs: Mapping[str, Any], element: ImageElement | LabelsElement) -> dict[str, Any]:
    """Stored attributes with the image's own replaced by complete ones, in the version that they are in."""
    image = describe_image(element)
    if "ome" in attrs:
        return {**attrs, **image_v05.build_image(image)}
    return {**attrs, **image_v04.build_image(image)}
