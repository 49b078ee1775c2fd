"""A plate whose fields of view are known by name, and are described one by one when they are needed.

A screen has thousands of fields, and to show a part of it few of their descriptions are needed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.ngff.plate import build_plate_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.model.plate import Acquisition, Plate


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldName:
    """Which field of view it is.

    Attributes:
        row: Name of the row of its well.
        column: Name of the column of its well.
        name: Inside the well.
        acquisition: Number of the acquisition.
    """

    row: str
    column: str
    name: str
    acquisition: int

    @property
    def path(self) -> str:
        """Path of its image: ``ROW/COLUMN/FIELD``."""
        return f"{self.row}/{self.column}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlate:
    """A plate.

    Attributes:
        name: Of the plate.
        rows: Names of the rows that have wells.
        columns: Names of the columns that have wells.
        acquisitions: In the order of their numbers; none where it is not known.
        fields: Well by well; whether the image of each is there shows when it is described.
        describe: Gives the image at the path of a field, from metadata alone: channels have the windows that metadata
            say. Raises UnreadableError where there is no image, or it is damaged.
        is_like: Tells whether the finest level of the field at a path is there and stored as that of a described field,
            where that takes less time than describing it.
    """

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    acquisitions: tuple[Acquisition, ...]
    fields: tuple[FieldName, ...]
    describe: Callable[[str], ImageElement]
    is_like: Callable[[ImageElement | LabelsElement, str], bool]


def hold_plate(plate: Plate) -> OpenPlate:
    """A plate whose fields are described already."""
    elements = {field.element.path: field.element for field in plate.fields}

    def describe(path: str) -> ImageElement:
        if path not in elements:
            raise UnreadableError("field-missing", f"The plate {plate.name!r} has no field of view {path!r}.")
        return elements[path]

    return OpenPlate(
        name=plate.name,
        rows=plate.rows,
        columns=plate.columns,
        acquisitions=plate.acquisitions,
        fields=tuple(
            FieldName(row=field.row, column=field.column, name=field.name, acquisition=field.acquisition)
            for field in plate.fields
        ),
        describe=describe,
        is_like=lambda element, path: False,  # noqa: ARG005 describing takes no time
    )


def describe_plate(plate: Plate | OpenPlate) -> dict[str, Any]:
    """The ``plate`` block of OME-Zarr, without its version."""
    per_well: dict[tuple[str, str], Counter[int]] = defaultdict(Counter)
    for field in plate.fields:
        per_well[field.row, field.column][field.acquisition] += 1
    return build_plate_block(
        plate.name,
        rows=plate.rows,
        columns=plate.columns,
        wells=list(per_well),
        acquisitions=[
            (one.number, one.name, max((counts[one.number] for counts in per_well.values()), default=0) or 1)
            for one in plate.acquisitions
        ],
        field_count=max((counts.total() for counts in per_well.values()), default=0),
    )
