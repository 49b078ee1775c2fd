"""SpatialData in Zarr against its specification.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html and
https://github.com/scverse/spatialdata/blob/main/src/spatialdata/_io/format.py for the versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vitrina.checks.checked import Checked
from vitrina.checks.formats.apart import check_apart
from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going, shorten
from vitrina.checks.formats.elements.raster import check_raster
from vitrina.checks.formats.elements.table import check_table
from vitrina.checks.formats.elements.vectors import check_vectors
from vitrina.checks.formats.nodes.consolidated import check_consolidated
from vitrina.checks.formats.nodes.node import join
from vitrina.checks.limits import limit_findings
from vitrina.errors import DataError
from vitrina.readers.damage import check_not_empty, reading
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from vitrina.model.finding import Finding
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

VERSIONS: Final = {"0.1": 2, "0.2": 3}
"""Versions of the container, and the Zarr format that each is written in."""

FOLDERS: Final = ("images", "labels", "points", "shapes", "tables", "table")
"""Where elements lie; ``table`` held the only table before 0.1."""


def check_spatialdata(source: Source, *, is_metadata_only: bool = False) -> Checked:
    """What is wrong with a SpatialData hierarchy and each of its elements.

    Args:
        source: Zarr in a folder or zip file.
        is_metadata_only: Whether values (pixels, category codes, ids) are left unread.

    Raises:
        UnreadableError: Nothing can be read.
    """
    check_not_empty(source)
    return check_apart("spatialdata", source, is_metadata_only=is_metadata_only)


def check_spatialdata_here(source: Source, *, is_metadata_only: bool = False) -> Checked:
    """The same inside this process, which the Parquet library can end where a file is damaged.

    Raises:
        UnreadableError: Nothing can be read.
    """
    with without_format_warnings():
        with reading(source, "hierarchy-damaged", "SpatialData"):
            tree = get_zarr_tree(source)
        findings = limit_findings(_check(tree, is_metadata_only=is_metadata_only))
        return Checked(kind="spatialdata", version=_find_version(tree), findings=findings)


def _check(tree: ZarrTree, *, is_metadata_only: bool) -> Iterator[Finding]:
    yield from keep_going("", _check_root(tree))
    elements: dict[str, str] = {}
    for folder in FOLDERS:
        names = yield from _list_elements(tree, folder)
        for name in names:
            if name in elements and folder != "table":
                message = f"There is {elements[name]}/{name} as well as {folder}/{name}; names must differ."
                yield build_finding("element-name-repeated", f"{folder}/{name}#", message)
            elements.setdefault(name, folder)
    for name, folder in elements.items():
        path = f"{folder}/{name}"
        yield from keep_going(path, _check_element(tree, path, folder, elements, is_metadata_only=is_metadata_only))
    yield from keep_going("labels", _check_label_list(tree, elements))
    yield from check_consolidated(tree)


def _check_element(
    tree: ZarrTree, path: str, folder: str, elements: Mapping[str, str], *, is_metadata_only: bool
) -> Iterator[Finding]:
    if folder in {"images", "labels"}:
        return check_raster(tree, path, folder, is_metadata_only=is_metadata_only)
    if folder in {"points", "shapes"}:
        return check_vectors(tree, path, folder)
    return check_table(tree, path, elements, is_metadata_only=is_metadata_only)


def _check_root(tree: ZarrTree) -> Iterator[Finding]:
    own = tree.read_attrs().get("spatialdata_attrs")
    where = "#/spatialdata_attrs"
    if own is None:
        message = "The root has no spatialdata_attrs: the dataset was written before SpatialData 0.2, or lost them."
        yield build_finding("spatialdata-old", where, message, fix="Read it with spatialdata and write it again.")
        return
    version = own.get("version") if isinstance(own, dict) else None
    if not isinstance(version, str) or version not in VERSIONS:
        found = "absent" if version is None else repr(version)[:40]
        message = f"The version in spatialdata_attrs must be {' or '.join(VERSIONS)}, but it is {found}."
        yield build_finding("spatialdata-version", f"{where}/version", message)
    elif VERSIONS[version] != tree.format:
        message = f"SpatialData {version} is Zarr version {VERSIONS[version]}, but this is version {tree.format}."
        yield build_finding("spatialdata-zarr-format", f"{where}/version", message)
    others = [name for name in tree.list_groups("") if name not in FOLDERS]
    if others:
        message = f"The root also holds {shorten(others)}, which SpatialData does not read."
        yield build_finding("element-group-unknown", "#", message)


def _list_elements(tree: ZarrTree, folder: str) -> Generator[Finding, None, list[str]]:
    """Yields findings; returns the names of the elements."""
    there = [name for name in tree.tree.list_children(folder) if not name.startswith(".") and name != "zarr.json"]
    names = []
    for name in there:
        path = join(folder, name)
        if _has_node(tree, path):
            names.append(name)
        else:
            message = f"{path} has no Zarr metadata of its own, so that readers do not see the element."
            yield build_finding("element-metadata-missing", f"{path}#", message, fix="Copy the dataset again.")
    if there and not _has_node(tree, folder):
        message = f"{folder} has no Zarr metadata of its own, so that readers do not see the elements in it."
        yield build_finding("element-metadata-missing", f"{folder}#", message, fix="Copy the dataset again.")
    return names


def _has_node(tree: ZarrTree, path: str) -> bool:
    """Whether there is metadata, also such as cannot be read, which is told where the element is checked."""
    try:
        return tree.has_node(path)
    except DataError:
        return True


def _check_label_list(tree: ZarrTree, elements: Mapping[str, str]) -> Iterator[Finding]:
    """OME-Zarr lists the label images of a group in its metadata, where it has such a list."""
    attrs = tree.read_attrs("labels")
    block, pointer = (attrs["ome"], "/ome") if isinstance(attrs.get("ome"), dict) else (attrs, "")
    listed = block.get("labels")
    if not isinstance(listed, list):
        return
    there = [name for name, folder in elements.items() if folder == "labels"]
    missing = [name for name in listed if name not in there]
    unlisted = [name for name in there if name not in listed]
    if missing:
        message = f"The list of labels names {shorten(missing)}, which are not there."
        yield build_finding("labels-list-stale", f"labels#{pointer}/labels", message)
    if unlisted:
        message = f"The list of labels leaves out {shorten(unlisted)}, which OME-Zarr readers do not see."
        fix = "Add them to the list."
        yield build_finding("labels-list-incomplete", f"labels#{pointer}/labels", message, fix=fix)


def _find_version(tree: ZarrTree) -> str | None:
    try:
        own = tree.read_attrs().get("spatialdata_attrs")
    except DataError:
        return None
    version = own.get("version") if isinstance(own, dict) else None
    return version if isinstance(version, str) else None
