"""A multi-well plate: its wells, and the fields of view that were imaged in each.

Source: https://ngff.openmicroscopy.org/0.5/#plate-md, whose words these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vitrina.model.content import ImageElement


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """One run of the microscope over the plate."""

    number: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateField:
    """One field of view.

    Attributes:
        row: Name of the row of its well.
        column: Name of the column of its well.
        acquisition: Number of the acquisition.
        element: Its image; its path is ``ROW/COLUMN/FIELD``.
    """

    row: str
    column: str
    acquisition: int
    element: ImageElement

    @property
    def name(self) -> str:
        """Name inside the well."""
        return self.element.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate:
    """A plate and all its fields, which lie in one group of an OME-Zarr hierarchy.

    Attributes:
        name: Of the plate.
        rows: Names of the rows that have wells.
        columns: Names of the columns that have wells.
        acquisitions: In the order of their numbers; none where it is not known.
        fields: Well by well.
    """

    name: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    acquisitions: tuple[Acquisition, ...]
    fields: tuple[PlateField, ...]

    @property
    def wells(self) -> dict[tuple[str, str], tuple[PlateField, ...]]:
        """The fields of each well, by its row and column."""
        found: dict[tuple[str, str], tuple[PlateField, ...]] = {}
        for field in self.fields:
            key = field.row, field.column
            found[key] = (*found.get(key, ()), field)
        return found
