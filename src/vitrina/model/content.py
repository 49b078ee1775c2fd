"""What a dataset contains: its elements, axes, sizes, channels, columns.

A reader fills these records once, when the dataset is added; everything that describes, lists or draws a dataset works
from them and does not open the bytes again. Words follow SpatialData (image, labels, points, shapes, table) and NGFF
(axis, level, channel).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from vitrina.model.finding import Finding
from vitrina.model.jsonable import TaggedBy

type AxisType = Literal["space", "time", "channel"]
type AffineXY = tuple[float, float, float, float, float, float]
type ExtentXY = tuple[float, float, float, float]

IDENTITY_XY: AffineXY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One dimension of an array.

    Attributes:
        name: ``t``, ``c``, ``z``, ``y`` or ``x``, or what the source calls it.
        type: NGFF axis type, or None when the source does not say.
        unit: UDUNITS-2 name as NGFF spells it (``micrometer``, ``second``), or None when unknown.
    """

    name: str
    type: AxisType | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One resolution level of an image or label image, finest first.

    Attributes:
        path: Path of the array inside the artifact; the level's number for formats without paths (TIFF).
        shape: Size in pixels, one entry per axis of the element, in axis order.
        chunk_shape: Size of the smallest part that can be read on its own, in axis order; None when unknown.
        scale: Size of one pixel along each axis, in the unit of that axis; 1.0 for channels and unknown sizes.
        translation: Position of the first pixel's centre along each axis, in the unit of that axis.
    """

    path: str
    shape: tuple[int, ...]
    chunk_shape: tuple[int, ...] | None
    scale: tuple[float, ...]
    translation: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One channel of an image.

    Attributes:
        name: As the source calls it, else ``Channel 0``, ``Channel 1``, ...
        color_rgb: Display colour, each part 0 to 255; None when the source has none.
        window: Lowest and highest intensity to display, in the image's own values; None when not measured.
    """

    name: str
    color_rgb: tuple[int, int, int] | None = None
    window: tuple[float, float] | None = None


