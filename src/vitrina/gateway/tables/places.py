"""Where the tables of a dataset are in its tree. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.model.content import ImageElement, LabelsElement, TableElement
from vitrina.readers.zarr_names import make_names_safe

if TYPE_CHECKING:
    from vitrina.model.content import Content

TABLES = "tables"
"""Group of the tables of a dataset that has several, or images too; SpatialData calls it so."""


def place_tables(content: Content) -> dict[str, TableElement]:
    """The tables by their paths, in their order.

    What is stored as Zarr, and MuData, has its tables where they are; one table alone is at the root.
    """
    tables = [element for element in content.elements if isinstance(element, TableElement)]
    if content.container in ("zarr2", "zarr3") or content.format == "mudata":
        return {table.path: table for table in tables}
    has_images = any(isinstance(element, ImageElement | LabelsElement) for element in content.elements)
    if len(tables) == 1 and not has_images:
        return {"": tables[0]}
    names = make_names_safe([table.name for table in tables])
    return {f"{TABLES}/{name}": table for name, table in zip(names, tables, strict=True)}
