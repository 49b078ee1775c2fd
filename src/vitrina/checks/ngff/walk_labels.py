"""The group ``labels`` of an image, and the label images that it lists.

Source: https://ngff.openmicroscopy.org/0.5/#labels-md, https://ngff.openmicroscopy.org/0.4/#label-md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from vitrina.checks.ngff.document import check_document, get_block
from vitrina.checks.ngff.image_parts import check_arrays, check_version, list_multiscales
from vitrina.checks.ngff.labels import MAX_LABELS
from vitrina.checks.ngff.multiscales import list_datasets
from vitrina.checks.ngff.paths import explain_illegal, join, resolve
from vitrina.checks.ngff.place import Place
from vitrina.checks.ngff.value import show
from vitrina.checks.ngff.version import detect_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.checks.ngff.levels import Level
    from vitrina.checks.ngff.nodes import Node, Nodes
    from vitrina.model.finding import Finding, Severity

_MAX_LISTED = 1_000
"""Further entries of a labels folder are not looked at for label images that no list names."""


def walk_labels(nodes: Nodes, image: Node, place: Place, levels: list[Level]) -> Iterator[Finding]:
    """What is wrong with the labels below an image, where there are any."""
    group = nodes.read(join(image.path, "labels"))
    if group.kind == "missing" or nodes.is_exhausted:
        return
    here = Place(version=detect_version(group.attrs, place.version), node=group.path)
    yield from group.findings
    if group.kind != "group":
        if group.kind == "array":
            message = f"{group.path!r} is an array; a group is expected there, for labels of the image."
            yield here.find("zarr-node-type", "", message)
        return
    block, pointer = get_block(group.attrs)
    if "labels" not in block:
        severity: Severity | None = "error" if place.version.is_namespaced else "warning"
        message = f"The group {group.path!r} has no labels in its attributes; the list of its label images is expected."
        yield place_of(place, group).find("labels-without-list", f"{pointer}/labels", message, severity=severity)
        return
    yield from check_version(place, here)
    yield from check_document(Place(version=here.version, node=group.path), group.attrs)
    yield from walk_label_group(nodes, group, place_of(place, group), image=(image, levels))


def walk_label_group(
    nodes: Nodes, group: Node, place: Place, *, image: tuple[Node, list[Level]] | None
) -> Iterator[Finding]:
    """What is wrong with the label images that a ``labels`` group lists, and with those it should list.

    Args:
        nodes: The store.
        group: The group.
        place: The same.
        image: The image that the labels belong to with its levels, None where only the labels are at hand.
    """
    block, pointer = get_block(group.attrs)
    value = block.get("labels")
    listed = value[:MAX_LABELS] if isinstance(value, list) else []
    paths = [path if isinstance(path, str) else "" for path in listed]
    positions = {path.strip("/"): i for i, path in reversed(list(enumerate(paths))) if explain_illegal(path) is None}
    for path, position in reversed(positions.items()):
        if nodes.is_exhausted:
            return
        label = nodes.read(join(group.path, path))
        where = f"{pointer}/labels/{position}"
        if label.kind == "missing":
            message = (
                f"There is no label image at {label.path!r}, which {where} of {group.path or 'the root'!r} names; it "
                "is expected there."
            )
            yield place.find("label-image-missing", where, message)
        elif label.kind == "group" and not {"multiscales", "image-label"} & set(get_block(label.attrs)[0]):
            yield from label.findings
            message = f"{label.path!r}, which {where} names as a label image, has no multiscales; an image is expected."
            yield place.find("label-image-missing", where, message)
        else:
            yield from _check_between(nodes, group, path, place)
            yield from _walk_label_image(nodes, label, place, image)
    yield from _check_unlisted(nodes, group, place, list(positions))


def place_of(parent: Place, node: Node) -> Place:
    """A group that is held against the version of the one above it."""
    return Place(version=parent.version, node=node.path)


def _walk_label_image(
    nodes: Nodes, label: Node, parent: Place, image: tuple[Node, list[Level]] | None
) -> Iterator[Finding]:
    place = Place(version=detect_version(label.attrs, parent.version), node=label.path)
    yield from label.findings
    if label.kind != "group":
        if label.kind == "array":
            message = f"{label.path!r} is an array; a group that is a label image is expected."
            yield place_of(parent, label).find("zarr-node-type", "", message)
        return
    yield from check_version(parent, place)
    yield from check_document(place, label.attrs)
    block, pointer = get_block(label.attrs)
    if "image-label" not in block:
        message = f"The label image {label.path!r} has no image-label; an object that describes it is recommended."
        yield place.find("label-image-unmarked", f"{pointer}/image-label", message)
    levels: list[Level] = []
    yield from check_arrays(nodes, label, place, levels, is_labels=True)
    yield from _check_source(nodes, label, place)
    if image is not None:
        yield from _check_against_image(place, label, levels, image)


def _check_against_image(
    place: Place, label: Node, levels: list[Level], image: tuple[Node, list[Level]]
) -> Iterator[Finding]:
    mine, theirs = _count_levels(label), _count_levels(image[0])
    if mine and theirs and mine != theirs:
        pointer = f"{get_block(label.attrs)[1]}/multiscales/0/datasets"
        message = f"The label image {label.path!r} has {mine} levels and its image {theirs}; as many are expected."
        yield place.find("labels-level-count", pointer, message)
    if not levels or not image[1]:
        return
    shape, full = levels[0].facts.shape, image[1][0].facts.shape
    if shape is None or full is None or len(shape) != len(full):
        return
    if any(size not in {1, whole} for size, whole in zip(shape, full, strict=True)):
        message = (
            f"The label image {label.path!r} has the shape {show(list(shape))} and its image {show(list(full))}; the "
            "same, or 1, is usual along each axis."
        )
        yield place.find("labels-shape", levels[0].pointer, message)


def _count_levels(node: Node) -> int:
    multiscales = list_multiscales(node.attrs)
    return len(list_datasets(multiscales[0])) if multiscales else 0


def _check_source(nodes: Nodes, label: Node, place: Place) -> Iterator[Finding]:
    block, pointer = get_block(label.attrs)
    marks = block.get("image-label")
    source = marks.get("source") if isinstance(marks, Mapping) else None
    path = source.get("image") if isinstance(source, Mapping) else None
    if not isinstance(path, str) or path.startswith("/") or ":" in path:
        return
    target = resolve(label.path, path)
    if target is None or (target and explain_illegal(target) is not None):
        return
    found = nodes.read(target)
    if found.kind != "group" or "multiscales" not in get_block(found.attrs)[0]:
        where = f"{pointer}/image-label/source/image"
        message = (
            f"The source of the labels at {where} is {show(path)}, which is {target or 'the root'!r}; an image is "
            "expected there."
        )
        yield place.find("label-source-missing", where, message)


def _check_between(nodes: Nodes, group: Node, path: str, place: Place) -> Iterator[Finding]:
    """Source: https://ngff.openmicroscopy.org/0.5/#labels-md, on intermediate groups."""
    parts = path.split("/")
    for depth in range(1, len(parts) if place.version.is_namespaced else 0):
        between = nodes.read(join(group.path, "/".join(parts[:depth])))
        if between.attrs:
            message = f"The group {between.path!r} between labels and a label image has attributes; none are expected."
            yield Place(version=place.version, node=between.path).find("labels-group-metadata", "", message)


def _check_unlisted(nodes: Nodes, group: Node, place: Place, listed: list[str]) -> Iterator[Finding]:
    known = {path.split("/")[0] for path in listed}
    for name in nodes.list_children(group.path)[:_MAX_LISTED]:
        if name in known or explain_illegal(name) is not None or name.startswith(".") or name == "zarr.json":
            continue
        found = nodes.read(join(group.path, name))
        if found.kind == "group" and "multiscales" in get_block(found.attrs)[0]:
            severity: Severity | None = None if place.version.is_namespaced else "info"
            message = (
                f"The label image {found.path!r} is not in the list of {group.path!r}; all are recommended to be "
                "listed."
            )
            yield place.find("labels-unlisted", f"{get_block(group.attrs)[1]}/labels", message, severity=severity)
