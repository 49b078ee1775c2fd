"""What is repaired of a Zarr hierarchy: OME-Zarr, SpatialData, AnnData, MuData."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitrina.checks.fix.arrays import repair_dimension_names
from vitrina.checks.fix.axes import repair_axes
from vitrina.checks.fix.consolidated import build_consolidated, has_consolidated
from vitrina.checks.fix.draft import Draft, list_datasets
from vitrina.checks.fix.hierarchy import build_group_documents, iterate_groups, join, read_attrs, read_document
from vitrina.checks.fix.images import describe, plan_images
from vitrina.checks.fix.labels import repair_label_list, repair_mark
from vitrina.checks.fix.omero import repair_omero
from vitrina.checks.fix.overlay import PlannedSource
from vitrina.checks.fix.plan import Plan, Repair
from vitrina.checks.fix.tables import plan_tables
from vitrina.checks.fix.transforms import repair_transforms
from vitrina.checks.fix.versions import repair_version
from vitrina.checks.ngff.version import detect_version
from vitrina.errors import VitrinaError
from vitrina.model.content import ImageElement
from vitrina.ngff.detect import get_block
from vitrina.readers.ome_metadata import ZARR_KEY
from vitrina.readers.ome_xml import parse_ome_xml
from vitrina.readers.registry import get_reader
from vitrina.readers.zarr_tree import get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.checks.fix.images import Described
    from vitrina.checks.fix.plan import Purpose
    from vitrina.readers.ome_xml import OmeImage
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

_CONSOLIDATED = frozenset({"spatialdata", "anndata", "mudata"})
"""Formats whose writers put a copy of all metadata at the root."""

CONSOLIDATED_CODES = (
    "consolidated-stale", "consolidated-incomplete", "consolidated-malformed", "zarr-consolidated-stale",
)  # fmt: skip
"""Of copies of all metadata that differ from it; they are made anew after every repair."""


def plan_zarr(source: Source, format_: str, purpose: Purpose) -> Plan:
    """What is repaired of a hierarchy.

    Args:
        source: A folder, or a zip file.
        format_: As its reader calls it.
        purpose: Whether what is there is rewritten for the viewer too.

    Raises:
        UnreadableError: There is no hierarchy, or it is damaged.
    """
    zarr_tree = get_zarr_tree(source)
    drafts: dict[str, Draft] = {}
    arrays: dict[str, dict[str, Any]] = {}
    if format_ in {"ome-zarr", "spatialdata"}:
        for path in iterate_groups(zarr_tree):
            draft = drafts[path] = Draft(path, read_attrs(zarr_tree, path))
            _repair_group(zarr_tree, draft, arrays, is_spatialdata=format_ == "spatialdata")
    images = _describe_images(zarr_tree, drafts, _build_documents(zarr_tree, drafts, arrays))
    if format_ == "ome-zarr":
        _repair_displays(zarr_tree, drafts, images, purpose)
    jobs = plan_images(images, drafts, source, purpose=purpose, is_family=format_ == "ome-zarr")
    documents = _build_documents(zarr_tree, drafts, arrays)
    table_repairs, tables = _plan_tables(source, format_) if purpose == "viewer" else ((), ())
    is_wanted = format_ in _CONSOLIDATED and not has_consolidated(zarr_tree)
    repairs = [repair for draft in drafts.values() for repair in draft.repairs] + list(table_repairs)
    if build_consolidated(zarr_tree, is_wanted_at_root=is_wanted):
        message = "Copy the metadata of all groups and arrays to the root, as readers over the web need it."
        codes = () if is_wanted else CONSOLIDATED_CODES
        repairs.append(Repair(codes=codes, kind="consolidated", path="", message=message))
    return Plan(
        repairs=tuple(repairs),
        documents=documents,
        images=jobs,
        tables=tables,
        has_root_copy=is_wanted,
        reasons={(path, code): reason for path, draft in drafts.items() for code, reason in draft.reasons.items()},
    )


def _repair_group(
    zarr_tree: ZarrTree, draft: Draft, arrays: dict[str, dict[str, Any]], *, is_spatialdata: bool
) -> None:
    """Metadata that follows from metadata. SpatialData has versions, axes and transformations of its own."""
    path = draft.path
    _repair_marks_of_zarr(zarr_tree, draft)
    if not is_spatialdata:
        repair_version(draft, zarr_tree.format)
    parent, _, name = path.rpartition("/")
    if name == "labels" and (not draft.multiscales):
        repair_label_list(
            draft, _list_labels(zarr_tree, path), zarr_format=zarr_tree.format, is_spatialdata=is_spatialdata
        )
    if not draft.multiscales:
        return
    if parent.rpartition("/")[2] == "labels" and (not is_spatialdata or parent == "labels"):
        repair_mark(draft)
    paths = [str(dataset.get("path")) for one in draft.multiscales for dataset in list_datasets(one)]
    found = {one: _read_array(zarr_tree, join(path, one)) for one in paths}
    known = {one: document for one, document in found.items() if document is not None}
    if not is_spatialdata:
        repair_axes(draft, _find_common_names(known))
        repair_transforms(draft, {one: tuple(document["shape"]) for one, document in known.items()})
    if zarr_tree.format == 3:
        _repair_names(draft, known, arrays)


def _repair_marks_of_zarr(zarr_tree: ZarrTree, draft: Draft) -> None:
    """Source: https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html#groups."""
    if zarr_tree.format == 3:
        return
    group = read_document(zarr_tree.tree, join(draft.path, ".zgroup"))
    if group is None and draft.attrs:
        draft.tell("zarr-group-missing", message=f"Add .zgroup to {draft.name}, which makes it a group of Zarr 2.")
    elif group is not None and group.get("zarr_format") != 2:
        draft.tell(
            "zarr-format-invalid", message=f"Set zarr_format of {draft.name} to 2, as its documents are of Zarr 2."
        )


