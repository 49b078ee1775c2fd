"""Plates and wells of 0.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import get_object
from vitrina.ngff.plate import Plate, Well, parse_plate_block, parse_well_block
from vitrina.ngff.v05.image import VERSION

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject


def parse_plate(attrs: JsonObject) -> Plate:
    """The plate that a group's attributes describe.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.5/#plate-md
    """
    return parse_plate_block(get_object(attrs.get("ome"), "/ome").get("plate"), "/ome/plate")


def parse_well(attrs: JsonObject) -> Well:
    """The well that a group's attributes describe.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.5/#well-md
    """
    return parse_well_block(get_object(attrs.get("ome"), "/ome").get("well"), "/ome/well")


def build_plate(block: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a plate's group."""
    return {"ome": {"version": VERSION, "plate": block}}


def build_well(block: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a well's group."""
    return {"ome": {"version": VERSION, "well": block}}
