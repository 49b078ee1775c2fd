"""What an automatic view shows, decided before any Vitessce JSON is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitrina.model.content import ExtentXY
    from vitrina.model.finding import Finding

type LayerKind = Literal["imageLayer", "segmentationLayer", "spotLayer", "pointLayer"]

OBS_TYPE = "cell"
POINT_TYPE = "point"
FEATURE_TYPE = "gene"


@dataclass(frozen=True, slots=True, kw_only=True)
class Urls:
    """Where the viewer finds the bytes.

    Attributes:
        data: The stored artifact itself, without a slash at the end.
        zarr: The gateway's tree of the artifact, without a slash at the end.
    """

    data: str
    zarr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file definition: a URL, how to read it, and the coordination values it answers to."""

    file_type: str
    url: str
    options: Mapping[str, object] | None = None
    coordination_values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of the spatial view.

    Attributes:
        kind: Coordination type of the layer.
        values: Coordination values of the layer itself.
        channels: Coordination values per channel, for images and segmentations.
        is_linked: Whether its colours follow the cell sets and genes chosen for the table.
    """

    kind: LayerKind
    values: Mapping[str, object]
    channels: tuple[Mapping[str, object], ...] = ()
    is_linked: bool = False


@dataclass(frozen=True, slots=True)
class CellSet:
    """A column offered as cell sets, with its categories as far as they are known."""

    name: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPlan:
    """The whole view.

    Attributes:
        extent_xy: What the spatial view must show, in its own coordinates; None leaves the camera to the viewer.
        embeddings: Names as the viewer shows them, best first.
        sets: Columns offered as cell sets, best first.
        genes: Genes selected at first; empty when the table has none.
        has_matrix: Whether genes can be listed and coloured by.
        has_heatmap: Whether all values are few enough to draw at once.
        target_z: Plane shown first.
        findings: What is left out and why; an ``error`` means that there is nothing to show.
    """

    files: tuple[File, ...] = ()
    layers: tuple[Layer, ...] = ()
    extent_xy: ExtentXY | None = None
    embeddings: tuple[str, ...] = ()
    sets: tuple[CellSet, ...] = ()
    genes: tuple[str, ...] = ()
    has_matrix: bool = False
    has_heatmap: bool = False
    target_z: int | None = None
    findings: tuple[Finding, ...] = ()
