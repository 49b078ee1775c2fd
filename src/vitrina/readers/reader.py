"""The seam between Vitrina and foreign formats: what a reader must be able to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt
    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch

    from vitrina.model.content import Content, ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
    from vitrina.model.plate import Plate
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.open_plate import OpenPlate
    from vitrina.readers.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterPreview:
    """A small version of an image, from its coarsest level that still has enough pixels.

    Attributes:
        pixels_cyx: The image as stored, any dtype, at most a few hundred pixels per side more than asked for.
        colors_rgb: Display colour per channel, 0 to 255; empty when ``is_rgb``.
        windows: Lowest and highest intensity to display, per channel; empty when ``is_rgb``.
        is_rgb: Whether the three channels are red, green and blue of one colour image.
        is_labels: Whether pixels are label ids, to be drawn in one colour each.
    """

    pixels_cyx: npt.NDArray[np.generic]
    colors_rgb: tuple[tuple[int, int, int], ...] = ()
    windows: tuple[tuple[float, float], ...] = ()
    is_rgb: bool = False
    is_labels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterPreview:
    """Positions of observations in space or in an embedding.

    Attributes:
        points_xy: n x 2, float64. At most 20,000 rows, evenly sampled from all.
        groups: Integer code per point, -1 for none; drawn in one colour each.
        is_spatial: Whether the points lie in space, where y points down; in an embedding it points up.
    """

    points_xy: npt.NDArray[np.float64]
    groups: npt.NDArray[np.int64]
    is_spatial: bool


type Preview = RasterPreview | ScatterPreview


class Reader(Protocol):
    """Reads one format. Readers have no state; one instance serves all sources."""

    @property
    def format(self) -> str:
        """The ``Content.format`` that this reader produces."""

    def detect(self, source: Source) -> bool:
        """Whether the source is of this format, judged by a few bytes of content; never raises on damaged input."""

    def read_content(self, source: Source) -> Content:
        """What is in the source: metadata, and pixels of the coarsest level where contrast windows must be measured.

        Raises:
            UnreadableError: The source is damaged, or not what it claims to be.
        """

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        """Something to draw a thumbnail from, or None when there is nothing to draw.

        Raises:
            UnreadableError: The source is damaged.
        """

    def read_object(self, source: Source) -> object:
        """The whole dataset in memory, detached from the source: AnnData, SpatialData, DataFrame, DataArray.

        Raises:
            UnreadableError: The source is damaged.
        """

    def open_object(self, source: Source) -> object:
        """A lazy, read-only handle: backed AnnData, lazy SpatialData, zarr.Group, TiffFile, pyarrow Dataset.

        Raises:
            UnreadableError: The source is damaged.
        """


@runtime_checkable
class OpensPixels(Protocol):
    """A reader of a format with images; see ``elements.open_pixels``."""

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource: ...


@runtime_checkable
class ReadsTables(Protocol):
    """A reader of a format with tables; see ``elements.read_table``."""

    def read_table(self, source: Source, element: TableElement) -> AnnData: ...


@runtime_checkable
class ReadsShapes(Protocol):
    """A reader of a format with shapes; see ``elements.read_shapes``."""

    def read_shapes(self, source: Source, element: ShapesElement) -> GeoDataFrame: ...


@runtime_checkable
class ReadsPoints(Protocol):
    """A reader of a format with points; see ``elements.iterate_points``."""

    def iterate_points(self, source: Source, element: PointsElement) -> Iterator[RecordBatch]: ...


@runtime_checkable
class ReadsPlates(Protocol):
    """A reader of a format with multi-well plates; see ``elements.read_plate``."""

    def read_plate(self, source: Source) -> Plate | None: ...


@runtime_checkable
class OpensPlates(Protocol):
    """A reader of plates that can describe their fields one by one; see ``elements.open_plate``."""

    def open_plate(self, source: Source) -> OpenPlate | None: ...
