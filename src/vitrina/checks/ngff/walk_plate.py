"""The wells of a plate and their fields of view.

Source: https://ngff.openmicroscopy.org/0.5/#hcs-layout, https://ngff.openmicroscopy.org/0.5/#well-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from vitrina.checks.ngff.document import check_document, get_block
from vitrina.checks.ngff.image_parts import check_version
from vitrina.checks.ngff.paths import explain_illegal, join
from vitrina.checks.ngff.place import Place
from vitrina.checks.ngff.value import find_repeated, is_index, is_integer, show
from vitrina.checks.ngff.version import detect_version
from vitrina.checks.ngff.walk_image import check_image_node, is_image
from vitrina.checks.ngff.well import MAX_FIELDS
from vitrina.checks.ngff.wells import MAX_WELLS, get_line_positions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.model.finding import Finding
    from vitrina.ngff.json_value import JsonObject


class _Plate(NamedTuple):
    """What a well has to agree with."""

    acquisitions: frozenset[int]
    field_count: int | None


def walk_plate(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What is wrong with the wells of a plate, and everything below them."""
    block, pointer = get_block(node.attrs)
    value = block.get("plate")
    if not isinstance(value, Mapping):
        return
    plate = _read_plate(value)
    lines = (get_line_positions(value, "rows"), get_line_positions(value, "columns"))
    rows: set[str] = set()
    seen: set[str] = set()
    for i, well in enumerate(_get_list(value, "wells")[:MAX_WELLS]):
        path = well.get("path") if isinstance(well, Mapping) else None
        if not isinstance(path, str) or explain_illegal(path) is not None or path in seen or nodes.is_exhausted:
            continue
        if place.version.rules >= "0.4" and (path.count("/") != 1 or not _is_on_plate(path, lines)):
            continue  # that is told of the path
        seen.add(path)
        row = path.split("/")[0]
        if "/" in path and row not in rows:
            rows.add(row)
            yield from _check_row(nodes, join(node.path, row), place, f"{pointer}/plate")
        yield from _check_well(nodes, nodes.read(join(node.path, path)), place, plate, f"{pointer}/plate/wells/{i}")


def walk_well(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    """What is wrong with the fields of a well whose plate is not at hand."""
    yield from _walk_fields(nodes, node, place)


def _is_on_plate(path: str, lines: tuple[dict[Any, int], dict[Any, int]]) -> bool:
    parts = zip(path.split("/"), lines, strict=True)
    return all(part in names or not names or None in names for part, names in parts)


def _read_plate(value: JsonObject) -> _Plate:
    acquisitions = _get_list(value, "acquisitions")
    ids = [one.get("id") if isinstance(one, Mapping) else None for one in acquisitions]
    if not all(is_index(id_) for id_ in ids) or find_repeated(ids):
        ids = []  # that is told of the plate, and need not be told of each field
    count = value.get("field_count")
    return _Plate(
        acquisitions=frozenset(int(id_) for id_ in ids if is_integer(id_)),
        field_count=int(count) if is_integer(count) and count > 0 else None,
    )


def _check_row(nodes: Nodes, path: str, place: Place, pointer: str) -> Iterator[Finding]:
    row = nodes.read(path)
    yield from row.findings
    if row.kind == "missing":
        message = f"There is no group at {path!r} for the row of a well; one is expected above the wells."
        yield place.find("row-missing", f"{pointer}/rows", message, fix=f"Add a group at {path}.")
    elif row.kind == "array":
        message = f"{path!r} is an array; the group of a row is expected there."
        yield place.find("zarr-node-type", f"{pointer}/rows", message)


def _check_well(nodes: Nodes, node: Node, parent: Place, plate: _Plate, pointer: str) -> Iterator[Finding]:
    yield from node.findings
    if node.kind == "missing":
        message = f"There is no group at {node.path!r}, which {pointer} names as a well; one is expected there."
        yield parent.find("well-missing", f"{pointer}/path", message)
        return
    block, own = get_block(node.attrs)
    if node.kind == "broken":
        return
    if node.kind != "group" or "well" not in block:
        message = f"{node.path!r}, which {pointer} names as a well, has no well metadata; a list of fields is expected."
        yield parent.find("well-unmarked", f"{pointer}/path", message)
        return
    place = Place(version=detect_version(node.attrs, parent.version), node=node.path)
    yield from check_version(parent, place)
    yield from check_document(place, node.attrs)
    images = _get_list(block["well"], "images") if isinstance(block["well"], Mapping) else []
    yield from _check_agreement(place, images, plate, f"{own}/well/images")
    yield from _walk_fields(nodes, node, place)


def _check_agreement(place: Place, images: list[Any], plate: _Plate, pointer: str) -> Iterator[Finding]:
    """Whether fields and acquisitions are those of the plate."""
    if plate.field_count is not None and len(images) > plate.field_count:
        message = (
            f"The well {place.node!r} has {len(images)} fields and field_count of the plate is {plate.field_count}; "
            "no more are expected."
        )
        yield place.find("plate-field-count-exceeded", pointer, message)
    for i, image in enumerate(images[:MAX_FIELDS]):
        acquisition = image.get("acquisition") if isinstance(image, Mapping) else None
        if not isinstance(image, Mapping):
            continue
        if "acquisition" not in image and len(plate.acquisitions) > 1:
            message = (
                f"The field at {pointer}/{i} of {place.node!r} has no acquisition, and the plate has "
                f"{len(plate.acquisitions)}; the id of one is expected."
            )
            yield place.find("field-acquisition-missing", f"{pointer}/{i}", message)
        elif is_integer(acquisition) and plate.acquisitions and int(acquisition) not in plate.acquisitions:
            message = (
                f"The acquisition at {pointer}/{i} of {place.node!r} is {show(acquisition)}; the id of one of the "
                "plate is expected."
            )
            yield place.find("field-acquisition-unknown", f"{pointer}/{i}/acquisition", message)


def _walk_fields(nodes: Nodes, node: Node, place: Place) -> Iterator[Finding]:
    block, pointer = get_block(node.attrs)
    well = block.get("well")
    images = _get_list(well, "images") if isinstance(well, Mapping) else []
    seen: set[str] = set()
    for i, image in enumerate(images[:MAX_FIELDS]):
        path = image.get("path") if isinstance(image, Mapping) else None
        if not isinstance(path, str) or explain_illegal(path) is not None or path in seen or nodes.is_exhausted:
            continue
        if "/" in path and place.version.rules >= "0.4":
            continue  # that is told of the path
        seen.add(path)
        field = nodes.read(join(node.path, path))
        where = f"{pointer}/well/images/{i}/path"
        if is_image(field):
            yield from check_image_node(nodes, field, place)
            continue
        yield from field.findings
        if field.kind != "broken":
            found = "is nothing" if field.kind == "missing" else "is no image"
            message = (
                f"There {found} at {field.path!r}, which {where} of {node.path or 'the root'!r} names as a field of "
                "view; an image is expected there."
            )
            yield place.find("field-missing", where, message)


def _get_list(block: JsonObject, key: str) -> list[Any]:
    value = block.get(key)
    return value if isinstance(value, list) else []
