"""SpatialData objects to files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from spatialdata import SpatialData


def write_spatialdata(sdata: SpatialData, path: Path) -> None:
    """Write SpatialData as Zarr, shapes as WKB so that every viewer reads them. The object keeps its own path."""
    backing = sdata.path
    try:
        sdata.write(path)
    finally:
        sdata.path = backing
