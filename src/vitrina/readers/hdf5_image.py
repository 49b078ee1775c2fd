"""Images in HDF5 files: datasets of numbers with 2 to 5 dimensions, with whatever tells their axes and sizes.

Axes are taken from ``axistags`` (ilastik, vigra), from labels and scales of dimensions (h5py, netCDF4), sizes from
``element_size_um`` (Fiji, PlantSeg) and from evenly spaced scales.
Source: https://www.ilastik.org/documentation/basics/dataselection and
https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html#netcdf_4_spec
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, UnsupportedError, VitrinaError
from vitrina.model.content import Content, Level
from vitrina.readers.array_axes import tell_guess
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.form import HDF5_MAGIC
from vitrina.readers.hdf5 import open_hdf5
from vitrina.readers.hdf5_datasets import DatasetImage, find_images
from vitrina.readers.pixels.hdf5 import open_hdf5_pixels

if TYPE_CHECKING:
    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.model.finding import Finding
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

_DAMAGE = "hdf5-damaged", "HDF5"


class Hdf5ImageReader(PixelReader):
    """Reads HDF5 files of no particular format, and netCDF4."""

    format = "hdf5-image"

    def detect(self, source: Source) -> bool:
        if not source.head.startswith(HDF5_MAGIC):
            return False
        try:
            with open_hdf5(source.path) as file:
                return bool(find_images(file)[0])
        except (VitrinaError, OSError, RuntimeError, KeyError, ValueError):
            return False

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            with open_hdf5(source.path) as file:
                found, findings = find_images(file)
            described = [self._describe(source, image) for image in found]
            elements = [element for element, _ in described if element is not None]
            if not elements:
                raise UnreadableError(
                    "image-missing", f"{source.path} holds no image that can be read.", where=str(source.path)
                )
            return Content(
                format=self.format,
                container="hdf5",
                elements=tuple(elements),
                findings=(*findings, *(finding for _, own in described for finding in own)),
            )

    def open_object(self, source: Source) -> object:
        return open_hdf5(source.path)

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        return open_hdf5_pixels(source, element.levels[level].path, element.axes, element.levels[level].shape)

    def _describe(
        self, source: Source, image: DatasetImage
    ) -> tuple[ImageElement | LabelsElement | None, tuple[Finding, ...]]:
        level = Level(
            path=image.path,
            shape=image.shape,
            chunk_shape=image.chunk_shape,
            scale=image.scale,
            translation=image.translation,
        )
        stored = StoredImage(
            name=image.path.replace("/", "_"), path=image.path, axes=image.axes, dtype=image.dtype, levels=(level,)
        )
        try:
            element, guessed = describe_stored(self, source, stored)
        except UnsupportedError as err:
            return None, (image.tell_left_out(err),)
        told = (tell_guess(image.path, image.shape, image.axes),) if image.is_guess else ()
        return element, (*told, *guessed)