def _repair_names(draft: Draft, known: Mapping[str, dict[str, Any]], arrays: dict[str, dict[str, Any]]) -> None:
    for multiscale in draft.multiscales:
        axes = multiscale.get("axes")
        found = [axis.get("name") if isinstance(axis, dict) else None for axis in axes or ()]
        names = [name for name in found if isinstance(name, str)]
        if not names or len(names) < len(found):
            continue
        for dataset in list_datasets(multiscale):
            path = str(dataset.get("path"))
            repaired = repair_dimension_names(draft, path, known[path], names) if path in known else None
            if repaired is not None:
                arrays[join(draft.path, path, "zarr.json")] = repaired


def _describe_images(
    zarr_tree: ZarrTree, drafts: Mapping[str, Draft], documents: Mapping[str, dict[str, Any]]
) -> dict[str, Described]:
    """The images of all groups, as a reader will see them when their metadata is repaired."""
    planned = get_zarr_tree(PlannedSource(zarr_tree.source.path, documents))
    known = {path: draft for path, draft in drafts.items() if detect_version(draft.attrs).rules != "0.6"}
    found = {path: describe(planned, path, draft.attrs) for path, draft in known.items() if draft.multiscales}
    return {path: image for path, image in found.items() if image is not None}


def _repair_displays(
    zarr_tree: ZarrTree, drafts: Mapping[str, Draft], images: Mapping[str, Described], purpose: Purpose
) -> None:
    series = _read_ome_images(zarr_tree)
    for path, image in images.items():
        element = image.element
        if isinstance(element, ImageElement):
            repair_omero(
                drafts[path], element, series.get(path), purpose=purpose, is_color_guessed=image.is_color_guessed
            )
        elif image.is_labels_guessed:
            reason = "It looks like a label image, and nothing says so."
            drafts[path].refuse("ngff-omero-missing", reason=reason)


def _read_ome_images(zarr_tree: ZarrTree) -> dict[str, OmeImage]:
    """What OME-XML says of images, by path: of the root, or of the images in the order of its series.

    Source: https://ngff.openmicroscopy.org/0.4/#bf2raw
    """
    try:
        text = (zarr_tree.tree.get(ZARR_KEY) or b"").decode("utf-8", errors="replace")
        images = parse_ome_xml(text) if text else ()
    except VitrinaError:
        return {}
    if "multiscales" in get_block(read_attrs(zarr_tree, "")):
        return {"": images[0]} if len(images) == 1 else {}
    listed = get_block(read_attrs(zarr_tree, "OME")).get("series")
    paths = listed if isinstance(listed, list) else [str(number) for number in range(len(images))]
    return dict(zip(map(str, paths), images, strict=True)) if len(paths) == len(images) else {}


def _plan_tables(source: Source, format_: str) -> tuple[tuple[Repair, ...], tuple[Any, ...]]:
    if format_ not in _CONSOLIDATED:
        return (), ()
    return plan_tables(get_zarr_tree(source), get_reader(format_).read_content(source))


def _build_documents(
    zarr_tree: ZarrTree, drafts: Mapping[str, Draft], arrays: Mapping[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    documents = dict(arrays)
    for path, draft in drafts.items():
        if draft.repairs:
            built = build_group_documents(zarr_tree, path, draft.attrs)
            documents |= {key: one for key, one in built.items() if read_document(zarr_tree.tree, key) != one}
    return documents


def _list_labels(zarr_tree: ZarrTree, path: str) -> list[str]:
    names = [name for name in zarr_tree.tree.list_children(path) if not name.startswith(".")]
    return [name for name in names if "multiscales" in get_block(read_attrs(zarr_tree, join(path, name)))]


def _read_array(zarr_tree: ZarrTree, path: str) -> dict[str, Any] | None:
    """The document of an array whose shape is usable."""
    document = read_document(zarr_tree.tree, join(path, "zarr.json" if zarr_tree.format == 3 else ".zarray"))
    shape = (document or {}).get("shape")
    is_usable = isinstance(shape, list) and all(isinstance(size, int) and size >= 0 for size in shape)
    return document if is_usable else None


def _find_common_names(known: Mapping[str, dict[str, Any]]) -> list[str] | None:
    names = [document.get("dimension_names") for document in known.values()]
    first = names[0] if names else None
    return first if isinstance(first, list) and all(one == first for one in names) else None
