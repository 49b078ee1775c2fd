"""Outlines of cells in GeoJSON, in pixels of the picture that they were drawn on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError, VitrinaError
from vitrina.model.content import Placement, ShapesElement
from vitrina.readers.damage import reading
from vitrina.readers.source import Source
from vitrina.readers.vendor.part import GLOBAL, Described
from vitrina.readers.vendor.picture_file import PictureFilePart

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

    from vitrina.model.content import Element

MAX_BYTES = 2**30
"""JSON is read as a whole; a million cells of 20 vertices have 500 MB."""

_POLYGONS = {"Polygon", "MultiPolygon"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoJsonPart:
    """The polygons of a file.

    Attributes:
        path: The file.
        key: Of the element.
        name: Of the element.
        image: The picture whose pixel size places them, None without one.
        system: Coordinate system in which they lie.
    """

    path: Path
    key: str
    name: str
    image: Path | None
    system: str = GLOBAL

    def describe(self) -> Described:
        """The element; the file is read as a whole."""
        shapes = self.read_shapes()
        bounds: Any = tuple(float(one) for one in shapes.total_bounds)
        element = ShapesElement(
            name=self.name,
            path=self.key,
            n_shapes=len(shapes),
            geometry="polygon",
            extent_xy=bounds,
            placements=self._place(),
        )
        return Described(element=element)

    def read_shapes(self) -> GeoDataFrame:
        """The polygons, indexed by their id, else counted from 1.

        Raises:
            UnreadableError: It is no GeoJSON, or holds no polygon.
        """
        with reading(Source(self.path), "shapes-damaged", "GeoJSON"):
            import geopandas
            import pandas as pd
            from shapely.geometry import shape

            if self.path.stat().st_size > MAX_BYTES:
                raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
            document = json.loads(self.path.read_bytes())
            features = document.get("features") if isinstance(document, dict) else document
            if not isinstance(features, list):
                raise UnreadableError(
                    "shapes-damaged", f"{self.key} is no collection of features.", where=str(self.path)
                )
            ids, outlines = [], []
            for number, feature in enumerate(features, start=1):
                geometry = feature.get("geometry", feature) if isinstance(feature, dict) else None
                if isinstance(geometry, dict) and geometry.get("type") in _POLYGONS:
                    ids.append(_find_id(feature, number))
                    outlines.append(shape(geometry))
            if not outlines:
                raise UnreadableError("shapes-empty", f"{self.key} holds no polygon.", where=str(self.path))
            if len(set(ids)) < len(ids):
                ids = list(range(1, len(ids) + 1))
            return geopandas.GeoDataFrame({"geometry": outlines}, index=pd.Index(ids))

    def _place(self) -> tuple[Placement, ...]:
        if self.image is None:
            return (Placement(coordinate_system=self.system),)
        try:
            element: Element = PictureFilePart(path=self.image, key="", name="", system=self.system).describe().element
        except VitrinaError:
            return (Placement(coordinate_system=self.system),)  # told where the picture is described
        return getattr(element, "placements", ())


def _find_id(feature: dict[str, Any], number: int) -> int:
    properties = feature.get("properties")
    stated = [feature.get("id")]
    if isinstance(properties, dict):
        stated = [*(properties.get(name) for name in ("label", "cell_id", "id")), *stated]
    found = next((value for value in stated if str(value).isdecimal()), number)
    return int(str(found))
