"""One attributes document: its kind, its version, and the rules for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from vitrina.checks.ngff.labels import check_image_label, check_label_list
from vitrina.checks.ngff.multiscales import MultiscaleRule, check_multiscales
from vitrina.checks.ngff.omero import check_omero
from vitrina.checks.ngff.plate import check_plate
from vitrina.checks.ngff.series import check_layout, check_series
from vitrina.checks.ngff.stated_version import check_stated_version
from vitrina.checks.ngff.v01 import image as image_v01
from vitrina.checks.ngff.v03 import image as image_v03
from vitrina.checks.ngff.v04 import image as image_v04
from vitrina.checks.ngff.v05 import image as image_v05
from vitrina.checks.ngff.v06 import image as image_v06
from vitrina.checks.ngff.v06.scene import check_scene
from vitrina.checks.ngff.value import show
from vitrina.checks.ngff.well import check_well

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.place import Place
    from vitrina.checks.ngff.version import Rules
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject

type Kind = Literal["image", "labels", "plate", "well", "scene", "bioformats2raw", "series", "label-list"]

_KIND_OF_KEY: tuple[tuple[str, Kind], ...] = (
    ("plate", "plate"),
    ("well", "well"),
    ("scene", "scene"),
    ("image-label", "labels"),
    ("multiscales", "image"),
    ("bioformats2raw.layout", "bioformats2raw"),
    ("series", "series"),
    ("labels", "label-list"),
)

_MULTISCALE_RULES: dict[Rules, MultiscaleRule] = {
    "0.1": image_v01.check_multiscale,
    "0.2": image_v01.check_multiscale,
    "0.3": image_v03.check_multiscale,
    "0.4": image_v04.check_multiscale,
    "0.5": image_v05.check_multiscale,
    "0.6": image_v06.check_multiscale,
}


def get_block(attrs: JsonObject) -> tuple[JsonObject, str]:
    """The object that holds the OME-Zarr keys, and its JSON pointer."""
    ome = attrs.get("ome")
    return (ome, "/ome") if isinstance(ome, Mapping) else (attrs, "")


def find_kind(attrs: JsonObject) -> Kind | None:
    """What the document describes, judged by its keys alone; None when it is no OME-Zarr metadata."""
    block, _ = get_block(attrs)
    return next((kind for key, kind in _KIND_OF_KEY if key in block), None)


def check_document(place: Place, attrs: JsonObject) -> Iterator[Finding]:
    """What is wrong with one attributes document, taken by itself.

    Args:
        place: Where it lies, with its version.
        attrs: The attributes, with or without the key ``ome``.
    """
    block, pointer = get_block(attrs)
    if "ome" in attrs and block is attrs:
        message = f"The value of ome at /ome is {show(attrs['ome'])}; an object is expected."
        yield place.find("ome-invalid", "/ome", message)
        return
    yield from check_stated_version(place, pointer, is_label_list=find_kind(attrs) == "label-list")
    match find_kind(attrs):
        case None:
            yield place.find(
                "metadata-missing",
                pointer,
                "The attributes have none of the keys of OME-Zarr; multiscales, plate, well, labels, series, scene, "
                "image-label or bioformats2raw.layout is expected.",
            )
        case "plate":
            yield from check_plate(place, block["plate"], f"{pointer}/plate")
        case "well":
            yield from check_well(place, block["well"], f"{pointer}/well")
        case "scene":
            yield from check_scene(place, block["scene"], f"{pointer}/scene")
        case "image" | "labels":
            yield from _check_image(place, block, pointer)
        case "series":
            yield from check_series(place, block["series"], f"{pointer}/series")
        case "label-list":
            yield from check_label_list(place, block["labels"], f"{pointer}/labels")
    if "bioformats2raw.layout" in block:
        yield from check_layout(place, block["bioformats2raw.layout"], f"{pointer}/bioformats2raw.layout")


def _check_image(place: Place, block: JsonObject, pointer: str) -> Iterator[Finding]:
    if "image-label" in block:
        yield from check_image_label(place, block["image-label"], f"{pointer}/image-label")
    if "multiscales" in block:
        yield from check_multiscales(place, block, pointer, _MULTISCALE_RULES[place.version.rules])
    elif not place.is_alone:
        message = (
            f"There is no multiscales next to image-label at {pointer or '/'}; both are expected for a label image."
        )
        yield place.find("labels-multiscales-missing", f"{pointer}/multiscales", message)
    if "omero" in block:
        yield from check_omero(place, block["omero"], f"{pointer}/omero")
