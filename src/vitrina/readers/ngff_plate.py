"""All fields of view of a plate in OME-Zarr."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from vitrina.model.content import ImageElement
from vitrina.model.plate import Acquisition, Plate, PlateField
from vitrina.ngff.detect import get_block, parse_image, parse_plate, parse_well
from vitrina.readers.damage import reading
from vitrina.readers.ngff_element import outline_ngff_element, read_ngff_element
from vitrina.readers.open_plate import FieldName, OpenPlate
from vitrina.readers.pixels.zarr import read_metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.content import LabelsElement
    from vitrina.readers.zarr_tree import ZarrTree

_DAMAGE = "ome-zarr-damaged", "OME-Zarr"


def read_plate(zarr_tree: ZarrTree, attrs: dict[str, Any]) -> Plate:
    """The fields that are there, of the wells that are there.

    Args:
        zarr_tree: The hierarchy.
        attrs: Of its root.

    Raises:
        UnreadableError: A field is damaged.
        DataError: The metadata is malformed.
    """
    opened = open_plate(zarr_tree, attrs)
    fields = tuple(field for one in opened.fields for field in _read_field(zarr_tree, one))
    return Plate(
        name=opened.name,
        rows=tuple(row for row in opened.rows if any(field.row == row for field in fields)),
        columns=tuple(column for column in opened.columns if any(field.column == column for field in fields)),
        acquisitions=opened.acquisitions,
        fields=fields,
    )


def open_plate(zarr_tree: ZarrTree, attrs: dict[str, Any]) -> OpenPlate:
    """The fields that the wells list, of the wells that are there.

    Args:
        zarr_tree: The hierarchy.
        attrs: Of its root.

    Raises:
        DataError: The metadata is malformed.
    """
    stated = parse_plate(attrs)
    fields = tuple(field for well in stated.well_paths for field in _list_fields(zarr_tree, well))
    known = dict(stated.acquisitions)
    with_wells = {field.row for field in fields}, {field.column for field in fields}
    numbers = sorted({*known, *(field.acquisition for field in fields)})

    def describe(path: str) -> ImageElement:
        with reading(zarr_tree.source, *_DAMAGE):
            image = parse_image(zarr_tree.read_attrs(path))
            return outline_ngff_element(zarr_tree, path, image, image.name or path)

    own: dict[str, bytes | None] = {}

    def is_like(element: ImageElement | LabelsElement, path: str) -> bool:
        finest = element.levels[0].path
        if finest not in own:
            own[finest] = read_metadata(zarr_tree, finest)
        other = read_metadata(zarr_tree, path + finest.removeprefix(element.path))
        return other is not None and other == own[finest]

    return OpenPlate(
        name=stated.name or zarr_tree.name,
        rows=tuple(row for row in stated.rows if row in with_wells[0]),
        columns=tuple(column for column in stated.columns if column in with_wells[1]),
        acquisitions=tuple(Acquisition(number=number, name=known.get(number, "")) for number in numbers),
        fields=fields,
        describe=describe,
        is_like=is_like,
    )


def _list_fields(zarr_tree: ZarrTree, path: str) -> Iterator[FieldName]:
    attrs = zarr_tree.read_attrs(path)
    row, _, column = path.partition("/")
    if "well" not in get_block(attrs):
        return
    well = parse_well(attrs)
    for name, acquisition in zip_longest(well.field_paths, well.field_acquisitions):
        yield FieldName(row=row, column=column, name=name, acquisition=acquisition or 0)


def _read_field(zarr_tree: ZarrTree, one: FieldName) -> Iterator[PlateField]:
    """The field, when it is there."""
    if zarr_tree.has_node(one.path):
        image = parse_image(zarr_tree.read_attrs(one.path))
        element = read_ngff_element(zarr_tree, one.path, image, image.name or one.path, may_guess=False).element
        if isinstance(element, ImageElement):
            yield PlateField(row=one.row, column=one.column, acquisition=one.acquisition, element=element)
