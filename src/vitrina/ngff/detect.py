"""What a group's attributes describe, in which version, and the parser for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from vitrina.ngff.v04 import image as image_v04
from vitrina.ngff.v04 import labels as labels_v04
from vitrina.ngff.v04 import plate as plate_v04
from vitrina.ngff.v05 import image as image_v05
from vitrina.ngff.v05 import labels as labels_v05
from vitrina.ngff.v05 import plate as plate_v05
from vitrina.ngff.v06 import image as image_v06

if TYPE_CHECKING:
    from vitrina.ngff.image import Image
    from vitrina.ngff.json_value import JsonObject
    from vitrina.ngff.plate import Plate, Well

type Kind = Literal["image", "labels", "plate", "well", "label-list", "bioformats2raw", "series"]

_KIND_OF_KEY: tuple[tuple[str, Kind], ...] = (
    ("plate", "plate"),
    ("well", "well"),
    ("image-label", "labels"),
    ("multiscales", "image"),
    ("bioformats2raw.layout", "bioformats2raw"),
    ("series", "series"),
    ("labels", "label-list"),
)


def get_block(attrs: JsonObject) -> JsonObject:
    """The object that holds the OME-Zarr keys: the value of ``ome`` since 0.5, the attributes themselves before."""
    ome = attrs.get("ome")
    return ome if isinstance(ome, Mapping) else attrs


def find_kind(attrs: JsonObject) -> Kind | None:
    """What the group is, judged by its keys alone; None when it is no OME-Zarr group."""
    block = get_block(attrs)
    kind = next((kind for key, kind in _KIND_OF_KEY if key in block), None)
    if kind == "labels" and "multiscales" not in block:
        return None
    return kind


def find_version(attrs: JsonObject) -> str | None:
    """The version that the metadata states, None when it states none.

    Since 0.5 it stands once, under ``ome``; before, in each block.
    """
    block = get_block(attrs)
    multiscales = block.get("multiscales")
    blocks: list[Any] = [
        block if block is not attrs else None,
        multiscales[0] if isinstance(multiscales, list) and multiscales else None,
        *(block.get(key) for key in ("plate", "well", "image-label", "omero")),
        attrs,
    ]
    versions = (candidate.get("version") for candidate in blocks if isinstance(candidate, Mapping))
    return next((version for version in versions if isinstance(version, str) and version), None)


def is_draft(version: str | None) -> bool:
    """Whether the version came after 0.5, so that only a part of it is understood."""
    return version is not None and version.startswith("0.6")


def parse_image(attrs: JsonObject) -> Image:
    """The image of any version.

    Raises:
        DataError: The metadata is malformed.
    """
    if get_block(attrs) is attrs:
        return image_v04.parse_image(attrs)
    return image_v06.parse_image(attrs) if is_draft(find_version(attrs)) else image_v05.parse_image(attrs)


def parse_labels(attrs: JsonObject) -> tuple[str, ...]:
    """Paths of the label images that a ``labels`` group of any version lists.

    Raises:
        DataError: The metadata is malformed.
    """
    return labels_v04.parse_labels(attrs) if get_block(attrs) is attrs else labels_v05.parse_labels(attrs)


def parse_plate(attrs: JsonObject) -> Plate:
    """The plate of any version.

    Raises:
        DataError: The metadata is malformed.
    """
    return plate_v04.parse_plate(attrs) if get_block(attrs) is attrs else plate_v05.parse_plate(attrs)


def parse_well(attrs: JsonObject) -> Well:
    """The well of any version.

    Raises:
        DataError: The metadata is malformed.
    """
    return plate_v04.parse_well(attrs) if get_block(attrs) is attrs else plate_v05.parse_well(attrs)
