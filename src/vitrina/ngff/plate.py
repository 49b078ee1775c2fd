"""Plates of wells and wells of fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.ngff.json_value import get_list, get_object, get_text

if TYPE_CHECKING:
    from vitrina.ngff.json_value import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A multi-well plate.

    Attributes:
        name: As the metadata says it, or None.
        rows: Names of the rows.
        columns: Names of the columns.
        well_paths: Paths of the wells below the plate's group, in the order of the metadata.
    """

    name: str | None
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    well_paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """A well: paths of its fields of view below the well's group."""

    field_paths: tuple[str, ...]


def parse_plate_block(value: object, pointer: str) -> Plate:
    """The ``plate`` block of 0.4 and 0.5.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#plate-md
    """
    plate = get_object(value, pointer)
    name = plate.get("name")
    return Plate(
        name=name if isinstance(name, str) and name else None,
        rows=_parse_texts(plate, "rows", "name", pointer),
        columns=_parse_texts(plate, "columns", "name", pointer),
        well_paths=_parse_texts(plate, "wells", "path", pointer),
    )


def parse_well_block(value: object, pointer: str) -> Well:
    """The ``well`` block of 0.4 and 0.5.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#well-md
    """
    return Well(field_paths=_parse_texts(get_object(value, pointer), "images", "path", pointer))


def _parse_texts(block: JsonObject, key: str, field: str, pointer: str) -> tuple[str, ...]:
    entries = enumerate(get_list(block.get(key), f"{pointer}/{key}"))
    return tuple(
        get_text(get_object(entry, f"{pointer}/{key}/{i}").get(field), f"{pointer}/{key}/{i}/{field}")
        for i, entry in entries
    )
