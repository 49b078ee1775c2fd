"""OME-Zarr images, label images, plates and collections of series."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, ImageElement, LabelsElement
from vitrina.model.finding import Finding
from vitrina.ngff.detect import (
    find_kind,
    find_version,
    get_block,
    is_draft,
    parse_image,
    parse_labels,
    parse_plate,
    parse_well,
)
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.data_array import build_data_array
from vitrina.readers.ngff_element import read_ngff_element
from vitrina.readers.ngff_plate import open_plate, read_plate
from vitrina.readers.pixels.zarr import open_zarr_pixels
from vitrina.readers.raster import read_raster_preview
from vitrina.readers.zarr_tree import find_zarr_tree, get_zarr_tree

if TYPE_CHECKING:
    import zarr

    from vitrina.model.plate import Plate
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.ngff_element import NgffElement
    from vitrina.readers.open_plate import OpenPlate
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

_DESCRIBED = {"image", "labels", "plate", "well", "bioformats2raw"}
_DAMAGE = "ome-zarr-damaged", "OME-Zarr"

MAX_SERIES = 64
"""Further images of a collection are left out of the description."""


class OmeZarrReader:
    """Reads OME-Zarr 0.4 and 0.5, and what older versions and drafts of 0.6 share with them."""

    format = "ome-zarr"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".zarr", ".zarr.zip"):
            return True
        try:
            zarr_tree = find_zarr_tree(source)
            return zarr_tree is not None and find_kind(zarr_tree.read_attrs()) in _DESCRIBED
        except UnreadableError:
            return ".zarr" in source.path.name.lower()  # damaged; the name alone says that it should be Zarr

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            attrs = zarr_tree.read_attrs()
            version = find_version(attrs)
            found = _read_elements(zarr_tree, attrs)
            findings = [finding for part in found for finding in part.findings]
            return Content(
                format=self.format,
                format_version=version,
                container=zarr_tree.container,
                is_zipped=zarr_tree.is_zipped,
                root=zarr_tree.root,
                elements=tuple(part.element for part in found),
                is_simulated=_is_simulated(attrs),
                findings=(*_check_version(version), *_check_kind(attrs, len(found)), *findings),
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            rasters = [element for element in content.elements if isinstance(element, ImageElement | LabelsElement)]
            images = [element for element in rasters if isinstance(element, ImageElement)]
            if not rasters:
                return None
            chosen = (images or rasters)[0]
            return read_raster_preview(chosen, lambda i: zarr_tree.open_array(chosen.levels[i].path), min_side_px)

    def read_object(self, source: Source) -> object:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            element = _read_elements(zarr_tree, zarr_tree.read_attrs())[0].element
            return build_data_array(element, zarr_tree.open_array(element.levels[0].path)[...])

    def open_object(self, source: Source) -> zarr.Group:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            return get_zarr_tree(source).open_group()

    def read_plate(self, source: Source) -> Plate | None:
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            attrs = zarr_tree.read_attrs()
            return read_plate(zarr_tree, attrs) if find_kind(attrs) == "plate" else None

    def open_plate(self, source: Source) -> OpenPlate | None:
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            attrs = zarr_tree.read_attrs()
            return open_plate(zarr_tree, attrs) if find_kind(attrs) == "plate" else None

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        return open_zarr_pixels(source, element, level)


def _read_elements(zarr_tree: ZarrTree, attrs: dict[str, Any]) -> list[NgffElement]:
    """The images of the root group, whatever kind it is; at least one.

    Raises:
        UnreadableError: There is no image.
    """
    images: list[str] = []
    match find_kind(attrs):
        case "image" | "labels":
            return _read_image_with_labels(zarr_tree)
        case "plate":
            images = _list_plate_fields(zarr_tree, attrs)
        case "well":
            images = _list_well_fields(zarr_tree, attrs)
        case "bioformats2raw":
            images = _list_series(zarr_tree)
    if not images:
        raise UnreadableError(
            "image-missing",
            f"{zarr_tree.source.path} holds no OME-Zarr image: its metadata names none that is there.",
            where=str(zarr_tree.source.path),
        )
    return [_read_image(zarr_tree, path, name=path) for path in images]


def _read_image_with_labels(zarr_tree: ZarrTree) -> list[NgffElement]:
    root = _read_image(zarr_tree, "", name=zarr_tree.name)
    labels_attrs = zarr_tree.read_attrs("labels")
    if "labels" not in get_block(labels_attrs):
        return [root]
    names = parse_labels(labels_attrs)
    return [root, *(_read_image(zarr_tree, f"labels/{name}", name=name) for name in names)]


def _read_image(zarr_tree: ZarrTree, path: str, *, name: str) -> NgffElement:
    image = parse_image(zarr_tree.read_attrs(path))
    stated = image.name if image.name and "/" not in image.name and not path else None
    is_labels = image.is_labels or path.startswith("labels/")
    return read_ngff_element(zarr_tree, path, replace(image, is_labels=is_labels), stated or name)


def _list_plate_fields(zarr_tree: ZarrTree, attrs: dict[str, Any]) -> list[str]:
    """The first field of the first well that is there: a plate has thousands, and all look alike."""
    for well in parse_plate(attrs).well_paths:
        fields = _list_well_fields(zarr_tree, zarr_tree.read_attrs(well), well)
        if fields:
            return fields
    return []


def _list_well_fields(zarr_tree: ZarrTree, attrs: dict[str, Any], well: str = "") -> list[str]:
    """The first field of a well, when it is there."""
    if "well" not in get_block(attrs):
        return []
    paths = (f"{well}/{field}".lstrip("/") for field in parse_well(attrs).field_paths)
    return [path for path in paths if zarr_tree.has_node(path)][:1]


def _list_series(zarr_tree: ZarrTree) -> list[str]:
    """The images of a collection: as ``OME`` lists them, else numbered groups.

    Source: https://ngff.openmicroscopy.org/0.4/#bf2raw
    """
    series = get_block(zarr_tree.read_attrs("OME")).get("series")
    if isinstance(series, list):
        return [name for name in series if isinstance(name, str)][:MAX_SERIES]
    numbers = sorted(int(name) for name in zarr_tree.tree.list_children("") if name.isdecimal())
    return [str(number) for number in numbers][:MAX_SERIES]


def _is_simulated(attrs: dict[str, Any]) -> bool:
    own = attrs.get("vitrina")
    return isinstance(own, dict) and own.get("simulated") is True


def _check_version(version: str | None) -> list[Finding]:
    if version is None:
        return [
            Finding(
                code="version-missing",
                severity="warning",
                path="#",
                message="The metadata does not say which version of OME-Zarr it is; it was read as 0.4 or 0.5.",
            )
        ]
    if is_draft(version):
        return [
            Finding(
                code="version-draft",
                severity="warning",
                path="#/ome/version",
                message=f"The metadata is of OME-Zarr {version}; of that version only scales and translations are "
                "understood, transforms between coordinate systems are not.",
            )
        ]
    if version.startswith(("0.4", "0.5")):
        return []
    return [
        Finding(
            code="version-unknown",
            severity="warning",
            path="#",
            message=f"The metadata states the OME-Zarr version {version!r}, but 0.4 and 0.5 are known; it was read as "
            "far as they agree.",
        )
    ]


def _check_kind(attrs: dict[str, Any], n_images: int) -> list[Finding]:
    kind = find_kind(attrs)
    if kind == "plate":
        n_wells = len(parse_plate(attrs).well_paths)
        message = f"This is a plate of {n_wells} wells; its first field of view stands for all in the description."
        return [Finding(code="plate-first-field", severity="info", path="#/plate", message=message)]
    if kind == "well":
        n_fields = len(parse_well(attrs).field_paths)
        message = f"This is a well of {n_fields} fields of view; only the first is described and shown."
        return [Finding(code="well-first-field", severity="info", path="#/well", message=message)]
    if kind == "bioformats2raw" and n_images > 1:
        message = f"This is a collection of {n_images} images."
        return [Finding(code="collection", severity="info", path="#", message=message)]
    return []
