"""SpatialData in Zarr, version 2 or 3, in a folder or a zip file."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitrina.errors import UnreadableError
from vitrina.model.content import Content, ImageElement, LabelsElement, TableElement
from vitrina.readers import spatialdata_parts
from vitrina.readers.anndata_table import read_table_preview
from vitrina.readers.damage import check_not_empty, is_empty_file, reading
from vitrina.readers.pixels.zarr import open_zarr_pixels
from vitrina.readers.quiet import without_format_warnings
from vitrina.readers.raster import read_raster_preview
from vitrina.readers.spatialdata_elements import read_elements
from vitrina.readers.spatialdata_memory import read_into_memory
from vitrina.readers.spatialdata_placement import list_coordinate_systems
from vitrina.readers.zarr_tree import find_zarr_tree, get_zarr_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

    from anndata import AnnData
    from geopandas import GeoDataFrame
    from pyarrow import RecordBatch
    from spatialdata import SpatialData

    from vitrina.model.content import PointsElement, ShapesElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.reader import Preview
    from vitrina.readers.source import Source
    from vitrina.readers.zarr_tree import ZarrTree

_ATTRS = "spatialdata_attrs"
_VECTOR_FOLDERS = ("points", "shapes", "tables", "table")
_DAMAGE = "spatialdata-damaged", "SpatialData"


class SpatialDataReader:
    """Reads SpatialData: images, labels, points, shapes and tables in common coordinate systems."""

    format = "spatialdata"

    def detect(self, source: Source) -> bool:
        if is_empty_file(source, ".sdata.zarr.zip"):
            return True
        try:
            zarr_tree = find_zarr_tree(source)
            return zarr_tree is not None and (_ATTRS in zarr_tree.read_attrs() or _is_old(zarr_tree))
        except UnreadableError:
            return False

    def read_content(self, source: Source) -> Content:
        check_not_empty(source)
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            attrs = zarr_tree.read_attrs()
            elements, findings = read_elements(zarr_tree)
            own, stated = attrs.get("vitrina"), attrs.get(_ATTRS)
            version = stated.get("version") if isinstance(stated, dict) else None
            return Content(
                format=self.format,
                format_version=version if isinstance(version, str) else None,
                container=zarr_tree.container,
                is_zipped=zarr_tree.is_zipped,
                root=zarr_tree.root,
                elements=elements,
                coordinate_systems=list_coordinate_systems(elements),
                is_simulated=isinstance(own, dict) and own.get("simulated") is True,
                findings=findings,
            )

    def read_preview(self, source: Source, content: Content, min_side_px: int) -> Preview | None:
        with reading(source, *_DAMAGE):
            zarr_tree = get_zarr_tree(source)
            raster = _choose_raster(content)
            if raster is not None:
                return read_raster_preview(raster, lambda i: zarr_tree.open_array(raster.levels[i].path), min_side_px)
            tables = [element for element in content.elements if isinstance(element, TableElement)]
            tables.sort(key=lambda table: table.extent_xy is None)
            previews = (read_table_preview(zarr_tree.open_group(table.path), table) for table in tables)
            return next((preview for preview in previews if preview is not None), None)

    def read_object(self, source: Source) -> SpatialData:
        check_not_empty(source)
        with reading(source, *_DAMAGE), without_format_warnings(), _as_folder(source) as folder:
            import spatialdata

            return read_into_memory(spatialdata.read_zarr(folder))

    def open_object(self, source: Source) -> SpatialData:
        check_not_empty(source)
        if not source.is_folder:
            return self.read_object(source)  # parquet inside a zip file cannot be opened lazily
        with reading(source, *_DAMAGE), without_format_warnings():
            import spatialdata

            opened = spatialdata.read_zarr(source.path)
            opened.path = None  # so that nothing can be written back
            return opened

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        return open_zarr_pixels(source, element, level)

    def read_table(self, source: Source, element: TableElement) -> AnnData:
        with reading(source, *_DAMAGE):
            return spatialdata_parts.read_table(get_zarr_tree(source), element)

    def read_shapes(self, source: Source, element: ShapesElement) -> GeoDataFrame:
        with reading(source, *_DAMAGE):
            return spatialdata_parts.read_shapes(get_zarr_tree(source), element)

    def iterate_points(self, source: Source, element: PointsElement) -> Iterator[RecordBatch]:
        with reading(source, *_DAMAGE):
            yield from spatialdata_parts.iterate_points(get_zarr_tree(source), element)


def _is_old(zarr_tree: ZarrTree) -> bool:
    """Whether an element says that it belongs to SpatialData; before 0.2 the root did not."""
    for folder in _VECTOR_FOLDERS:
        for name in zarr_tree.tree.list_children(folder):
            attrs = zarr_tree.read_attrs(f"{folder}/{name}")
            if _ATTRS in attrs or "spatialdata-encoding-type" in attrs:
                return True
    return False


def _choose_raster(content: Content) -> ImageElement | LabelsElement | None:
    """A colour image, else any image, else labels."""
    images = [element for element in content.elements if isinstance(element, ImageElement)]
    labels = [element for element in content.elements if isinstance(element, LabelsElement)]
    colored = [image for image in images if image.is_rgb]
    choice: list[Any] = [*colored, *images, *labels]
    return choice[0] if choice else None


@contextmanager
def _as_folder(source: Source) -> Iterator[Path]:
    """The folder of a source; a zip file is unpacked for as long as it is needed."""
    if source.is_folder:
        yield source.path
        return
    import zipfile

    zarr_tree = get_zarr_tree(source)
    with tempfile.TemporaryDirectory(prefix="vitrina-") as folder:
        with zipfile.ZipFile(source.path) as archive:
            _check_room(archive, source, folder)
            archive.extractall(folder)  # zipfile keeps names inside
        yield Path(folder) / zarr_tree.root


def _check_room(archive: ZipFile, source: Source, folder: str) -> None:
    """Whether a zip file fits on the disk when it is unpacked.

    Raises:
        UnreadableError: It does not.
    """
    needed = sum(entry.file_size for entry in archive.infolist())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UnreadableError(
            "zip-too-large",
            f"{source.path} takes {needed:,} bytes when it is unpacked, and there are {free:,} in {folder}.",
            hint="Unpack it yourself where there is room, and load the folder.",
            where=str(source.path),
        )
