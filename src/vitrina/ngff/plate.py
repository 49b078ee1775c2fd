"""Plates of wells and wells of fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.ngff.json_value import get_list, get_object, get_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vitrina.ngff.json_value import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A multi-well plate.

    Attributes:
        name: As the metadata says it, or None.
        rows: Names of the rows.
        columns: Names of the columns.
        well_paths: Paths of the wells below the plate's group, in the order of the metadata.
        acquisitions: Number and name of each acquisition.
    """

    name: str | None
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    well_paths: tuple[str, ...]
    acquisitions: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """A well.

    Attributes:
        field_paths: Of its fields of view below the well's group.
        field_acquisitions: Number of the acquisition of each; None where the metadata says none.
    """

    field_paths: tuple[str, ...]
    field_acquisitions: tuple[int | None, ...] = ()


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
        acquisitions=tuple(_parse_acquisitions(plate.get("acquisitions"))),
    )


def parse_well_block(value: object, pointer: str) -> Well:
    """The ``well`` block of 0.4 and 0.5.

    Raises:
        DataError: The metadata is malformed.

    Source: https://ngff.openmicroscopy.org/0.4/#well-md
    """
    well = get_object(value, pointer)
    paths = _parse_texts(well, "images", "path", pointer)
    numbers = (get_object(entry, pointer).get("acquisition") for entry in get_list(well.get("images"), pointer))
    return Well(field_paths=paths, field_acquisitions=tuple(n if isinstance(n, int) else None for n in numbers))


def build_plate_block(
    name: str,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    wells: Sequence[tuple[str, str]],
    acquisitions: Sequence[tuple[int, str, int]],
    field_count: int,
) -> dict[str, Any]:
    """The ``plate`` block of 0.4 and 0.5, without its version.

    Args:
        name: Of the plate.
        rows: Names of the rows.
        columns: Names of the columns.
        wells: Row and column of each well.
        acquisitions: Number, name and largest number of fields in a well, of each acquisition.
        field_count: Largest number of fields in a well.

    Source: https://ngff.openmicroscopy.org/0.5/#plate-md
    """
    return {
        **({"name": name} if name else {}),
        "rows": [{"name": row} for row in rows],
        "columns": [{"name": column} for column in columns],
        "wells": [
            {"path": f"{row}/{column}", "rowIndex": rows.index(row), "columnIndex": columns.index(column)}
            for row, column in wells
        ],
        "acquisitions": [
            {"id": number, **({"name": label} if label else {}), "maximumfieldcount": n_fields}
            for number, label, n_fields in acquisitions
        ],
        "field_count": field_count,
    }


def build_well_block(fields: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """The ``well`` block of 0.4 and 0.5, without its version.

    Args:
        fields: Path and number of the acquisition of each field of view.

    Source: https://ngff.openmicroscopy.org/0.5/#well-md
    """
    return {"images": [{"path": path, "acquisition": acquisition} for path, acquisition in fields]}


def _parse_acquisitions(value: object) -> Iterator[tuple[int, str]]:
    """Those with a number; what is odd about others is for ``check`` to tell."""
    for entry in value if isinstance(value, list) else []:
        if isinstance(entry, Mapping) and isinstance(number := entry.get("id"), int):
            name = entry.get("name")
            yield number, name if isinstance(name, str) else ""


def _parse_texts(block: JsonObject, key: str, field: str, pointer: str) -> tuple[str, ...]:
    entries = enumerate(get_list(block.get(key), f"{pointer}/{key}"))
    return tuple(
        get_text(get_object(entry, f"{pointer}/{key}/{i}").get(field), f"{pointer}/{key}/{i}/{field}")
        for i, entry in entries
    )
