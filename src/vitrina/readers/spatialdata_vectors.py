"""Points and shapes of a SpatialData hierarchy, from the metadata of their Parquet files."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Literal

from vitrina.errors import UnreadableError
from vitrina.model.content import PointsElement, PointTiles, ShapesElement
from vitrina.readers.parquet import list_index_columns, name_arrow_type, read_columns, read_extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow.parquet as pq

    from vitrina.model.content import ExtentXY, Placement
    from vitrina.readers.zarr_tree import ZarrTree

type Geometry = Literal["polygon", "circle", "mixed", "unknown"]

_GEOMETRY_OF_TYPE: dict[str, Geometry] = {"Polygon": "polygon", "MultiPolygon": "polygon", "Point": "circle"}

TILES = "tiles"
"""Name of a SpatialData store with nothing but a copy of points in tiles, below the group of the points.

SpatialData looks for no elements there. The viewer finds points only in ``points/NAME`` of a store, and takes two of
the same name for one, also in different stores, so the copy has a name of its own.
"""

FEATURE_NAMES = ("gene", "feature_name", "feature", "target", "genes", "feature_id")
"""Columns that hold the gene of a transcript, where the metadata does not say which."""


def read_points(
    zarr_tree: ZarrTree, path: str, attrs: dict[str, Any], placements: tuple[Placement, ...]
) -> PointsElement:
    """Describe the points whose group lies at ``path``.

    Raises:
        UnreadableError: The Parquet files are missing or damaged.

    Source: https://spatialdata.scverse.org/en/stable/design_doc.html#points
    """
    axes = tuple(str(axis) for axis in attrs.get("axes", ("x", "y")))
    with open_parts(zarr_tree, f"{path}/points.parquet") as files:
        columns = read_columns(files[0], without=(*axes, *list_index_columns(files[0])))
        types = dict(zip(files[0].schema_arrow.names, files[0].schema_arrow.types, strict=True))
        keys = attrs.get("spatialdata_attrs", {})
        stated, instances = keys.get("feature_key"), keys.get("instance_key")
        return PointsElement(
            name=path.rsplit("/", 1)[-1],
            path=path,
            n_points=sum(file.metadata.num_rows for file in files),
            axes=axes,
            feature_key=stated if stated in types else _guess_feature_key(types),
            instance_key=instances if instances in types else None,
            columns=columns,
            extent_xy=read_extent(files, axes[0], axes[1]) if len(axes) > 1 else None,
            placements=placements,
            tiles=_find_tiles(zarr_tree, path),
        )


def _find_tiles(zarr_tree: ZarrTree, points: str) -> PointTiles | None:
    """The copy that Vitrina has written, where its metadata says which table it goes with."""
    path, name = f"{points}/{TILES}", f"{points}_{TILES}"
    own = zarr_tree.read_attrs(path).get("vitrina") if zarr_tree.has_node(path) else None
    said = own.get("tiles") if isinstance(own, dict) else None
    table = said.get("table") if isinstance(said, dict) else None
    is_there = "points.parquet" in zarr_tree.tree.list_children(f"{path}/{name}")
    return PointTiles(store=path, path=name, table=table) if isinstance(table, str) and is_there else None


def read_shapes(zarr_tree: ZarrTree, path: str, placements: tuple[Placement, ...]) -> ShapesElement:
    """Describe the shapes whose group lies at ``path``.

    Raises:
        UnreadableError: The Parquet file is missing or damaged.

    Source: https://spatialdata.scverse.org/en/stable/design_doc.html#shapes
    """
    with open_parts(zarr_tree, f"{path}/shapes.parquet") as files:
        file = files[0]
        geo = _parse_geo(file)
        stated = geo.get("geometry_types")
        kinds = {_GEOMETRY_OF_TYPE.get(str(kind).split(" ")[0], "unknown") for kind in stated or ()}
        return ShapesElement(
            name=path.rsplit("/", 1)[-1],
            path=path,
            n_shapes=sum(part.metadata.num_rows for part in files),
            geometry=_choose_geometry(kinds, file.schema_arrow.names),
            columns=read_columns(file, without=(str(geo.get("column", "geometry")), *list_index_columns(file))),
            extent_xy=_parse_bbox(geo.get("bbox")),
            placements=placements,
        )


@contextmanager
def open_parts(zarr_tree: ZarrTree, path: str) -> Iterator[list[pq.ParquetFile]]:
    """The Parquet file at a path, or the files of the folder there in the order of their names."""
    import pyarrow.parquet as pq

    names = [name for name in zarr_tree.tree.list_children(path) if name.endswith(".parquet")]
    paths = [f"{path}/{name}" for name in sorted(names, key=_sort_key)] or [path]
    with ExitStack() as stack:
        yield [pq.ParquetFile(stack.enter_context(zarr_tree.open_file(part))) for part in paths]


def _sort_key(name: str) -> tuple[int, str]:
    """``part.10.parquet`` after ``part.9.parquet``."""
    digits = "".join(char for char in name if char.isdigit())
    return int(digits) if digits else 0, name


def _guess_feature_key(types: dict[str, Any]) -> str | None:
    by_name = {name.lower(): name for name in types}
    guesses = (by_name[name] for name in FEATURE_NAMES if name in by_name)
    return next((name for name in guesses if name_arrow_type(types[name]) in {"category", "string"}), None)


def _parse_geo(file: pq.ParquetFile) -> dict[str, Any]:
    """The GeoParquet metadata of the primary geometry column, with its name as ``column``; empty when there is none.

    Source: https://geoparquet.org/releases/v1.0.0/
    """
    raw = (file.metadata.metadata or {}).get(b"geo")
    if raw is None:
        return {}
    try:
        geo = json.loads(raw)
        column = geo.get("primary_column", "geometry")
        return {**geo.get("columns", {}).get(column, {}), "column": column}
    except (ValueError, AttributeError, TypeError) as err:
        raise UnreadableError("geoparquet-damaged", f"The GeoParquet metadata is not valid JSON: {err}.") from err


def _choose_geometry(kinds: set[Geometry], names: list[str]) -> Geometry:
    if not kinds or kinds == {"unknown"}:
        return "circle" if "radius" in names else "unknown"
    return next(iter(kinds)) if len(kinds) == 1 else "mixed"


def _parse_bbox(bbox: object) -> ExtentXY | None:
    """GeoParquet gives ``[min x, min y, (min z,) max x, max y (, max z)]``."""
    if not isinstance(bbox, list) or len(bbox) not in {4, 6}:
        return None
    half = len(bbox) // 2
    return float(bbox[0]), float(bbox[1]), float(bbox[half]), float(bbox[half + 1])
