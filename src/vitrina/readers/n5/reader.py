"""N5 containers, with images of several levels as Paintera, CellMap and n5-viewer store them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vitrina.errors import UnreadableError, UnsupportedError, VitrinaError
from vitrina.model.content import Content
from vitrina.model.finding import Finding
from vitrina.readers.array_axes import tell_guess
from vitrina.readers.damage import reading
from vitrina.readers.described import PixelReader, StoredImage, describe_stored
from vitrina.readers.n5.images import N5Image, group_images
from vitrina.readers.n5.pixels import open_n5_pixels
from vitrina.readers.n5.tree import ATTRIBUTES, iterate_arrays, read_attributes

if TYPE_CHECKING:
    from vitrina.model.content import ImageElement, LabelsElement
    from vitrina.pyramid.source import PixelSource
    from vitrina.readers.source import Source

_DAMAGE = "n5-damaged", "N5"

MAX_IMAGES = 64
"""Further images of a container are left out of the description."""


class N5Reader(PixelReader):
    """Reads N5 containers in folders."""

    format = "n5"

    def detect(self, source: Source) -> bool:
        if not source.is_folder or not (source.path / ATTRIBUTES).is_file():
            return False
        try:
            attributes = read_attributes(source.path)
        except VitrinaError:
            return source.path.suffix.lower() == ".n5"
        return "n5" in attributes or {"dimensions", "blockSize", "dataType"} <= set(attributes)

    def read_content(self, source: Source) -> Content:
        with reading(source, *_DAMAGE):
            found = group_images(source.path, iterate_arrays(source.path))
            version = read_attributes(source.path).get("n5")
            described = [self._describe(source, image) for image in found[:MAX_IMAGES]]
            elements = [element for element, _ in described if element is not None]
            if not elements:
                raise UnreadableError(
                    "image-missing", f"{source.path} holds no image that can be read.", where=str(source.path)
                )
            findings = [finding for _, own in described for finding in own]
            if len(found) > MAX_IMAGES:
                message = f"The container holds {len(found) - MAX_IMAGES:,} more images, which are not shown."
                findings.append(Finding(code="images-left-out", severity="info", path="#", message=message))
            return Content(
                format=self.format,
                format_version=version if isinstance(version, str) else None,
                elements=tuple(elements),
                findings=tuple(findings),
            )

    def open_pixels(self, source: Source, element: ImageElement | LabelsElement, level: int) -> PixelSource:
        own = element.levels[level]
        with reading(source, *_DAMAGE):
            return open_n5_pixels(source.path, own.path, element.axes, own.shape)

    def _describe(
        self, source: Source, image: N5Image
    ) -> tuple[ImageElement | LabelsElement | None, tuple[Finding, ...]]:
        stored = StoredImage(
            name=image.path.replace("/", "_") or source.path.stem,
            path=image.path,
            axes=image.axes,
            dtype=image.dtype,
            levels=image.levels,
        )
        try:
            element, guessed = describe_stored(self, source, stored)
        except UnsupportedError as err:
            left_out = Finding(
                code=err.code, severity="warning", path=f"{image.path}#", message=err.message, fix=err.hint
            )
            return None, (left_out,)
        told = (
            [tell_guess(image.path, image.levels[0].shape, image.axes)] if image.is_guess and not image.has_size else []
        )
        if not image.has_size:
            message = "The metadata does not say how large the pixels are, so sizes are given in pixels."
            told.append(Finding(code="pixel-size-missing", severity="warning", path=f"{image.path}#", message=message))
        return element, (*told, *guessed)
