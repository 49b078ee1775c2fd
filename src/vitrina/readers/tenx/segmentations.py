"""Outlines of cells that Space Ranger 4 segments for Visium HD, in GeoJSON.

Source: https://www.10xgenomics.com/support/software/space-ranger/latest/analysis/outputs/segmented-outputs
"""

from __future__ import annotations

import json
import mmap
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

CELL_KEY = "cell_id"
MAX_BYTES = 8 * 2**30
"""Larger files are refused: GeoJSON can only be parsed as a whole."""


def count_cells(path: Path) -> int:
    """How many outlines a file holds, by a search that parses nothing."""
    if path.stat().st_size == 0:
        return 0
    count = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        at = mapped.find(b'"geometry"')
        while at >= 0:
            count += 1
            at = mapped.find(b'"geometry"', at + 10)
    return count


def read_cells(path: Path) -> GeoDataFrame:
    """The outlines in pixels of the full-resolution image, named as the barcodes of the counts are.

    Of outlines in several parts all parts are kept; features without an id or an outline are left out.

    Raises:
        UnreadableError: It is no GeoJSON with a list of features.
    """
    import geopandas
    import pandas as pd
    from shapely.geometry import shape

    if path.stat().st_size > MAX_BYTES:
        raise _wrong(path, f"it has more than {MAX_BYTES:,} bytes")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as err:
        raise _wrong(path, str(err)) from err
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise _wrong(path, "it has no list of features")
    try:
        found = {_name_cell(feature): shape(feature["geometry"]) for feature in features if _is_outline(feature)}
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise _wrong(path, f"a feature is malformed: {err}") from err
    index = pd.Index(list(found), name=CELL_KEY, dtype=str)
    return geopandas.GeoDataFrame(geometry=list(found.values()), index=index)


def _is_outline(feature: Any) -> bool:
    geometry = feature.get("geometry") or {}
    return CELL_KEY in (feature.get("properties") or {}) and geometry.get("type") in {"Polygon", "MultiPolygon"}


def _name_cell(feature: Any) -> str:
    """``cellid_000000007-1`` for the number 7; texts stay what they are."""
    cell = feature["properties"][CELL_KEY]
    return f"cellid_{int(cell):09d}-1" if isinstance(cell, int | float) else str(cell)


def _wrong(path: Path, reason: str) -> UnreadableError:
    return UnreadableError(
        "geojson-damaged",
        f"{path} cannot be read as outlines of cells: {reason}.",
        hint="The file is probably truncated or damaged: copy or download it again.",
        where=str(path),
    )
