"""Points in views of SpatialData: all of them, or a sample, and where there are tiles a layer of all to zoom into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vitrina.gateway.point_sample import MAX_DRAWN_POINTS
from vitrina.gateway.vitessce.plan import FEATURE_TYPE, POINT_TYPE, File, Layer
from vitrina.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.content import PointsElement, TableElement

UID = "points"
ALL_UID = "points-all"
ALL_TYPE = "point of all"
"""The viewer tells sets of points apart by what they are, not by their files."""


@dataclass(frozen=True, slots=True)
class PointsPlan:
    """How points are drawn.

    Attributes:
        points: The points; None for none.
        table: The table that is shown, whose variables are the genes.
        coordinate_system: In which everything is drawn.
        sampled: Points by path of which the gateway gives a sample.
    """

    points: PointsElement | None
    table: TableElement | None
    coordinate_system: str
    sampled: Mapping[str, PointsElement]

    @property
    def is_sampled(self) -> bool:
        """Whether the gateway gives a sample."""
        return self.points is not None and self.points.path in self.sampled

    @property
    def has_tiles(self) -> bool:
        """Whether there is a copy in tiles that numbers genes as the table that is shown does."""
        tiles = None if self.points is None else self.points.tiles
        return self.is_sampled and tiles is not None and self.table is not None and tiles.table == self.table.path

    def build_files(self, url: str, tiles_url: str | None) -> list[File]:
        """What the viewer loads.

        Args:
            url: Where the store is read from; a sample through the gateway.
            tiles_url: Where the store with the tiles is read from, which is a store of its own; None for no tiles.
        """
        if self.points is None or self.table is None:
            return []
        place: dict[str, object] = {"path": self.points.path, "coordinateSystem": self.coordinate_system}
        genes = {"obsFeatureMatrix": {"path": f"{self.table.path}/X"}}
        files = [_build_file(url, {"obsPoints": {**place, "tablePath": self.table.path}, **genes}, UID, POINT_TYPE)]
        if tiles_url is not None and self.points.tiles is not None:
            tiles = self.points.tiles
            options = {"obsPoints": {**place, "path": tiles.path}}
            files.append(_build_file(f"{tiles_url}/{tiles.store}", options, ALL_UID, ALL_TYPE))
            files.append(_build_file(tiles_url, genes, ALL_UID, ALL_TYPE))
        return files

    def build_layers(self, genes: tuple[str, ...], *, has_all: bool) -> list[Layer]:
        """The points of a few genes, and hidden at first a layer of all points, which is drawn only from near."""
        if self.points is None:
            return []
        name = self.points.name
        layers = [_build_layer(UID, POINT_TYPE, name, genes, is_visible=bool(genes))]
        if has_all:
            layers.append(_build_layer(ALL_UID, ALL_TYPE, _name_all(name), genes, is_visible=False))
        return layers

    def find_samples(self, *, has_all: bool) -> list[Finding]:
        """That only a sample is drawn, and how to see more."""
        if self.points is None or not self.is_sampled:
            return []
        see = f"Turn on the layer {_name_all(self.points.name)!r} and zoom in to see all of them."
        return [
            Finding(
                code="view-points-sampled",
                severity="info",
                path=self.points.path,
                message=f"Of the {self.points.n_points:,} points of {self.points.name}, an even sample of about "
                f"{MAX_DRAWN_POINTS:,} is drawn.",
                fix=see if has_all else "Load the dataset to work with all of them.",
            )
        ]


def _name_all(name: str) -> str:
    return f"{name}: all, from near"


def _build_file(url: str, options: Mapping[str, object], uid: str, type_: str) -> File:
    values = {"fileUid": uid, "obsType": type_, "featureType": FEATURE_TYPE}
    return File(file_type="spatialdata.zarr", url=url, options=options, coordination_values=values)


def _build_layer(uid: str, type_: str, name: str, genes: tuple[str, ...], *, is_visible: bool) -> Layer:
    """Transcripts of a few genes, in one colour per gene.

    They have a gene selection of their own: the one that the views share starts empty next to cell sets, and without a
    gene the viewer would draw every transcript on top of everything.
    """
    values = {
        "fileUid": uid,
        "obsType": type_,
        "spatialLayerLabel": name,
        "spatialLayerVisible": is_visible,
        "spatialLayerOpacity": 1.0,
        "obsColorEncoding": "randomByFeature",
        "featureSelection": list(genes) or None,
        "featureFilterMode": "featureSelection",
    }
    return Layer(kind="pointLayer", values=values, is_linked=True)
