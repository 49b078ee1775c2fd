"""The elements of a described dataset one by one: pixels, tables, shapes, points; whatever they lie in.

What is written in another format is read through these functions, and so no target knows a source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import NotFoundError, UnsupportedError
from vitrina.readers.open_plate import hold_plate
from vitrina.readers.reader import OpensPixels, OpensPlates, ReadsPlates, ReadsPoints, ReadsShapes, ReadsTables
from vitrina.readers.registry import get_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch

    from vitrina.model.content import Content, ImageElement, LabelsElement, PointsElement, ShapesElement, TableElement
    from vitrina.model.plate import Plate
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.open_plate import OpenPlate
    from vitrina.readers.source import Source


def open_pixels(source: Source, content: Content, element: ImageElement | LabelsElement, level: int = 0) -> PixelSource:
    """Open one level of an image or label image; the caller closes it.

    Args:
        source: The dataset.
        content: What its reader found in it.
        element: One of its images.
        level: Number of the level, 0 for the finest.

    Raises:
        NotFoundError: The image has no such level.
        UnreadableError: The dataset is damaged, or not what its reader found any more.
        UnsupportedError: It is stored in a way, or has axes or values, that cannot be read as pixels.
    """
    if not 0 <= level < len(element.levels):
        raise NotFoundError(
            "level-missing",
            f"The image {element.name!r} in {source.path} has {len(element.levels)} levels; there is no level {level}.",
            where=str(source.path),
        )
    reader = get_reader(content.format)
    if not isinstance(reader, OpensPixels):
        raise _unsupported(source, content, "pixels")
    return reader.open_pixels(source, element, level)


def read_table(source: Source, content: Content, element: TableElement) -> AnnData:
    """A table; what is large may lie in the source still, as backed AnnData.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: Tables of this format cannot be read one by one.
    """
    reader = get_reader(content.format)
    if not isinstance(reader, ReadsTables):
        raise _unsupported(source, content, "tables")
    return reader.read_table(source, element)


def read_shapes(source: Source, content: Content, element: ShapesElement) -> GeoDataFrame:
    """Polygons, or circles as points with a column ``radius``, in the element's own coordinates.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: Shapes of this format cannot be read one by one.
    """
    reader = get_reader(content.format)
    if not isinstance(reader, ReadsShapes):
        raise _unsupported(source, content, "shapes")
    return reader.read_shapes(source, element)


def iterate_points(source: Source, content: Content, element: PointsElement) -> Iterator[RecordBatch]:
    """Points in batches, with columns named as the element's axes and ``columns`` say, in its own coordinates.

    Raises:
        UnreadableError: The dataset is damaged.
        UnsupportedError: Points of this format cannot be read one by one.
    """
    reader = get_reader(content.format)
    if not isinstance(reader, ReadsPoints):
        raise _unsupported(source, content, "points")
    return reader.iterate_points(source, element)


def read_plate(source: Source, content: Content) -> Plate | None:
    """All fields of view of a plate, None for what is no plate; a description has only the first of them.

    Raises:
        UnreadableError: The dataset is damaged.
    """
    reader = get_reader(content.format)
    return reader.read_plate(source) if isinstance(reader, ReadsPlates) else None


def open_plate(source: Source, content: Content) -> OpenPlate | None:
    """The names of all fields of view of a plate, to describe one by one; None for what is no plate.

    Raises:
        UnreadableError: The dataset is damaged.
    """
    reader = get_reader(content.format)
    if isinstance(reader, OpensPlates):
        return reader.open_plate(source)
    plate = read_plate(source, content)
    return None if plate is None else hold_plate(plate)


def _unsupported(source: Source, content: Content, what: str) -> UnsupportedError:
    return UnsupportedError(
        f"{what}-unsupported",
        f"{source.path} is {content.format}, stored as {content.container}; no {what} can be read from that.",
        where=str(source.path),
    )