RGB_CHANNELS = (
    Channel(name="Red", color_rgb=(255, 0, 0)),
    Channel(name="Green", color_rgb=(0, 255, 0)),
    Channel(name="Blue", color_rgb=(0, 0, 255)),
)
"""Of a colour image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where an element lies in a coordinate system.

    Attributes:
        coordinate_system: Its name, ``global`` by SpatialData's convention.
        affine_xy: ``(a, b, c, d, e, f)`` with ``x' = a*x + b*y + c`` and ``y' = d*x + e*y + f``, from the element's own
            coordinates (pixels of the finest level for images and labels) to the coordinate system.
        scale_z: ``z' = scale_z*z + offset_z``, for elements with depth.
        offset_z: See ``scale_z``.
    """

    coordinate_system: str
    affine_xy: AffineXY = IDENTITY_XY
    scale_z: float = 1.0
    offset_z: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table, of points or of shapes.

    Attributes:
        name: Column name.
        dtype: ``category``, ``string``, ``bool``, ``datetime`` or a NumPy name such as ``float32``.
        n_categories: Number of distinct categories, for ``category`` only.
        categories: The first categories, at most 100, as text.
    """

    name: str
    dtype: str
    n_categories: int | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """A per-observation array: an embedding or coordinates (``obsm``)."""

    name: str
    n_dims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """How the values of a table are stored.

    Attributes:
        encoding: ``dense`` (row-major), ``csr`` or ``csc``.
        dtype: NumPy name of the stored values.
        chunk_shape: Observations x variables of one chunk, for dense chunked storage.
    """

    encoding: Literal["dense", "csr", "csc"]
    dtype: str
    chunk_shape: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageElement:
    """An image. ``path`` is its node inside the artifact, empty when the artifact is the image itself."""

    name: str
    path: str
    axes: tuple[Axis, ...]
    dtype: str
    levels: tuple[Level, ...]
    channels: tuple[Channel, ...]
    is_rgb: bool = False
    placements: tuple[Placement, ...] = ()
    kind: Literal["image"] = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsElement:
    """A label image: integer pixels, 0 is background."""

    name: str
    path: str
    axes: tuple[Axis, ...]
    dtype: str
    levels: tuple[Level, ...]
    placements: tuple[Placement, ...] = ()
    kind: Literal["labels"] = "labels"


@dataclass(frozen=True, slots=True, kw_only=True)
class PointTiles:
    """A copy of points in tiles, for viewers that load what lies in their window.

    Attributes:
        store: Path of the store that it is.
        path: Of the points in that store.
        table: Path of the table whose variables the numbers of genes in it count.
    """

    store: str
    path: str
    table: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsElement:
    """Points such as transcripts.

    Attributes:
        axes: Names of the coordinate columns, ``x`` first.
        feature_key: Column that holds the gene of each point, or None.
        instance_key: Column that holds the id of the cell of each point, where the source says which, or None.
        extent_xy: ``(min x, min y, max x, max y)`` in the element's own coordinates, or None when not measured.
        tiles: A copy in tiles, or None.
    """

    name: str
    path: str
    n_points: int | None
    axes: tuple[str, ...]
    feature_key: str | None = None
    columns: tuple[Column, ...] = ()
    extent_xy: ExtentXY | None = None
    placements: tuple[Placement, ...] = ()
    instance_key: str | None = None
    tiles: PointTiles | None = None
    kind: Literal["points"] = "points"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapesElement:
    """Polygons or circles. ``extent_xy`` is ``(min x, min y, max x, max y)`` in the element's own coordinates."""

    name: str
    path: str
    n_shapes: int
    geometry: Literal["polygon", "circle", "mixed", "unknown"]
    columns: tuple[Column, ...] = ()
    extent_xy: ExtentXY | None = None
    placements: tuple[Placement, ...] = ()
    kind: Literal["shapes"] = "shapes"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableElement:
    """Observations x variables with their annotations (AnnData), or a plain table.

    Attributes:
        n_vars: Number of variables; 0 for a plain table.
        matrix: How ``X`` is stored; None when there is none.
        obs_columns: Columns of ``obs``, or of the plain table.
        var_names: The first variable names, at most 100.
        embeddings: ``obsm`` entries.
        region: Names of the elements that the observations annotate (SpatialData).
        region_key: ``obs`` column that names the element of each observation.
        instance_key: ``obs`` column that holds the id of each observation inside its element.
        position_columns: Columns that hold x and y of each observation, when ``obsm`` has no coordinates.
        extent_xy: ``(min x, min y, max x, max y)`` of the observations' positions in space (``obsm/spatial`` or
            ``position_columns``), or None when there are none or they were not measured.
    """

    name: str
    path: str
    n_obs: int
    n_vars: int = 0
    matrix: Matrix | None = None
    obs_columns: tuple[Column, ...] = ()
    var_columns: tuple[Column, ...] = ()
    var_names: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    embeddings: tuple[Embedding, ...] = ()
    region: tuple[str, ...] = ()
    region_key: str | None = None
    instance_key: str | None = None
    position_columns: tuple[str, str] | None = None
    extent_xy: ExtentXY | None = None
    kind: Literal["table"] = "table"


type Element = Annotated[
    ImageElement | LabelsElement | PointsElement | ShapesElement | TableElement, TaggedBy(field="kind")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a dataset contains.

    Attributes:
        format: ``spatialdata``, ``anndata``, ``ome-zarr``, ``ome-tiff``, ``tiff``, ``table``, or ``file`` / ``folder``
            for what no reader knows.
        format_version: Version of that format as the metadata says it, or None.
        container: How the bytes lie: ``zarr2``, ``zarr3``, ``hdf5``, ``tiff``, ``csv``, ``parquet``, ``other``.
        is_zipped: Whether a Zarr tree is inside a zip file.
        root: Path of the dataset's root inside a zip file, empty when it is the zip's own root.
        elements: In the order in which they should be listed.
        coordinate_systems: Names, SpatialData only.
        is_simulated: Whether the data declares itself as simulated; then every page that shows it says so.
        is_untrusted: Whether it is of someone whom nobody here knows, so that its parsers run in the sandbox.
        findings: What was guessed, is missing or is odd.
        overridden: Paths of the elements of which a person said more than the file; see ``model.overrides``.
    """

    format: str
    format_version: str | None = None
    container: Literal["zarr2", "zarr3", "hdf5", "tiff", "csv", "parquet", "other"] = "other"
    is_zipped: bool = False
    root: str = ""
    elements: tuple[Element, ...] = ()
    coordinate_systems: tuple[str, ...] = ()
    is_simulated: bool = False
    is_untrusted: bool = False
    findings: tuple[Finding, ...] = ()
    overridden: tuple[str, ...] = ()

    @property
    def is_recognized(self) -> bool:
        """Whether a reader knows the format."""
        return self.format not in ("file", "folder")

    @property
    def n_observations(self) -> int | None:
        """Observations of the largest table, None without a table."""
        return max((element.n_obs for element in self.elements if isinstance(element, TableElement)), default=None)
