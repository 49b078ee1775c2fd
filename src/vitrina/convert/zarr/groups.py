"""The groups of an OME-Zarr hierarchy and their attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from vitrina.convert.zarr.arrays import build_json_bytes
from vitrina.ngff.v04 import image as image_v04
from vitrina.ngff.v04 import labels as labels_v04
from vitrina.ngff.v05 import image as image_v05
from vitrina.ngff.v05 import labels as labels_v05

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from vitrina.ngff.image import Image

    type Version = Literal["0.4", "0.5"]

LAYOUT = 3
"""Of a collection of images. Source: https://ngff.openmicroscopy.org/0.4/#bf2raw"""


def write_image_group(root: Path, path: str, image: Image, version: Version) -> None:
    """The group of an image or label image."""
    built = image_v04.build_image(image) if version == "0.4" else image_v05.build_image(image)
    write_group(root / path, built, version)


def write_label_groups(root: Path, paths: Iterable[str], version: Version) -> None:
    """The groups that list label images.

    Args:
        root: Of the hierarchy.
        paths: Of all images; those below a ``labels`` are label images.
        version: Of OME-Zarr.
    """
    listed: dict[str, list[str]] = {}
    for path in paths:
        above, separator, name = f"/{path}".rpartition("/labels/")
        if separator:
            listed.setdefault(f"{above}/labels".lstrip("/"), []).append(name)
    build = labels_v04.build_labels if version == "0.4" else labels_v05.build_labels
    for path, names in listed.items():
        write_group(root / path, build(names), version)


def write_collection(root: Path, series: Sequence[str], version: Version, ome_xml: str | None) -> None:
    """The root of several images, and the ``OME`` group with what is known of them all.

    Args:
        root: Of the hierarchy.
        series: Paths of the images; none where the root is an image itself.
        version: Of OME-Zarr.
        ome_xml: Kept as it is; None where there is none.
    """
    if series:
        write_group(root, _wrap({"bioformats2raw.layout": LAYOUT}, version), version)
    write_group(root / "OME", _wrap({"series": list(series)} if series else {}, version), version)
    if ome_xml is not None:
        (root / "OME" / "METADATA.ome.xml").write_text(ome_xml, encoding="utf-8")


def _wrap(attrs: dict[str, Any], version: Version) -> dict[str, Any]:
    """Where the keys of OME-Zarr lie in the attributes."""
    return attrs if version == "0.4" or not attrs else {"ome": {"version": image_v05.VERSION, **attrs}}


def write_group(folder: Path, attrs: dict[str, Any], version: Version) -> None:
    """A group with attributes; the folder is made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    if version == "0.5":
        group = {"zarr_format": 3, "node_type": "group", "attributes": attrs}
        (folder / "zarr.json").write_bytes(build_json_bytes(group))
        return
    (folder / ".zgroup").write_bytes(build_json_bytes({"zarr_format": 2}))
    if attrs:
        (folder / ".zattrs").write_bytes(build_json_bytes(attrs))
