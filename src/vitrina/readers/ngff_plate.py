"""All fields of view of a plate in OME-Zarr."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from vitrina.model.content import ImageElement
from vitrina.model.plate import Acquisition, Plate, PlateField
from vitrina.ngff.detect import get_block, parse_image, parse_plate, parse_well
from vitrina.readers.ngff_element import read_ngff_element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.readers.zarr_tree import ZarrTree


def read_plate(zarr_tree: ZarrTree, attrs: dict[str, Any]) -> Plate:
    """The fields that are there, of the wells that are there.

    Args:
        zarr_tree: The hierarchy.
        attrs: Of its root.

    Raises:
        UnreadableError: A field is damaged.
        DataError: The metadata is malformed.
    """
    stated = parse_plate(attrs)
    fields = tuple(field for well in stated.well_paths for field in _read_well(zarr_tree, well))
    known = dict(stated.acquisitions)
    numbers = sorted({*known, *(field.acquisition for field in fields)})
    rows = tuple(row for row in stated.rows if any(field.row == row for field in fields))
    columns = tuple(column for column in stated.columns if any(field.column == column for field in fields))
    return Plate(
        name=stated.name or zarr_tree.name,
        rows=rows,
        columns=columns,
        acquisitions=tuple(Acquisition(number=number, name=known.get(number, "")) for number in numbers),
        fields=fields,
    )


def _read_well(zarr_tree: ZarrTree, path: str) -> Iterator[PlateField]:
    attrs = zarr_tree.read_attrs(path)
    row, _, column = path.partition("/")
    if "well" not in get_block(attrs):
        return
    well = parse_well(attrs)
    for name, acquisition in zip_longest(well.field_paths, well.field_acquisitions):
        own = f"{path}/{name}"
        if zarr_tree.has_node(own):
            image = parse_image(zarr_tree.read_attrs(own))
            element = read_ngff_element(zarr_tree, own, image, image.name or own, may_guess=False).element
            if isinstance(element, ImageElement):
                yield PlateField(row=row, column=column, acquisition=acquisition or 0, element=element)
