"""The elements of a dataset to a SpatialData store, one after the other."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from vitrina.convert.anndata.anndata_zarr import write_anndata_group
from vitrina.convert.anndata.options import AnnDataOptions
from vitrina.convert.levels import shift_progress
from vitrina.convert.ome_zarr import write_image
from vitrina.convert.points.write import AXES, Tiled, write_points
from vitrina.convert.spatialdata.metadata import (
    TABLE_VERSIONS,
    annotate_raster,
    build_vector_attrs,
    update_attrs,
    write_group,
    write_root,
)
from vitrina.convert.spatialdata.shapes import simplify_shapes, unwrap_shapes, write_shapes
from vitrina.convert.zarr.consolidate import write_consolidated
from vitrina.model.content import ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
from vitrina.model.finding import Finding
from vitrina.readers.elements import read_shapes, read_table
from vitrina.readers.spatialdata_link import ATTRS, link_table
from vitrina.readers.spatialdata_placement import find_placements
from vitrina.readers.spatialdata_shapes import settle_shapes
from vitrina.readers.spatialdata_vectors import TILES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vitrina.convert.spatialdata.options import SpatialDataOptions
    from vitrina.convert.spatialdata.store import Store
    from vitrina.convert.target import Progress
    from vitrina.convert.unfinished import Unfinished
    from vitrina.model.content import Content, Element

LEFT_OUT = "element-left-out"

MANY_POINTS = 200_000
"""From here on points get a copy in tiles: the viewer redraws what is not tiled at each step of the mouse."""


def write_spatialdata(store: Store, place: Unfinished, progress: Progress | None = None) -> tuple[Finding, ...]:
    """Write all elements. Images that an interrupted run has stored are not made again.

    Args:
        store: What is written.
        place: Where.
        progress: Called with steps done and steps in all.

    Returns:
        What was left out, changed or odd.

    Raises:
        UnreadableError: The source is damaged.
        UnsupportedError: An element cannot be read.
        OSError: It cannot be written.
    """
    root, version = place.path, store.options.version
    attrs = {"vitrina": {"simulated": True}} if store.content.is_simulated else {}
    write_root(root, attrs, version)
    findings: list[Finding] = []
    written: dict[str, str] = {}
    tables = []
    done = 0
    for element, path in zip(store.content.elements, store.paths, strict=True):
        write_group(root / path.split("/")[0], {}, version)
        told = shift_progress(progress, done, store.n_steps)
        if isinstance(element, TableElement):
            tables.append((element, path))  # which need to know what else there is
            continue
        found = _write_element(store, place, element, path, told)
        done += store.plans[path].n_nodes if path in store.plans else 1
        findings += found
        if not any(finding.code == LEFT_OUT for finding in found):
            written.setdefault(element.name, path.split("/")[1])
    for element, path in tables:
        findings += _write_table(store, root, element, path, written)
    _list_labels(store, root)
    write_consolidated(root, store.options.zarr_format)
    if progress is not None:
        progress(store.n_steps, store.n_steps)
    return tuple(findings)


def _write_element(
    store: Store, place: Unfinished, element: Element, path: str, progress: Progress | None
) -> list[Finding]:
    """What is odd about it, or that it was left out."""
    match element:
        case ImageElement() | LabelsElement():
            image = store.images[path]
            write_image(
                path,
                image,
                place.path,
                store.plans[path],
                store.options.build_raster_options(),
                open_journal=place.open_journal,
                progress=progress,
            )
            placements = find_placements(element)
            annotate_raster(place.path / path, placements, list(image.axis_names), store.options.version)
            return []
        case PointsElement():
            return _write_points(store, place, element, path)
        case ShapesElement():
            return _write_shapes(store, place.path, element, path)
    return []


def _write_points(store: Store, place: Unfinished, element: PointsElement, path: str) -> list[Finding]:
    version = store.options.version
    folder = place.path / path
    shutil.rmtree(folder, ignore_errors=True)
    if element.n_points == 0:
        return [_left_out(element)]
    axes = AXES[: len(element.axes)]
    keys = {"feature_key": element.feature_key, "instance_key": element.instance_key}
    attrs = build_vector_attrs("points", find_placements(element), axes, version, keys)
    write_group(folder, attrs, version)
    tiled = None
    table = find_main_table(store.content)
    if table is not None and element.feature_key is not None and _wants_tiles(element, store.options):
        tiled = Tiled(
            folder=folder / TILES / f"{path}_{TILES}" / "points.parquet",
            feature_key=element.feature_key,
            genes=[str(name) for name in read_table(store.source, store.content, table).var_names],
        )
        said = {"vitrina": {"tiles": {"table": store.paths[store.content.elements.index(table)]}}}
        write_root(folder / TILES, said, version)
        write_group(folder / TILES / "points", {}, version)
        write_group(folder / TILES / f"{path}_{TILES}", attrs, version)
    return list(
        write_points(
            store.source,
            store.content,
            element,
            folder / "points.parquet" / "part.0.parquet",
            place.path.with_name("scratch"),
            has_index=True,
            tiled=tiled,
        )
    )


def _wants_tiles(element: PointsElement, options: SpatialDataOptions) -> bool:
    if options.tiles == "auto":
        return element.n_points is None or element.n_points > MANY_POINTS
    return options.tiles == "always"


def find_main_table(content: Content) -> TableElement | None:
    """The table that the viewer shows beside the points, by whose variables it numbers genes."""
    tables = [element for element in content.elements if isinstance(element, TableElement)]
    linked = [table for table in tables if len(table.region) == 1] or tables
    chosen = max(linked, key=lambda one: (one.n_obs, one.n_vars), default=None)
    return chosen if chosen is not None and chosen.n_vars else None


def _write_shapes(store: Store, root: Path, element: ShapesElement, path: str) -> list[Finding]:
    options = store.options
    for name in (path, f"{path}_simplified"):
        shutil.rmtree(root / name, ignore_errors=True)
    shapes, findings = settle_shapes(read_shapes(store.source, store.content, element), element)
    if shapes.empty:
        return [*findings, _left_out(element)]
    shapes = unwrap_shapes(shapes)
    attrs = build_vector_attrs("shapes", find_placements(element), AXES[:2], options.version)
    write_group(root / path, attrs, options.version)
    write_shapes(shapes, root / path)
    simplified = simplify_shapes(shapes, element, options.simplify_tolerance, f"{path}_simplified")
    if simplified is None:
        return list(findings)
    write_group(root / f"{path}_simplified", attrs, options.version)
    write_shapes(simplified[0], root / f"{path}_simplified")
    return [*findings, simplified[1]]


def _write_table(store: Store, root: Path, element: TableElement, path: str, names: Mapping[str, str]) -> list[Finding]:
    shutil.rmtree(root / path, ignore_errors=True)
    read = read_table(store.source, store.content, element)
    table, findings = link_table(_copy_annotations(read), element, names)
    options = AnnDataOptions(
        zarr_format=store.options.zarr_format, n_threads=store.options.pyramid.n_threads, adds_positions=False
    )
    told = write_anndata_group(table, root / path, options, path=path)
    link: dict[str, Any] = table.uns.get(ATTRS, {})
    attrs = {
        "spatialdata-encoding-type": "ngff:regions_table",
        "region": link.get("region"),
        "region_key": link.get("region_key"),
        "instance_key": link.get("instance_key"),
        "version": TABLE_VERSIONS[store.options.version],
    }
    update_attrs(root / path, attrs, store.options.version)
    return [*findings, *told]


def _copy_annotations(table: Any) -> Any:
    """The table with an ``obs`` and ``uns`` that may be changed; matrices that lie in the source stay there."""
    if table.isbacked:
        return table
    copied = table.copy() if table.is_view else table
    copied.obs = copied.obs.copy()
    copied.uns = dict(copied.uns)
    return copied


def _list_labels(store: Store, root: Path) -> None:
    """The list of label images, by which readers of OME-Zarr find them."""
    names = [path.split("/")[1] for path in store.paths if path.startswith("labels/")]
    if names:
        listed = {"labels": names}
        attrs = {"ome": {"version": "0.5", **listed}} if store.options.version == "0.2" else listed
        update_attrs(root / "labels", attrs, store.options.version)


def _left_out(element: PointsElement | ShapesElement) -> Finding:
    return Finding(
        code=LEFT_OUT,
        severity="warning",
        path=element.path,
        message=f"The {element.kind} {element.name!r} are left out: there are none.",
        fix=None,
    )
