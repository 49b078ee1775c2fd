"""Plates and wells of 0.4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.ngff.plate import Plate, Well, parse_plate_block, parse_well_block

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject


def parse_plate(attrs: JsonObject) -> Plate:
    """The plate that a group's attributes describe.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#plate-md
    """
    return parse_plate_block(attrs.get("plate"), "/plate")


def parse_well(attrs: JsonObject) -> Well:
    """The well that a group's attributes describe.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#well-md
    """
    return parse_well_block(attrs.get("well"), "/well")


VERSION = "0.4"


def build_plate(block: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a plate's group."""
    return {"plate": {"version": VERSION, **block}}


def build_well(block: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a well's group."""
    return {"well": {"version": VERSION, **block}}
