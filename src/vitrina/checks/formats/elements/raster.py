"""Images and labels of SpatialData: OME-Zarr, with a spelling of versions and transformations of their own.

Source: https://spatialdata.scverse.org/en/stable/design_doc.html#images and #labels
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from vitrina.checks.formats.codes import build_finding
from vitrina.checks.formats.collect import keep_going
from vitrina.checks.formats.elements.ome_view import OmeView
from vitrina.checks.formats.elements.placement import check_placements
from vitrina.checks.formats.nodes.node import is_integer, join
from vitrina.checks.ngff.check import check_ngff

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitrina.model.finding import Finding
    from vitrina.readers.zarr_tree import ArrayInfo, ZarrTree

_NEVER_WRITTEN: Final = ("axis-unit-missing", "multiscale-field-missing", "label-colors-missing")
"""What OME-Zarr recommends and SpatialData keeps elsewhere or has no use for."""

_VERSIONS: Final = ("0.1", "0.2", "0.3")
"""Source: https://github.com/scverse/spatialdata/blob/main/src/spatialdata/_io/format.py"""


def check_raster(tree: ZarrTree, path: str, kind: str, *, is_metadata_only: bool) -> Iterator[Finding]:
    """What is wrong with the image or labels at a path; ``kind`` is the folder that they lie in."""
    attrs = tree.read_attrs(path)
    block, pointer = (attrs["ome"], "/ome") if isinstance(attrs.get("ome"), dict) else (attrs, "")
    multiscales = block.get("multiscales")
    if not isinstance(multiscales, list) or not multiscales or not isinstance(multiscales[0], dict):
        message = f"{path} lies among {kind}, but its metadata has no multiscales, which every image has."
        yield build_finding("element-type-differs", f"{path}#{pointer}/multiscales", message)
        return
    if kind == "labels":
        yield from keep_going(path, _check_labels(tree, path, block, multiscales[0], pointer))
    else:
        yield from keep_going(path, _check_channels(tree, path, block, multiscales[0], pointer))
    yield from _check_version(attrs, path)
    where = f"{pointer}/multiscales/0/coordinateTransformations"
    transforms = multiscales[0].get("coordinateTransformations")
    yield from keep_going(path, check_placements(transforms, _list_axes(multiscales[0]), path, where))
    yield from keep_going(path, _check_image(tree, path, is_metadata_only=is_metadata_only))


def _check_image(tree: ZarrTree, path: str, *, is_metadata_only: bool) -> Iterator[Finding]:
    """The image as plain OME-Zarr; paths in findings begin at the root of the dataset."""
    view = OmeView(tree.tree, path, tree.format)
    for finding in check_ngff(view, is_metadata_only=is_metadata_only).findings:
        if finding.code in _NEVER_WRITTEN:
            continue
        node, _, pointer = finding.path.partition("#")
        yield replace(finding, path=f"{join(path, node) if node else path}#{pointer}")


def _check_labels(
    tree: ZarrTree, path: str, block: dict[str, Any], multiscale: dict[str, Any], pointer: str
) -> Iterator[Finding]:
    if not isinstance(block.get("image-label"), dict):
        message = f"{path} lies among labels, but its metadata has no image-label, by which labels are known."
        yield build_finding("image-label-missing", f"{path}#{pointer}/image-label", message)
    info = _find_level(tree, path, multiscale)
    if info is not None and not is_integer(info.dtype):
        message = f"{path} holds labels, which are whole numbers, but its pixels are {info.dtype}."
        yield build_finding("labels-dtype", f"{path}#", message)


def _check_channels(
    tree: ZarrTree, path: str, block: dict[str, Any], multiscale: dict[str, Any], pointer: str
) -> Iterator[Finding]:
    """Names of channels lie in omero; there is one for each."""
    omero = block.get("omero")
    channels = omero.get("channels") if isinstance(omero, dict) else None
    axes, info = _list_axes(multiscale), _find_level(tree, path, multiscale)
    if not isinstance(channels, list) or info is None or "c" not in axes or len(info.shape) != len(axes):
        return
    n_channels = info.shape[axes.index("c")]
    if len(channels) != n_channels:
        message = f"{path} has names for {len(channels):,} channels, but it has {n_channels:,} channels."
        yield build_finding("channels-differ", f"{path}#{pointer}/omero/channels", message)


def _find_level(tree: ZarrTree, path: str, multiscale: dict[str, Any]) -> ArrayInfo | None:
    """The array of the finest level; None where it cannot be told, which is told elsewhere."""
    datasets = multiscale.get("datasets")
    first = datasets[0] if isinstance(datasets, list) and datasets else None
    level = first.get("path") if isinstance(first, dict) else None
    return tree.find_array(join(path, level)) if isinstance(level, str) else None


def _check_version(attrs: dict[str, Any], path: str) -> Iterator[Finding]:
    own = attrs.get("spatialdata_attrs")
    version = own.get("version") if isinstance(own, dict) else None
    if version is not None and version not in _VERSIONS:
        message = f"The format of {path} has the version {str(version)[:40]!r}; there are {', '.join(_VERSIONS)}."
        yield build_finding("element-version", f"{path}#/spatialdata_attrs/version", message)


def _list_axes(multiscale: dict[str, Any]) -> list[str]:
    axes = multiscale.get("axes")
    names = [axis.get("name") if isinstance(axis, dict) else axis for axis in (axes if isinstance(axes, list) else [])]
    return [str(name) for name in names]
